//! Tasks and parameters as the author of a cube declared them. A declared task was checked as a
//! whole; only a default may still carry a fault, for whoever uses it.

use super::deferred::Deferred;
use crate::yaml::Position;

/// One task of a cube.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The name under `tasks`.
    pub name: String,
    /// The words of the task's own entry point, the command first; without one the image's is used.
    pub entrypoint: Option<Vec<String>>,
    /// The inputs in the order of the file.
    pub inputs: Vec<Parameter>,
    /// The outputs in the order of the file.
    pub outputs: Vec<Parameter>,
    /// The place of the declaration.
    pub at: Position,
}

impl Task {
    /// Inputs, then outputs: the order of the arguments.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.inputs.iter().chain(&self.outputs)
    }
}

/// A file or directory that a task reads or writes.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The name, which becomes `--name=…`.
    pub name: String,
    /// Whether the task reads it or writes it.
    pub direction: Direction,
    /// File or directory, as declared or as the default tells.
    pub kind: Kind,
    /// The value when the command line gives none.
    pub default: Deferred<String>,
    /// The access that `opts` asks for, if it asks.
    pub access: Option<Access>,
    /// The place of the declaration.
    pub at: Position,
}

/// Input or output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The task reads it.
    Input,
    /// The task writes it.
    Output,
}

impl Direction {
    /// The word for messages: `input` or `output`.
    pub fn word(self) -> &'static str {
        match self {
            Direction::Input => "input",
            Direction::Output => "output",
        }
    }
}

/// File or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One file.
    File,
    /// A directory.
    Directory,
    /// Not declared, and not told by the value.
    Unknown,
}

impl Kind {
    /// The kind a value tells by ending in a slash of either sort, when none is declared.
    pub(crate) fn or_told_by(self, value: &str) -> Kind {
        if self == Kind::Unknown && ends_as_directory(value) { Kind::Directory } else { self }
    }
}

/// Whether a value ends in a slash of either sort: cubes are written on any system.
pub fn ends_as_directory(value: &str) -> bool {
    value.ends_with(['/', '\\'])
}

/// The access with which a parameter's place is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// `ro`.
    ReadOnly,
    /// `rw`.
    ReadWrite,
}

impl Access {
    /// Read `ro` or `rw`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "ro" => Some(Access::ReadOnly),
            "rw" => Some(Access::ReadWrite),
            _ => None,
        }
    }

    /// `ro` or `rw`.
    pub fn word(self) -> &'static str {
        match self {
            Access::ReadOnly => "ro",
            Access::ReadWrite => "rw",
        }
    }
}
