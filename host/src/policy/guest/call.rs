//! Calls into a policy: each in a fresh instance under all limits, with traps turned into errors.

use super::bindings::exports::mlcube::policy::policy as contract;
use super::bindings::{MutatingPolicy, MutatingPolicyPre};
use super::evaluation::{Evaluation, Phase, Subject};
use super::queries::{Queries, SharedQueries};
use crate::job::{Job, PolicyId};
use crate::policy::artifact::engine::{self, Ticker};
use crate::policy::artifact::guard::guarded;
use crate::policy::{Description, Exceeded, Limit, Limits, PolicyError};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::{Store, Trap, UpdateDeadline};

/// The beginning of wasmtime's error for one call that hands the host too much.
const TOO_MUCH_AT_ONCE: &str = "too much data is being copied between the host and the guest";
/// The beginning of wasmtime's error for too many of something. It goes on with the kind, ` count
/// too high at `, and the number.
const TOO_MANY: &str = "resource limit exceeded: ";

/// A component that is linked and implements the contract: it can be called.
#[derive(Clone)]
pub struct Guest {
    component: MutatingPolicyPre<Evaluation>,
    limits: Limits,
    ticker: Arc<Ticker>,
}

/// The policy that is called, and its settings.
#[derive(Clone, Copy)]
pub struct Callee<'a> {
    /// Its name in the chain.
    pub policy: &'a PolicyId,
    /// Its settings.
    pub settings: &'a Arc<Value>,
}

/// The result of a review.
pub struct ReviewCall {
    /// The answer of the guest, or why there is none.
    pub verdict: Result<contract::Verdict, PolicyError>,
    /// The state at the end of the call.
    pub state: Evaluation,
    /// The fuel that was used, in wasmtime's units.
    pub fuel: u64,
}

/// The result of a call, and its store.
type Called<R> = (Result<R, PolicyError>, Store<Evaluation>);

impl Guest {
    /// A guest from a linked component.
    pub fn new(
        component: MutatingPolicyPre<Evaluation>,
        limits: Limits,
        ticker: Arc<Ticker>,
    ) -> Self {
        Self { component, limits, ticker }
    }

    /// Call `describe`.
    pub fn describe(&self, policy: &PolicyId) -> Result<Description, PolicyError> {
        let name = "describe";
        let settings = Arc::default();
        let callee = Callee { policy, settings: &settings };
        let subject = Subject::of(Job::empty());
        let described = self.call(callee, Phase::Describe, name, subject, |policy, store| {
            policy.mlcube_policy_policy().call_describe(store)
        });
        let contract::Description { name: own_name, version, summary, settings_schema } =
            self.with_log(described)?;
        let size = self.limits.check(Limit::Schema, settings_schema.len());
        size.map_err(|exceeded| PolicyError::Limit {
            policy: policy.clone(),
            call: name,
            exceeded,
        })?;
        Ok(Description { name: own_name, version, summary, settings_schema })
    }

    /// Call `validate-settings`. The inner error is the guest's own sentence.
    pub fn validate_settings(&self, callee: Callee<'_>) -> Result<Result<(), String>, PolicyError> {
        let subject = Subject::of(Job::empty());
        let validated =
            self.call(callee, Phase::Validate, "validate-settings", subject, |policy, store| {
                policy.mlcube_policy_policy().call_validate_settings(store)
            });
        Ok(self.with_log(validated)?.map_err(|why| self.limits.clean(&why)))
    }

    /// The result of a call that belongs to no review: if it broke, with what the guest had logged.
    fn with_log<R>(&self, (result, store): Called<R>) -> Result<R, PolicyError> {
        result.map_err(|error| {
            let Evaluation { policy, log, .. } = store.into_data();
            match log.into_lines(&self.limits) {
                log if log.is_empty() => error,
                log => PolicyError::Broke { policy, log, error: error.into() },
            }
        })
    }

    /// Call `review`. A call that breaks gives the state that it left, too.
    pub fn review(
        &self,
        callee: Callee<'_>,
        subject: Subject,
        queries: &Arc<SharedQueries>,
    ) -> ReviewCall {
        let (verdict, store) =
            self.call(callee, Phase::Review, "review", subject, |policy, store| {
                store.data_mut().queries = Queries::new(queries);
                policy.mlcube_policy_policy().call_review(store)
            });
        let fuel = self.limits.get(Limit::Fuel) - store.get_fuel().unwrap_or(0);
        ReviewCall { verdict, state: store.into_data(), fuel }
    }

    /// The limits of its calls.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Call an export in a fresh instance.
    fn call<R>(
        &self,
        Callee { policy, settings }: Callee<'_>,
        phase: Phase,
        name: &'static str,
        subject: Subject,
        call: impl FnOnce(&MutatingPolicy, &mut Store<Evaluation>) -> wasmtime::Result<R>,
    ) -> Called<R> {
        self.ticker.start();
        let limits = &self.limits;
        let state =
            Evaluation::new(policy.clone(), phase, subject, settings.clone(), limits.clone());
        let mut store = Store::new(self.component.engine(), state);
        store.limiter(|state| state);
        store.set_epoch_deadline(engine::ticks(limits.time(Limit::Wall)));
        store.epoch_deadline_callback(|store| Ok(at_deadline(store.data())));
        store.set_hostcall_fuel(limits.count(Limit::HostCall));
        let result = guarded(|| {
            store.set_fuel(limits.get(Limit::Fuel))?;
            let instance = self.component.instantiate(&mut store)?;
            let result = call(&instance, &mut store)?;
            store.data_mut().end_output()?;
            let fuel = limits.get(Limit::Fuel) - store.get_fuel()?;
            store.data().budget.check_fuel(fuel)?;
            Ok(result)
        });
        let policy = policy.clone();
        let result = match result {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(error)) => {
                // What it had begun to write is a part of its log. A limit that is met by that is
                // not why the call ended.
                let _ = store.data_mut().end_output();
                Err(match exceeded(limits, &error) {
                    Some(exceeded) => PolicyError::Limit { policy, call: name, exceeded },
                    None => {
                        let why = self.broken(&error, store.data());
                        PolicyError::Trapped { policy, call: name, why }
                    }
                })
            }
            Err(panic) => {
                let why = format!("a host call panicked: {panic}");
                Err(PolicyError::Trapped { policy, call: name, why })
            }
        };
        (result, store)
    }

    /// Why a call broke: the guest's own words, if it said any.
    fn broken(&self, error: &wasmtime::Error, state: &Evaluation) -> String {
        let why = match error.downcast_ref::<Trap>() {
            Some(Trap::UnreachableCodeReached) => {
                let words = state.last_words.clone();
                words.unwrap_or_else(|| "it panicked (wasm `unreachable`)".into())
            }
            Some(trap) => trap.to_string(),
            None => self.limits.clean(&error.root_cause().to_string()),
        };
        match state.wasi.last_words() {
            Some(words) => format!("{why}; it wrote: {}", self.limits.clean(&words)),
            None => why,
        }
    }
}

/// Decide about a call at its epoch deadline: interrupt it, or go on if time is left.
fn at_deadline(state: &Evaluation) -> UpdateDeadline {
    match state.time_left() {
        Duration::ZERO => UpdateDeadline::Interrupt,
        left => UpdateDeadline::Continue(engine::ticks(left)),
    }
}

/// The limit that an error stands for.
fn exceeded(limits: &Limits, error: &wasmtime::Error) -> Option<Exceeded> {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return Some(*exceeded);
    }
    let all_of = |limit| Some(limits.exceeded(limit, None));
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => return all_of(Limit::Fuel),
        Some(Trap::Interrupt) => return all_of(Limit::Wall),
        Some(Trap::StackOverflow) => return all_of(Limit::Stack),
        _ => {}
    }
    let cause = error.root_cause().to_string();
    if cause.starts_with(TOO_MUCH_AT_ONCE) {
        return all_of(Limit::HostCall);
    }
    let (what, count) = cause.strip_prefix(TOO_MANY)?.split_once(" count too high at ")?;
    let limit = match what {
        "instance" => Limit::Instances,
        "memory" => Limit::Memories,
        _ => Limit::Tables,
    };
    Some(limits.exceeded(limit, count.parse().ok()))
}
