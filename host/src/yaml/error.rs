//! The one error of what people configure: where, what, and apart from both, what to do.
//!
//! A message is one lowercase sentence that names the thing in backticks; advice is in the hint
//! alone.

use super::nearest;
use std::fmt;
use std::sync::Arc;

/// A place in what the user wrote: a file with line and column, or an argument of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    source: Arc<str>,
    /// Narrow, for every value has one; a file that is read has fewer lines and columns.
    place: Option<(u32, u32)>,
}

impl Position {
    /// The source as a whole: a file of which no single line is to blame, or an argument.
    pub fn whole(source: impl Into<Arc<str>>) -> Self {
        Self { source: source.into(), place: None }
    }

    /// A line and a column, both counted from one.
    pub fn new(source: &Arc<str>, line: usize, column: usize) -> Self {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self { source: source.clone(), place: Some((narrow(line), narrow(column))) }
    }

    /// The file or argument, without line and column.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The line, counted from one, unless the whole source is meant.
    pub fn line(&self) -> Option<usize> {
        self.place.map(|(line, _)| line as usize)
    }

    /// The column, counted from one, unless the whole source is meant.
    pub fn column(&self) -> Option<usize> {
        self.place.map(|(_, column)| column as usize)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        match self.place {
            Some((line, column)) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

/// The kind of a fault, for a caller that treats kinds differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is not YAML, or YAML that this program does not read.
    Syntax,
    /// A bound that keeps reading cheap was exceeded.
    Limit,
    /// A value is of the wrong type, unknown, missing or contradictory.
    Schema,
    /// An interpolation is malformed, leads nowhere or runs in a circle.
    Interpolation,
    /// Something asked for on the command line is not in the configuration.
    Unknown,
    /// A value of a parameter cannot be used on Kubernetes.
    Value,
}

/// A fault in what somebody configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", self.prefix())]
pub struct ConfigError {
    fault: Fault,
    at: Option<Position>,
    message: String,
    hint: Option<String>,
}

impl ConfigError {
    /// An error without a place and a hint.
    pub(crate) fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, at: None, message: message.into(), hint: None }
    }

    /// Say where the fault was written.
    pub(crate) fn at(mut self, at: &Position) -> Self {
        self.at = Some(at.clone());
        self
    }

    /// Say what to do about it.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Add a hint, unless there is one.
    pub(crate) fn or_hint(self, hint: impl Into<String>) -> Self {
        if self.hint.is_some() { self } else { self.with_hint(hint) }
    }

    /// Add "did you mean" and the list of what is known, nearest first.
    pub(crate) fn with_choices<'a>(
        self,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match nearest::advice(word, known) {
            Some(advice) => self.with_hint(advice),
            None => self,
        }
    }

    /// The kind of fault.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The place of the fault, if it was written anywhere.
    pub fn position(&self) -> Option<&Position> {
        self.at.as_ref()
    }

    /// The sentence without its position.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The advice.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// All of it in one sentence, for a warning.
    pub fn sentence(&self) -> String {
        let hint = self.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{self}{hint}")
    }

    fn prefix(&self) -> String {
        self.at.as_ref().map(|at| format!("`{at}`: ")).unwrap_or_default()
    }
}
