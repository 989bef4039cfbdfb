//! The cube room where rows do not say it all. `rows/cube/` has the tables.

/// Any text.
mod any;
/// The configuration as it is shown.
mod config;
/// The published cubes.
mod published;
/// The runner's settings, and several tasks.
mod run;
