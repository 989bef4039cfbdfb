//! The cube room, tested by tables: each module is one `check` and its rows.
//!
//! The expected values of the scalar and interpolation tables were compared with OmegaConf 2.1.0, the version that the
//! reference pins; a row that differs on purpose says so.

#[path = "cube_room/bind.rs"]
mod bind;
#[path = "cube_room/config.rs"]
mod config;
#[path = "cube_room/hostile.rs"]
mod hostile;
#[path = "cube_room/interpolation.rs"]
mod interpolation;
#[path = "cube_room/mistakes.rs"]
mod mistakes;
#[path = "cube_room/published.rs"]
mod published;
#[path = "cube_room/runner.rs"]
mod runner;
#[path = "cube_room/scalars.rs"]
mod scalars;
#[path = "cube_room/support.rs"]
mod support;
