//! The output mode of the program.

use crate::cli::{ExplainFormat, PrefixMode, VolumeArgs};
use crate::policy::Configured;

/// The output mode: the format of events and of edits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputMode {
    /// One JSON event per line, instead of lines for people.
    pub is_json: bool,
    /// The format of edits.
    pub explain: Explain,
    /// How much is told to people.
    pub volume: Volume,
    /// Whether lines of logs begin with who wrote them.
    pub prefix: Prefix,
    /// Whether the exit code of a container that failed becomes that of the program.
    pub propagates: bool,
    /// How policies are configured, for remedies.
    pub policies: Configured,
}

/// Whether lines of logs begin with who wrote them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefix {
    /// Where several may write.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<PrefixMode> for Prefix {
    fn from(mode: PrefixMode) -> Self {
        match mode {
            PrefixMode::Auto => Self::Auto,
            PrefixMode::Always => Self::Always,
            PrefixMode::Never => Self::Never,
        }
    }
}

/// How much is told to people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Volume {
    /// Warnings, errors, and outcomes other than success.
    Quiet,
    /// What happens.
    #[default]
    Usual,
    /// What policies log, and details.
    Verbose,
}

impl Volume {
    pub(super) fn of(args: VolumeArgs) -> Self {
        match (args.quiet, args.verbose) {
            (true, _) => Self::Quiet,
            (_, true) => Self::Verbose,
            _ => Self::Usual,
        }
    }
}

/// The format of edits.
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

impl From<Option<ExplainFormat>> for Explain {
    fn from(format: Option<ExplainFormat>) -> Self {
        match format {
            None => Self::No,
            Some(ExplainFormat::Lines) => Self::Lines,
            Some(ExplainFormat::Json) => Self::Json,
        }
    }
}
