//! mlcube-k8s runs an MLCube on Kubernetes through WebAssembly policies.
//!
//! The modules stand in the order in which a run passes through them; each uses only those above
//! it.

pub mod text;

pub mod k8s;
pub mod yaml;

mod omegaconf;

pub mod cube;
pub mod job;
pub mod outcome;

pub mod diagnosis;

pub mod staging;

pub mod event;
pub mod files;
pub mod policy;

pub mod cluster;
pub mod error;
pub mod exit;
pub mod journal;

pub mod cli;
pub mod plan;

pub mod console;

pub mod commands;
