//! The helper `cargo xtask`.
fn main() {}
