//! The names of this runner and of its defaults.

/// The source of the runner's defaults in positions.
pub const DEFAULTS: &str = "runner defaults";

/// The names of this runner; a section of a cube or an entry of the settings may use either.
pub const RUNNERS: [&str; 2] = ["k8s", "kubernetes"];
