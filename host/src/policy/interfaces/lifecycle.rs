//! `lifecycle`: how often the Job is tried, for how long, and what becomes of failures.

use crate::job::Pointer;
use crate::k8s as rules;
use crate::policy::bindings::lifecycle::{CompletionMode, ExitCodeOperator, FailureAction, Host, RestartPolicy};
use crate::policy::evaluation::{Answer, Evaluation};
use serde_json::{Value, json};

/// Kubernetes' limit for the Pods of an indexed Job that run at the same time.
const INDEXED_PARALLELISM: u64 = 100_000;
/// Kubernetes' limit for the rules of a pod failure policy.
const RULES: usize = 20;
/// Kubernetes' limit for the exit codes of a rule.
const EXIT_CODES: usize = 255;
/// The fields that an indexed Job alone can have.
const OF_INDEXED: [&str; 3] = ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"];

impl Host for Evaluation {
    fn set_backoff_limit(&mut self, limit: u32, reason: String) -> Answer {
        self.set_number("backoffLimit", limit, Ok(()), &reason)
    }

    fn set_backoff_limit_per_index(&mut self, limit: u32, reason: String) -> Answer {
        let is_free = match self.is_indexed() {
            true => self.never_restarts(),
            false => Err("the Job is not indexed: use `set-completion-mode` first".into()),
        };
        self.set_number("backoffLimitPerIndex", limit, is_free, &reason)
    }

    fn set_active_deadline_seconds(&mut self, seconds: u32, reason: String) -> Answer {
        let is_free = if seconds == 0 { Err("the Job would end before it begins".into()) } else { Ok(()) };
        self.set_number("activeDeadlineSeconds", seconds, is_free, &reason)
    }

    fn set_ttl_seconds_after_finished(&mut self, seconds: u32, reason: String) -> Answer {
        self.set_number("ttlSecondsAfterFinished", seconds, Ok(()), &reason)
    }

    fn set_termination_grace_period_seconds(&mut self, seconds: u32, reason: String) -> Answer {
        let place = Pointer::pod().key("terminationGracePeriodSeconds");
        self.edit("`terminationGracePeriodSeconds`", &place, json!(seconds), &reason)
    }

    fn set_suspend(&mut self, suspend: bool, reason: String) -> Answer {
        self.edit("`suspend`", &Pointer::spec().key("suspend"), json!(suspend), &reason)
    }

    fn set_completions(&mut self, count: u32, reason: String) -> Answer {
        self.set_number("completions", count, Ok(()), &reason)
    }

    fn set_parallelism(&mut self, count: u32, reason: String) -> Answer {
        let is_free = match self.is_indexed() && u64::from(count) > INDEXED_PARALLELISM {
            true => Err(format!("an indexed Job runs at most {INDEXED_PARALLELISM} Pods at the same time")),
            false => Ok(()),
        };
        self.set_number("parallelism", count, is_free, &reason)
    }

    fn set_completion_mode(&mut self, mode: CompletionMode, reason: String) -> Answer {
        let (mode, checked) = match mode {
            CompletionMode::NonIndexed => ("NonIndexed", self.can_lose_indexes()),
            CompletionMode::Indexed => ("Indexed", self.can_have_indexes()),
        };
        let place = checked.map(|()| Pointer::spec().key("completionMode"));
        self.edit_found("`completionMode`", place, json!(mode), &reason)
    }

    fn set_restart_policy(&mut self, policy: RestartPolicy, reason: String) -> Answer {
        let (policy, needed_by) = match policy {
            RestartPolicy::Never => ("Never", None),
            RestartPolicy::OnFailure => {
                ("OnFailure", ["podFailurePolicy", "backoffLimitPerIndex"].into_iter().find(|field| self.has(field)))
            }
        };
        let place = match needed_by {
            Some(field) => Err(format!("the Job has `{field}`, which works only with `Never`")),
            None => Ok(Pointer::pod().key("restartPolicy")),
        };
        self.edit_found("`restartPolicy`", place, json!(policy), &reason)
    }

    fn add_exit_code_rule(
        &mut self,
        action: FailureAction,
        container: Option<String>,
        operator: ExitCodeOperator,
        values: Vec<i32>,
        reason: String,
    ) -> Answer {
        let requirement = exit_codes(operator, values);
        let requirement = requirement.and_then(|mut requirement| {
            if let Some(name) = &container {
                self.container(name)?;
                requirement["containerName"] = json!(name);
            }
            Ok(requirement)
        });
        self.add_rule(action, "onExitCodes", requirement, &reason)
    }

    fn add_pod_condition_rule(
        &mut self,
        action: FailureAction,
        condition: String,
        holds: bool,
        reason: String,
    ) -> Answer {
        let status = if holds { "True" } else { "False" };
        let checked =
            rules::key(&condition).map_err(|_| format!("`{condition}` is no condition like `DisruptionTarget`"));
        let requirement = checked.map(|()| json!([{"type": condition, "status": status}]));
        self.add_rule(action, "onPodConditions", requirement, &reason)
    }
}

impl Evaluation {
    /// Set a number of the Job's `spec`.
    fn set_number(&mut self, field: &str, number: u32, is_free: Result<(), String>, reason: &str) -> Answer {
        let place = is_free.and_then(|()| rules::int32(number)).map(|()| Pointer::spec().key(field));
        self.edit_found(&format!("`{field}`"), place, json!(number), reason)
    }

    /// Add a rule to the pod failure policy.
    fn add_rule(
        &mut self,
        action: FailureAction,
        kind: &str,
        requirement: Result<Value, String>,
        reason: &str,
    ) -> Answer {
        let what = "pod failure policy";
        let rules = Pointer::spec().key("podFailurePolicy").key("rules");
        let action = match action {
            FailureAction::FailJob => "FailJob",
            FailureAction::FailIndex => "FailIndex",
            FailureAction::Ignore => "Ignore",
            FailureAction::Count => "Count",
        };
        match requirement.and_then(|requirement| self.can_have_rule(&rules, action).map(|()| requirement)) {
            Ok(requirement) => self.append(what, &rules, json!({"action": action, kind: requirement}), reason),
            Err(why) => self.refuse(what, why),
        }
    }

    fn can_have_rule(&self, rules: &Pointer, action: &str) -> Result<(), String> {
        self.never_restarts()?;
        if self.spec("podReplacementPolicy").is_some_and(|policy| *policy != "Failed") {
            return Err("it works only with `podReplacementPolicy: Failed`, the Job has another".into());
        }
        if self.job.items(rules).len() >= RULES {
            return Err(format!("it has {RULES} rules, and Kubernetes takes no more"));
        }
        match action == "FailIndex" && !self.has("backoffLimitPerIndex") {
            true => Err("`FailIndex` needs a limit for each index: use `set-backoff-limit-per-index` first".into()),
            false => Ok(()),
        }
    }

    fn can_have_indexes(&self) -> Result<(), String> {
        if !self.has("completions") {
            return Err("an indexed Job says its completions: use `set-completions` first".into());
        }
        let parallelism = self.spec("parallelism").and_then(Value::as_u64);
        match parallelism.is_some_and(|count| count > INDEXED_PARALLELISM) {
            true => Err(format!("an indexed Job runs at most {INDEXED_PARALLELISM} Pods at the same time")),
            false => Ok(()),
        }
    }

    fn can_lose_indexes(&self) -> Result<(), String> {
        match OF_INDEXED.into_iter().find(|field| self.has(field)) {
            Some(field) => Err(format!("the Job has `{field}`, which works only with indexes")),
            None => Ok(()),
        }
    }

    fn never_restarts(&self) -> Result<(), String> {
        match self.job.at(&Pointer::pod().key("restartPolicy")) {
            Some(policy) if policy == "Never" => Ok(()),
            _ => Err("it works only where containers are never restarted: use `set-restart-policy` first".into()),
        }
    }

    fn is_indexed(&self) -> bool {
        self.spec("completionMode").is_some_and(|mode| mode == "Indexed")
    }

    fn has(&self, field: &str) -> bool {
        self.spec(field).is_some()
    }

    /// A field of the Job's `spec` that says something.
    fn spec(&self, field: &str) -> Option<&Value> {
        self.job.at(&Pointer::spec().key(field)).filter(|value| !value.is_null())
    }
}

/// A requirement on exit codes, in order and each once, as Kubernetes wants them.
fn exit_codes(operator: ExitCodeOperator, mut values: Vec<i32>) -> Result<Value, String> {
    values.sort_unstable();
    values.dedup();
    if !(1..=EXIT_CODES).contains(&values.len()) {
        return Err(format!("a rule has 1 to {EXIT_CODES} exit codes, not {}", values.len()));
    }
    let operator = match operator {
        ExitCodeOperator::OneOf => "In",
        ExitCodeOperator::NoneOf => "NotIn",
    };
    if operator == "In" && values.contains(&0) {
        return Err("`In` cannot name 0: containers that succeeded are not looked at".into());
    }
    Ok(json!({"operator": operator, "values": values}))
}
