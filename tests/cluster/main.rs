//! What needs a real Kubernetes: `cargo xtask test` starts one for these tests alone, and sets the
//! variables they need.

#![allow(clippy::panic, reason = "a test fails by panicking")]

/// Ways to the cluster: plugins, tokens, proxies, kubeconfigs.
mod access;
/// Coming back to a run.
mod attach;
/// Claims that are created for a run.
mod claims;
/// Clients besides people: dry runs, kubectl, JSON, a Pod.
mod clients;
/// The published cubes, every task in order.
mod cubes;
/// Jobs that do not get on: `tests/cases/diagnosis/`.
mod diagnosis;
/// What the README shows.
mod documents;
/// Policies in Python and JavaScript in a run.
mod languages;
/// Logs through a network that breaks.
mod logs;
/// What policies ask the cluster.
mod lookups;
/// What is done to Jobs on their way.
mod meddling;
/// A cluster that is out of reach for a while.
mod outages;
/// What is checked before a run: `plan`.
mod preflight;
/// What a cluster refuses, and clusters that are not there.
mod refusals;
/// The smallest Role.
mod role;
/// Runs to their end: exit codes, logs, tasks, policies.
mod runs;
/// Signals, closed pipes, and the way back.
mod signals;
/// Data that goes to claims and comes back.
mod staging;
/// Submissions through a network that loses, delays and doubles.
mod submissions;
#[path = "../support/mod.rs"]
mod support;
/// Who said it: several containers and Pods, and whose logs are shown.
mod voices;
/// What a run waits for, and what ends the wait.
mod waits;
