//! One call into a policy: a fresh instance under all limits, and what it means when the call breaks.

use super::bindings::{MutatingPolicy, Verdict};
use super::evaluation::{Evaluation, Phase, Subject};
use super::guard::guarded;
use super::lookup::{Asking, Inquiry};
use super::{Exceeded, Limit, Limits, Policy, PolicyError, engine};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::{Store, Trap, UpdateDeadline};

/// How wasmtime says that one call hands the host too much.
const TOO_MUCH_AT_ONCE: &str = "too much data is being copied between the host and the guest";
/// How wasmtime says that there are too many of something: this, what, ` count too high at `, and how many.
const TOO_MANY: &str = "resource limit exceeded: ";

impl Policy {
    /// Call `review`: the verdict, what the call did, and the fuel it used.
    pub(super) fn call_review(
        &self,
        subject: Subject,
        inquiry: &Arc<Inquiry>,
    ) -> Result<(Verdict, Evaluation, u64), PolicyError> {
        let (verdict, store) = self.call(Phase::Review, "review", subject, |policy, store| {
            store.data_mut().asking = Asking::new(inquiry);
            policy.mlcube_policy_policy().call_review(store)
        })?;
        let fuel = self.limits.get(Limit::Fuel) - store.get_fuel().unwrap_or(0);
        Ok((verdict, store.into_data(), fuel))
    }

    /// Call an export in a fresh instance.
    pub(super) fn call<R>(
        &self,
        phase: Phase,
        name: &'static str,
        subject: Subject,
        call: impl FnOnce(&MutatingPolicy, &mut Store<Evaluation>) -> wasmtime::Result<R>,
    ) -> Result<(R, Store<Evaluation>), PolicyError> {
        self.ticker.start();
        let limits = &self.limits;
        let state = Evaluation::new(self.id.clone(), phase, subject, self.settings.clone(), limits.clone());
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
            Ok(result)
        });
        match result {
            Ok(Ok(result)) => Ok((result, store)),
            Ok(Err(error)) => Err(self.broken(name, &error, store.data().last_words())),
            Err(why) => Err(self.trapped(name, format!("what it asked for made the host panic: {why}"))),
        }
    }

    fn broken(&self, call: &'static str, error: &wasmtime::Error, last_words: Option<String>) -> PolicyError {
        if let Some(exceeded) = exceeded(&self.limits, error) {
            return PolicyError::Limit { policy: self.id.clone(), call, exceeded };
        }
        let why = match error.downcast_ref::<Trap>() {
            Some(Trap::UnreachableCodeReached) => "it panicked (wasm `unreachable`)".into(),
            Some(trap) => trap.to_string(),
            None => self.for_people(&error.root_cause().to_string()),
        };
        let last_words = last_words.map(|words| format!("; it wrote: {words}")).unwrap_or_default();
        self.trapped(call, why + &last_words)
    }

    fn trapped(&self, call: &'static str, why: String) -> PolicyError {
        PolicyError::Trapped { policy: self.id.clone(), call, why }
    }
}

/// What becomes of a call whose time seems over.
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
