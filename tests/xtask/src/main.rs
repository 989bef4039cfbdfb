//! The helper `cargo xtask`: a real local Kubernetes, the demo, the tests and the measurements.
//! What may be typed is here, and so is the one place where an error becomes a message and an exit
//! status.

mod bench;
mod cache;
mod cgroups;
mod cluster;
mod components;
mod demo;
#[cfg(test)]
mod documents;
mod error;
mod guests;
mod images;
mod instructions;
mod node;
mod patience;
mod pki;
mod policies;
mod prerequisites;
mod program;
mod say;
mod search;
mod test;
mod workspace;

use cache::Cache;
use clap::{Args, Parser, Subcommand};
use cluster::Status;
use error::{Error, Result};
use prerequisites::Installing;
use std::path::PathBuf;
use std::process::ExitCode;
use workspace::Workspace;

/// A real local Kubernetes, the demo and the tests.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Typed {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// A real Kubernetes in namespaces of its own, on this machine.
    Cluster {
        #[command(subcommand)]
        command: ClusterVerb,
    },
    /// Build the guest policies and print where they lie.
    Policies {
        #[command(flatten)]
        install: Install,
        /// Those in Python and JavaScript too, with and without stubs for WASI.
        #[arg(long)]
        languages: bool,
    },
    /// Train a model on the local cluster, through policies, and check what came out.
    Demo {
        #[command(flatten)]
        install: Install,
        /// Leave what an earlier demo wrote in the claims.
        #[arg(long)]
        keep: bool,
    },
    /// Run every test, with a cluster that is there for them alone.
    Test {
        #[command(flatten)]
        install: Install,
        /// Arguments for `cargo test`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Measure what policies cost: time, ratios, memory.
    Bench {
        #[command(flatten)]
        install: Install,
    },
    /// Count the instructions of fixed work, and compare them with the accepted counts.
    Instructions {
        #[command(flatten)]
        install: Install,
        /// Accept the counts as they are.
        #[arg(long)]
        accept: bool,
    },
    /// Search for the policy within the limits that is dearest to compile.
    Search {
        #[command(flatten)]
        install: Install,
        /// How long.
        #[arg(long, default_value_t = 30)]
        minutes: u64,
        /// Where the search begins.
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    #[command(hide = true)]
    Node { config: PathBuf },
}

#[derive(Subcommand)]
enum ClusterVerb {
    /// Start it; the first time builds Kubernetes.
    Up {
        #[command(flatten)]
        name: Name,
        #[command(flatten)]
        install: Install,
    },
    /// End it, and remove all that is left of it.
    Down {
        #[command(flatten)]
        name: Name,
    },
    /// Say whether it is up.
    Status {
        #[command(flatten)]
        name: Name,
    },
    /// Print the path of its kubeconfig.
    Kubeconfig {
        #[command(flatten)]
        name: Name,
    },
}

#[derive(Args)]
struct Name {
    /// Which cluster; several may run side by side.
    #[arg(long, default_value = "default")]
    name: String,
}

#[derive(Args)]
struct Install {
    /// Do not install what is missing, only name it.
    #[arg(long)]
    no_install: bool,
}

fn main() -> ExitCode {
    say::start();
    match run(Typed::parse().command) {
        Ok(code) => code,
        Err(error) => {
            say::error(error);
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<ExitCode> {
    match verb {
        Verb::Cluster { command } => return on_cluster(command),
        Verb::Policies { install, languages } => {
            let workspace = Workspace::read()?;
            let mut modules = policies::build(&workspace, install.meant())?;
            if languages {
                let guests = guests::build(&Cache::find()?, &workspace, install.meant())?;
                modules.extend(guests.into_iter().map(|guest| guest.file));
            }
            modules.iter().for_each(|module| say::answer(module.display()));
        }
        Verb::Demo { install, keep } => demo::run(&Cache::find()?, install.meant(), keep)?,
        Verb::Test { install, arguments } => {
            return test::run(&Cache::find()?, install.meant(), &arguments);
        }
        Verb::Bench { install } => bench::run(&Cache::find()?, install.meant())?,
        Verb::Instructions { install, accept } => instructions::run(install.meant(), accept)?,
        Verb::Search { install, minutes, seed } => search::run(install.meant(), minutes, seed)?,
        Verb::Node { config } => node::run(&config)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn on_cluster(verb: ClusterVerb) -> Result<ExitCode> {
    let cache = Cache::find()?;
    match verb {
        ClusterVerb::Up { name, install } => {
            let cluster = cluster::up(&cache, &name.name, install.meant())?;
            say::step(format!("export KUBECONFIG={}", cluster.instance.kubeconfig().display()));
        }
        ClusterVerb::Down { name } => match cluster::down(&cache, &name.name)? {
            true => say::step(format!("cluster `{}` has ended", name.name)),
            false => say::step(format!("cluster `{}` was not running", name.name)),
        },
        ClusterVerb::Status { name } => return status(&cache, &name.name),
        ClusterVerb::Kubeconfig { name } => match cluster::status(&cache, &name.name)? {
            Status::Up(instance) => say::answer(instance.kubeconfig().display()),
            _ => {
                let what = format!("cluster `{}` is not up", name.name);
                return Err(Error::new(what).hint("run `cargo xtask cluster up`"));
            }
        },
    }
    Ok(ExitCode::SUCCESS)
}

fn status(cache: &Cache, name: &str) -> Result<ExitCode> {
    let (line, code) = match cluster::status(cache, name)? {
        Status::Up(_) => ("up".to_owned(), ExitCode::SUCCESS),
        Status::Starting(report) => (format!("starting ({report})"), ExitCode::FAILURE),
        Status::Down(Some(report)) => (format!("down ({report})"), ExitCode::FAILURE),
        Status::Down(None) => ("down".to_owned(), ExitCode::FAILURE),
    };
    say::answer(line);
    Ok(code)
}

impl Install {
    fn meant(&self) -> Installing {
        if self.no_install { Installing::Forbidden } else { Installing::Allowed }
    }
}
