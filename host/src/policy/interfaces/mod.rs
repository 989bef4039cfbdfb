//! What a guest can call: one file for each WIT interface. Each function checks, does, answers, and counts the bytes that
//! crossed.

mod cluster;
mod containers;
mod edits;
mod job;
mod lifecycle;
mod log;
mod metadata;
mod patch;
mod readers;
mod resources;
mod scheduling;
mod settings;
mod storage;
mod task;

impl super::bindings::types::Host for super::evaluation::Evaluation {}
