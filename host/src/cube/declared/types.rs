//! The people behind a cube, and its demands on a machine.

use serde_json::Value;

/// One of the people behind a cube.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// The person.
    pub name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The employer.
    pub organisation: Option<String>,
}

/// The section `platform` of a cube.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Platform {
    /// The number of accelerators that a task needs.
    pub accelerator_count: u32,
    /// The whole section, resolved as far as possible.
    pub raw: Value,
}
