//! The output mode of the program.

use crate::cli::ExplainFormat;

/// The output mode: the format of events and of edits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputMode {
    /// One JSON event per line, instead of lines for people.
    pub is_json: bool,
    /// The format of edits.
    pub explain: Explain,
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
