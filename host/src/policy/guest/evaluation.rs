//! The state of one call into one policy: the Job, the settings, the edits and log lines so far,
//! and what was used of the limits. This is the `T` of the store; the files in `interfaces/` are
//! its methods, one for each WIT interface.

use super::bindings::types::Refusal;
use super::budget::Budget;
use super::log::Log;
use super::queries::Queries;
use super::streams::{Stream, Streams};
use crate::job::{Change, Edit, Fault, Job, LogLevel, Origin, PolicyId};
use crate::policy::{Limit, Limits};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::ResourceLimiter;

/// The bytes that a host call counts for besides those that cross: the call itself is work.
const HOST_CALL: usize = 64;
/// The items of a Pod's lists that a host call looks through for that, and what each further one
/// costs.
const USUAL_ITEMS: usize = 64;
const ITEM: usize = 8;

/// The phase of a call, which decides what it may call in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// `describe`: there is nothing but the file.
    Describe,
    /// `validate-settings`: there are settings, and no Job.
    Validate,
    /// `review`.
    Review,
}

impl Phase {
    /// Why a function of an interface must not be called.
    fn why_not(self, interface: &str) -> Option<String> {
        let (export, allowed) = match self {
            Self::Describe => ("describe", ["log"].as_slice()),
            Self::Validate => ("validate-settings", ["settings", "log"].as_slice()),
            Self::Review => return None,
        };
        // Last words are heard wherever it breaks.
        if interface == "failure" {
            return None;
        }
        (!allowed.contains(&interface)).then(|| {
            let names = allowed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            format!("it called `{interface}`, and `{export}` may call only {}", names.join(" and "))
        })
    }
}

/// The subject of a call: a Job, and the cube behind it. No policy can change what the Job says of
/// the cube, so it is read once for all of them.
pub struct Subject {
    pub job: Job,
    pub origin: Arc<Origin>,
}

impl Subject {
    pub fn of(job: Job) -> Self {
        Self { origin: Arc::new(Origin::of(&job)), job }
    }
}

/// The state of one call.
pub struct Evaluation {
    pub policy: PolicyId,
    pub phase: Phase,
    pub job: Job,
    pub origin: Arc<Origin>,
    pub settings: Arc<Value>,
    pub edits: Vec<Edit>,
    pub log: Log,
    /// What the guest said of its panic.
    pub last_words: Option<String>,
    pub limits: Limits,
    pub queries: Queries,
    pub budget: Budget,
    pub wasi: Streams,
    /// The cost of a host call.
    host_call: usize,
    memory: usize,
    table_elements: usize,
    /// Why the function that was called must not be, if so.
    misplaced: Option<String>,
}

/// The answer of a verb; the outer error is a trap.
pub type Answer<T = ()> = wasmtime::Result<Result<T, Refusal>>;

impl Evaluation {
    pub fn new(
        policy: PolicyId,
        phase: Phase,
        subject: Subject,
        settings: Arc<Value>,
        limits: Limits,
    ) -> Self {
        let Subject { job, origin } = subject;
        let edits = Vec::new();
        let budget = Budget::new(limits.clone());
        let mut evaluation = Self {
            policy,
            phase,
            job,
            origin,
            settings,
            edits,
            log: Log::default(),
            last_words: None,
            limits,
            queries: Queries::default(),
            budget,
            wasi: Streams::default(),
            host_call: HOST_CALL,
            memory: 0,
            table_elements: 0,
            misplaced: None,
        };
        evaluation.measure();
        evaluation
    }

    /// Find out what a host call costs: it may look through the lists of the Pod.
    pub fn measure(&mut self) {
        let items = self.job.list_items().saturating_sub(USUAL_ITEMS);
        self.host_call = HOST_CALL + ITEM * items;
    }

    /// A function of an interface was called. Before it answers it is charged for, and ends the
    /// call there if it has no place in this phase.
    pub fn entered(&mut self, interface: &str) -> &mut Self {
        self.misplaced = self.phase.why_not(interface);
        self
    }

    /// Change the Job on behalf of the guest: the changes that `make` gives become edits. `what`
    /// names the thing for a refusal.
    pub fn change(
        &mut self,
        what: &str,
        reason: &str,
        make: impl FnOnce(&mut Job, &mut Budget) -> Result<Vec<Change>, Fault>,
    ) -> Answer {
        self.check_place()?;
        let edits = self.budget.edits();
        let changes = match make(&mut self.job, &mut self.budget) {
            Ok(changes) => changes,
            Err(Fault::Refused(why)) => {
                self.budget.undo_to(edits);
                return self.refuse(what, why);
            }
            Err(Fault::Spent) => return Err(self.budget.met().into()),
        };
        self.charge(reason.len())?;
        for change in changes {
            let reason = self.limits.clean(reason);
            self.edits.push(Edit { policy: self.policy.clone(), change, reason });
        }
        Ok(Ok(()))
    }

    /// The time that the guest may still take: time spent in queries to the cluster does not count.
    pub fn time_left(&self) -> Duration {
        self.budget.time_left()
    }

    /// Answer that a verb was not carried out.
    pub fn refuse<T>(&mut self, what: impl Into<String>, why: impl Into<String>) -> Answer<T> {
        let refusal = Refusal { what: what.into(), why: why.into() };
        self.charge(refusal.what.len() + refusal.why.len())?;
        Ok(Err(refusal))
    }

    /// Take bytes that the guest writes to a stream; each line becomes a line of the log.
    pub fn write_output(
        &mut self,
        stream: Stream,
        bytes: impl Iterator<Item = u8>,
    ) -> wasmtime::Result<()> {
        let longest = self.limits.count(Limit::Text);
        for byte in bytes {
            if let Some(line) = self.wasi.write(stream, byte, longest)
                && !line.text.trim().is_empty()
            {
                self.write_line(LogLevel::Debug, &line.text, line.missing)?;
            }
        }
        Ok(())
    }

    /// Log the unfinished lines: the guest will write no more.
    pub fn end_output(&mut self) -> wasmtime::Result<()> {
        let lines = self.wasi.finish();
        lines.iter().try_for_each(|line| self.write_line(LogLevel::Debug, &line.text, line.missing))
    }

    /// Charge for a host call and the bytes that cross in it. Every host call is counted, so that
    /// a flood of them meets the limit.
    pub fn charge(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.check_place()?;
        Ok(self.budget.charge(bytes.saturating_add(self.host_call))?)
    }

    /// An error unless an answer of so many bytes can be charged for: it is not made yet.
    pub fn afford(&self, bytes: usize) -> wasmtime::Result<()> {
        Ok(self.budget.afford(bytes.saturating_add(self.host_call))?)
    }

    fn check_place(&self) -> wasmtime::Result<()> {
        match &self.misplaced {
            None => Ok(()),
            Some(why) => Err(wasmtime::Error::msg(why.clone())),
        }
    }

    /// Log a text of which `missing` bytes were cut before.
    pub fn write_line(
        &mut self,
        level: LogLevel,
        text: &str,
        missing: usize,
    ) -> wasmtime::Result<()> {
        self.charge(text.len())?;
        self.log.write(level, text, missing, &self.limits);
        Ok(())
    }
}

/// The approximate size of a value as JSON, in bytes.
pub fn size(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            members.iter().map(|(key, value)| key.len() + size(value) + 4).sum::<usize>() + 2
        }
        Value::Array(items) => items.iter().map(|item| size(item) + 1).sum::<usize>() + 2,
        Value::String(text) => text.len() + 2,
        _ => 8,
    }
}

impl ResourceLimiter for Evaluation {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if most.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        self.memory = self.memory.saturating_add(desired - current);
        self.limits.check(Limit::Memory, self.memory)?;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if most.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        self.table_elements = self.table_elements.saturating_add(desired - current);
        self.limits.check(Limit::TableElements, self.table_elements)?;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.count(Limit::Instances)
    }

    fn tables(&self) -> usize {
        self.limits.count(Limit::Tables)
    }

    fn memories(&self) -> usize {
        self.limits.count(Limit::Memories)
    }
}
