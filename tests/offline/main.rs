//! What needs neither a cluster nor rows of data: properties, stories of several steps, rules of
//! the house. Rows lie in `tests/rows/`.

#![allow(clippy::panic, reason = "a test fails by panicking")]

/// A property: whatever a policy calls, the edits account for all that changed.
mod calls;
/// The cube room: any text, the published cubes, what is shown of a configuration.
mod cube;
/// The documentation: tables that follow from the code, commands that can be typed.
mod documents;
/// Which room imports which, and where foreign crates come in.
mod house;
/// Who may ask a cluster, how often, and how long.
mod lookups;
/// A property: for any Job and any order of the policies, undoing the edits gives the Job back.
mod provenance;
/// A replay gives what was recorded.
mod recordings;
/// What the shipped policies can do and cost.
mod shipped;
/// What is copied to a claim.
mod staging;
#[path = "../support/mod.rs"]
mod support;
/// The note on the Job, explanations, locks, policies compiled ahead.
mod teams;
/// What a terminal shows: colours, hanging indents, progress on one line.
mod terminal;
/// Generated histories of Jobs, judged.
mod verdicts;
/// The cache: the first start compiles, later ones do not, and nothing but the time differs.
mod warm;
/// Phrases that no message has.
mod words;
