//! What is meant by what was typed. Files and environment are read here, once; after this nothing depends on them.

mod cube;
mod limits;
mod lock;
mod policies;
mod policies_file;
mod source;
mod tools;

pub use crate::cli::{DescribeFormat, ManifestFormat};
pub use policies::{Policies, PoliciesFrom};
pub use tools::Tool;

use crate::cli::{Cli, ClusterArgs, Command, DryRun, ExplainFormat, RenderArgs, RunArgs, RunOutput};
use crate::cluster::{ClusterTarget, Patience};
use crate::cube::{BoundTask, Config, Cube};
use crate::error::Error;
use crate::job::Extras;
use crate::policy::LazyCache;
use crate::yaml::{self, Node, Origin, yaml12};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is meant: to make Jobs, only to look at a cube, or to look after policies.
pub enum Intent {
    /// Make Jobs.
    Run(Box<Plan>),
    /// Look at a cube.
    Show(Box<Show>),
    /// Look after policies.
    Tool(Box<Tool>),
}

/// What to show of a cube.
pub enum Show {
    /// Its tasks and their parameters.
    Description(Cube, DescribeFormat),
    /// The effective configuration, with its interpolations as written or resolved.
    Config {
        /// The configuration.
        config: Config,
        /// Show it resolved.
        resolve: bool,
        /// YAML or JSON.
        format: ManifestFormat,
    },
    /// That it needs no configuration step.
    Configuration(Cube),
    /// What the runner makes of it.
    Inspection(Cube, ManifestFormat),
}

impl Intent {
    /// Decide what is meant.
    pub fn new(cli: Cli) -> Result<Self, Error> {
        let show = match cli.command {
            Command::Run(args) => return Ok(Self::Run(Plan::run(args)?.into())),
            Command::Render(args) => return Ok(Self::Run(Plan::render(args)?.into())),
            Command::Describe(args) => Show::Description(cube::read(&args.cube)?, args.output),
            Command::Config(args) => {
                Show::Config { config: cube::config(&args.cube)?, resolve: args.resolve, format: args.output }
            }
            Command::Configure(args) => Show::Configuration(cube::read(&args.cube)?),
            Command::Policy { command } => return Ok(Self::Tool(Tool::new(command)?.into())),
            Command::Inspect(args) => Show::Inspection(cube::read(&args.cube)?, args.output),
        };
        Ok(Self::Show(show.into()))
    }
}

/// A run that is decided: what to make, what to do with it, how to tell it.
pub struct Plan {
    /// What to do with the admitted Jobs.
    pub deed: Deed,
    /// The cube.
    pub cube: Cube,
    /// Its tasks with their values, in the order in which they run.
    pub tasks: Vec<BoundTask>,
    /// What the command line adds to the Jobs.
    pub extras: Extras,
    /// What is worth telling of that.
    pub notices: Vec<String>,
    /// What is said of policies.
    pub policies: Policies,
    /// The cluster that policies may ask, where there is one.
    pub asked: Option<ClusterTarget>,
    /// Where compiled policies are kept, if anywhere.
    pub cache: LazyCache,
    /// How to tell what happens.
    pub voice: Voice,
}

/// What to do with the admitted Jobs.
pub enum Deed {
    /// Nothing: the reviews are what is wanted.
    Explain,
    /// Print them.
    Print {
        /// YAML or JSON.
        format: ManifestFormat,
        /// Keep `generateName` instead of a name that follows from the content.
        keep_generate_name: bool,
    },
    /// Let the API server check them, and print what it would keep.
    Check {
        /// Which cluster.
        target: ClusterTarget,
        /// YAML or JSON.
        format: ManifestFormat,
    },
    /// Submit them and wait.
    Run {
        /// Which cluster.
        target: ClusterTarget,
        /// How long to wait.
        patience: Patience,
    },
}

/// How to tell what happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Voice {
    /// One JSON event per line, instead of lines for people.
    pub is_json: bool,
    /// How to tell every edit.
    pub explain: Explain,
}

/// How edits are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Explain {
    /// Only counted.
    #[default]
    No,
    /// As lines for people.
    Lines,
    /// As JSON, one object for each review.
    Json,
}

impl Plan {
    fn run(args: RunArgs) -> Result<Self, Error> {
        let cube = cube::read(&args.cube)?;
        let tasks = cube::bind(&args.tasks, &cube)?;
        let cache = LazyCache::new(cache(args.policies.no_cache));
        let policies = lock::read(&args.policies, &cache)?;
        let patience = Patience { timeout: args.timeout.as_deref().map(duration).transpose()? };
        let target = target(args.cluster, &cube);
        let (extras, notices) = limits::read(&args.limits, &cube)?;
        let extras = Extras { namespace: target.namespace.clone(), ..extras };
        let asked = Some(target.clone());
        let wants_json = args.output == RunOutput::Json;
        let format = if wants_json { ManifestFormat::Json } else { ManifestFormat::Yaml };
        let deed = match args.dry_run {
            Some(DryRun::Client) => Deed::Print { format, keep_generate_name: false },
            Some(DryRun::Server) => Deed::Check { target, format },
            None => Deed::Run { target, patience },
        };
        // The data of a dry run is the manifest, so that people's lines go to stderr then.
        let voice = Voice {
            is_json: wants_json && args.dry_run.is_none(),
            explain: if args.explain { Explain::Lines } else { Explain::No },
        };
        Ok(Self { deed, cube, tasks, extras, notices, policies, asked, cache, voice })
    }

    fn render(args: RenderArgs) -> Result<Self, Error> {
        let cube = cube::read(&args.cube)?;
        let tasks = cube::bind(&args.tasks, &cube)?;
        let cache = LazyCache::new(cache(args.policies.no_cache));
        let policies = lock::read(&args.policies, &cache)?;
        let namespace = args.namespace.or_else(|| cube.runner.namespace.as_ref().map(|name| name.as_str().to_owned()));
        let (extras, notices) = limits::read(&args.limits, &cube)?;
        let extras = Extras { namespace, ..extras };
        let explain = explain(args.explain);
        let deed = match explain {
            Explain::Json => Deed::Explain,
            _ => Deed::Print { format: args.output, keep_generate_name: args.generate_name },
        };
        let voice = Voice { is_json: false, explain };
        Ok(Self { deed, cube, tasks, extras, notices, policies, asked: None, cache, voice })
    }
}

impl Plan {
    /// What reading the cube and the command line found odd.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let of_tasks = self.tasks.iter().flat_map(|task| &task.warnings);
        self.cube
            .warnings
            .iter()
            .chain(of_tasks)
            .chain(&self.notices)
            .chain(&self.policies.warnings)
            .cloned()
            .collect::<Vec<_>>()
            .into_iter()
    }
}

fn explain(format: Option<ExplainFormat>) -> Explain {
    match format {
        None => Explain::No,
        Some(ExplainFormat::Lines) => Explain::Lines,
        Some(ExplainFormat::Json) => Explain::Json,
    }
}

/// The namespace is the flag's, else the cube's; the context's comes later, from the kubeconfig.
fn target(args: ClusterArgs, cube: &Cube) -> ClusterTarget {
    let namespace = args.namespace.or_else(|| cube.runner.namespace.as_ref().map(|name| name.as_str().to_owned()));
    ClusterTarget { kubeconfig: args.kubeconfig, context: args.context, namespace }
}

fn duration(text: &str) -> Result<Duration, Error> {
    let parsed = text.parse::<jiff::SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    let parsed = parsed.or_else(|| text.parse().ok().map(Duration::from_secs));
    parsed.filter(|duration| !duration.is_zero()).ok_or_else(|| Error::Usage {
        what: format!("`--timeout {text}` is no duration"),
        hint: "write `90s`, `10m` or `1h30m`".into(),
    })
}

/// `$XDG_CACHE_HOME/mlcube-k8s/policies` or `~/.cache/mlcube-k8s/policies`.
fn cache(is_off: bool) -> Option<PathBuf> {
    let folder = own_folder("XDG_CACHE_HOME", ".cache")?.join("policies");
    (!is_off).then_some(folder)
}

/// This program's folder below one of the user's base directories
/// (<https://specifications.freedesktop.org/basedir-spec/latest/>).
fn own_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let base = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| std::env::home_dir().map(|home| home.join(below_home)))?;
    Some(base.join("mlcube-k8s"))
}

/// Read a YAML file that is no cube.
fn document(what: &'static str, path: &Path) -> Result<Node, Error> {
    let read = yaml::read(&read_text(what, path)?, &Origin::file(path), yaml12::plain);
    Ok(read.map_err(|error| error.or_hint(format!("{what} is YAML; docs/policies.md shows what stands in it")))?)
}

/// Read a text file that the user named.
fn read_text(what: &'static str, path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| Error::File { what, path: path.to_owned(), why: error.to_string() })
}
