//! `lifecycle`: retries, deadlines and the handling of failures.

use crate::job::Pointer;
use crate::k8s;
use crate::policy::guest::bindings::lifecycle::{
    CompletionMode, ExitCodeOperator, FailureAction, Host, RestartPolicy,
};
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::{Value, json};

/// Kubernetes' limit for the Pods of an indexed Job that run at the same time.
const INDEXED_PARALLELISM: u64 = 100_000;
/// The completions beyond which a Job with a backoff limit per index is limited further.
const MANY_COMPLETIONS: u64 = 100_000;
/// The limit for its Pods at the same time, and for the indexes that may fail.
const PARALLELISM_OF_MANY: u64 = 10_000;
/// Kubernetes' limit for the rules of a pod failure policy.
const RULES: usize = 20;
/// Kubernetes' limit for the exit codes of a rule.
const EXIT_CODES: usize = 255;
/// The fields that only an indexed Job can have.
const OF_INDEXED: [&str; 3] = ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"];

impl Host for Evaluation {
    fn set_backoff_limit(&mut self, limit: u32, reason: String) -> Answer {
        self.set_number("backoffLimit", limit, Ok(()), &reason)
    }

    fn set_backoff_limit_per_index(&mut self, limit: u32, reason: String) -> Answer {
        let is_free = if self.is_indexed() {
            self.never_restarts()
        } else {
            Err("the Job is not indexed: use `set-completion-mode` first".into())
        };
        let is_free = is_free.and_then(|()| self.fits_indexes("backoffLimitPerIndex", limit));
        self.set_number("backoffLimitPerIndex", limit, is_free, &reason)
    }

    fn set_active_deadline_seconds(&mut self, seconds: u32, reason: String) -> Answer {
        let is_free =
            if seconds == 0 { Err("the Job would end before it begins".into()) } else { Ok(()) };
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
        let is_free = self.fits_indexes("completions", count);
        self.set_number("completions", count, is_free, &reason)
    }

    fn set_parallelism(&mut self, count: u32, reason: String) -> Answer {
        let is_free = self.fits_indexes("parallelism", count);
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
            RestartPolicy::OnFailure => (
                "OnFailure",
                ["podFailurePolicy", "backoffLimitPerIndex"]
                    .into_iter()
                    .find(|field| self.has(field)),
            ),
        };
        let place = match needed_by {
            Some(field) => {
                Err(format!("the Job has `{field}`, which requires `restartPolicy: Never`"))
            }
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
        let checked = k8s::key(&condition)
            .map_err(|_| format!("`{condition}` is not a condition like `DisruptionTarget`"));
        let requirement = checked.map(|()| json!([{"type": condition, "status": status}]));
        self.add_rule(action, "onPodConditions", requirement, &reason)
    }
}

impl Evaluation {
    /// Set a number of the Job's `spec`.
    fn set_number(
        &mut self,
        field: &str,
        number: u32,
        is_free: Result<(), String>,
        reason: &str,
    ) -> Answer {
        let place = k8s::int32(number).and(is_free).map(|()| Pointer::spec().key(field));
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
        let rule = requirement.map(|requirement| json!({"action": action, kind: requirement}));
        let checked = rule.and_then(|rule| {
            let is_there = self.job.items(&rules).contains(&rule);
            if is_there { Ok(rule) } else { self.can_have_rule(&rules, action).map(|()| rule) }
        });
        match checked {
            Ok(rule) => self.append(what, &rules, rule, reason),
            Err(why) => self.refuse(what, why),
        }
    }

    fn can_have_rule(&self, rules: &Pointer, action: &str) -> Result<(), String> {
        self.never_restarts()?;
        if self.spec("podReplacementPolicy").is_some_and(|policy| *policy != "Failed") {
            return Err(
                "it requires `podReplacementPolicy: Failed`, and the Job has another value".into(),
            );
        }
        if self.job.items(rules).len() >= RULES {
            return Err(format!("it has {RULES} rules, the most that Kubernetes accepts"));
        }
        if action == "FailIndex" && !self.has("backoffLimitPerIndex") {
            Err("`FailIndex` requires a backoff limit per index: \
                 use `set-backoff-limit-per-index` first"
                .into())
        } else {
            Ok(())
        }
    }

    fn can_have_indexes(&self) -> Result<(), String> {
        if !self.has("completions") {
            return Err("an indexed Job requires `completions`: use `set-completions` first".into());
        }
        self.indexes_fit(|field| self.count(field))
    }

    /// An error if an indexed Job cannot have this number beside its others.
    fn fits_indexes(&self, field: &str, number: u32) -> Result<(), String> {
        if !self.is_indexed() {
            return Ok(());
        }
        self.indexes_fit(
            |other| {
                if other == field { Some(u64::from(number)) } else { self.count(other) }
            },
        )
    }

    /// An error if these numbers of an indexed Job do not fit each other.
    fn indexes_fit(&self, count: impl Fn(&str) -> Option<u64>) -> Result<(), String> {
        let parallelism = count("parallelism").unwrap_or(1);
        let completions = count("completions").unwrap_or(0);
        let failed = count("maxFailedIndexes");
        if parallelism > INDEXED_PARALLELISM {
            return Err(format!(
                "an indexed Job runs at most {INDEXED_PARALLELISM} Pods at the same time"
            ));
        }
        if let Some(failed) = failed.filter(|failed| *failed > completions) {
            return Err(format!(
                "the Job has `maxFailedIndexes: {failed}`, which is above `completions`"
            ));
        }
        let is_large = completions > MANY_COMPLETIONS && count("backoffLimitPerIndex").is_some();
        if is_large && parallelism > PARALLELISM_OF_MANY {
            return Err(format!(
                "with a backoff limit per index and more than {MANY_COMPLETIONS} completions a \
                 Job runs at most {PARALLELISM_OF_MANY} Pods at the same time"
            ));
        }
        if is_large && failed.is_none_or(|failed| failed > PARALLELISM_OF_MANY) {
            return Err(format!(
                "with a backoff limit per index and more than {MANY_COMPLETIONS} completions \
                 Kubernetes requires `maxFailedIndexes` of at most {PARALLELISM_OF_MANY}: use \
                 `patch`"
            ));
        }
        Ok(())
    }

    fn count(&self, field: &str) -> Option<u64> {
        self.spec(field).and_then(Value::as_u64)
    }

    fn can_lose_indexes(&self) -> Result<(), String> {
        match OF_INDEXED.into_iter().find(|field| self.has(field)) {
            Some(field) => Err(format!("the Job has `{field}`, which requires an indexed Job")),
            None => Ok(()),
        }
    }

    fn never_restarts(&self) -> Result<(), String> {
        match self.job.at(&Pointer::pod().key("restartPolicy")) {
            Some(policy) if policy == "Never" => Ok(()),
            _ => Err("it requires `restartPolicy: Never`: use `set-restart-policy` first".into()),
        }
    }

    fn is_indexed(&self) -> bool {
        self.spec("completionMode").is_some_and(|mode| mode == "Indexed")
    }

    fn has(&self, field: &str) -> bool {
        self.spec(field).is_some()
    }

    /// A field of the Job's `spec` that is set.
    fn spec(&self, field: &str) -> Option<&Value> {
        self.job.at(&Pointer::spec().key(field)).filter(|value| !value.is_null())
    }
}

/// A requirement on exit codes, in order and each once, as Kubernetes wants them.
fn exit_codes(operator: ExitCodeOperator, mut values: Vec<i32>) -> Result<Value, String> {
    values.sort_unstable();
    values.dedup();
    if !(1..=EXIT_CODES).contains(&values.len()) {
        return Err(format!("expected 1 to {EXIT_CODES} exit codes, found {}", values.len()));
    }
    let operator = match operator {
        ExitCodeOperator::OneOf => "In",
        ExitCodeOperator::NoneOf => "NotIn",
    };
    if operator == "In" && values.contains(&0) {
        return Err(
            "`In` cannot contain 0: the exit codes of containers that succeeded are not checked"
                .into(),
        );
    }
    Ok(json!({"operator": operator, "values": values}))
}
