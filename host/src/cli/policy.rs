//! The command line of policies: the flags that select and configure them, and the commands for
//! those who write and ship them.

use super::{DescribeFormat, ManifestFormat};
use clap::{Args, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// `policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Print the description and the capabilities of a component: name, version, capabilities,
    /// settings, size, digest
    Inspect(InspectPolicyArgs),
    /// Write the policies of the policies file, by digest, to `policies.lock` beside it
    Lock(LockArgs),
    /// Compile policies into the cache, so that later runs start faster
    Precompile(PrecompileArgs),
    /// Review the Jobs of a recording again, without a cluster, and compare the result with what
    /// was recorded
    Replay(ReplayArgs),
}

/// `policy inspect`.
#[derive(Debug, Args)]
pub struct InspectPolicyArgs {
    /// A component, or the core module that `cargo build` makes
    pub file: PathBuf,
    /// A limit of policies, as in `memory=128Mi` or `wall=5s`
    #[arg(long, value_name = "LIMIT=VALUE")]
    pub limit: Vec<String>,
    /// The format of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: DescribeFormat,
}

/// `policy lock`.
#[derive(Debug, Args)]
pub struct LockArgs {
    /// The policies file
    #[arg(long, value_name = "FILE")]
    pub policies: Option<OsString>,
    /// A limit of policies, as in `memory=128Mi` or `wall=5s`; it is locked too
    #[arg(long, value_name = "LIMIT=VALUE")]
    pub limit: Vec<String>,
}

/// `policy precompile`.
#[derive(Debug, Args)]
pub struct PrecompileArgs {
    /// The policies; those of the policies file are compiled too
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The policies file
    #[arg(long, value_name = "FILE")]
    pub policies: Option<OsString>,
    /// A limit of policies, as in `memory=128Mi` or `wall=5s`: code is kept for runs with the same
    #[arg(long, value_name = "LIMIT=VALUE")]
    pub limit: Vec<String>,
}

/// `policy replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A file that `--record` wrote
    pub file: PathBuf,
    /// A secret setting of a policy, which the recording does not hold
    #[arg(long, value_name = "NAME.KEY=VALUE")]
    pub set: Vec<String>,
    /// A limit of policies in place of the recorded one, as in `wall=5s`
    #[arg(long, value_name = "LIMIT=VALUE")]
    pub limit: Vec<String>,
    /// Show which policy changed which field, from what to what, and why: on stderr, or as JSON
    /// lines instead of the manifest
    #[arg(
        long,
        value_name = "FORMAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "lines"
    )]
    pub explain: Option<ExplainFormat>,
    /// The format of the manifest
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,
}

/// The policies and their settings.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Policies")]
pub struct PolicyArgs {
    /// A policy: a component, or the core module that `cargo build` makes. Repeatable; the order
    /// matters
    #[arg(long, value_name = "[NAME=]FILE")]
    pub policy: Vec<String>,
    /// Settings of a policy from a YAML or JSON file
    #[arg(long, value_name = "NAME=FILE")]
    pub settings: Vec<String>,
    /// One setting of a policy; a dot inside a key is written `\.`
    #[arg(long, value_name = "NAME.KEY=VALUE")]
    pub set: Vec<String>,
    /// A list of policies with their settings, as a platform team ships it; empty for none
    #[arg(long, value_name = "FILE")]
    pub policies: Option<OsString>,
    /// The capabilities that a policy may use, and no others, such as `scheduling` or `cluster`
    #[arg(long, value_name = "NAME=CAPABILITY,…")]
    pub grant: Vec<String>,
    /// Audit a policy: report its verdict and edits without applying them; without a name, every
    /// policy
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    pub audit: Vec<String>,
    /// A limit of policies, as in `memory=128Mi` or `wall=5s`
    #[arg(long, value_name = "LIMIT=VALUE")]
    pub limit: Vec<String>,
    /// Use the policies of `policies.lock` beside the policies file and no others
    #[arg(long)]
    pub locked: bool,
    /// Record everything that the reviews see and answer to a file for `policy replay`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Compile policies again and cache nothing
    #[arg(long)]
    pub no_cache: bool,
}

/// The format of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// Lines for people on stderr.
    Lines,
    /// One JSON object per review on stdout, instead of the manifest.
    Json,
}
