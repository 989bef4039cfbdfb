//! The arguments of a call, as the settings list them. What is missing is empty, zero or false.

use mlcube_policy::containers::{PullPolicy, SeccompProfile};
use mlcube_policy::lifecycle::{CompletionMode, ExitCodeOperator, FailureAction, RestartPolicy};
use mlcube_policy::log::Level;
use mlcube_policy::scheduling::{NodeOperator, TaintEffect};
use mlcube_policy::settings;

pub struct Arguments {
    /// Where the call stands in the settings.
    pub pointer: String,
}

impl Arguments {
    pub fn option(&self, index: usize) -> Option<String> {
        settings::text(&self.place(index))
    }

    pub fn text(&self, index: usize) -> String {
        self.option(index).unwrap_or_default()
    }

    pub fn flag(&self, index: usize) -> bool {
        settings::flag(&self.place(index)) == Some(true)
    }

    pub fn number<N: TryFrom<i64> + Default>(&self, index: usize) -> N {
        settings::integer(&self.place(index))
            .and_then(|number| N::try_from(number).ok())
            .unwrap_or_default()
    }

    pub fn texts(&self, index: usize) -> Vec<String> {
        self.items(index).filter_map(|item| settings::text(&item)).collect()
    }

    pub fn numbers(&self, index: usize) -> Vec<i32> {
        self.items(index).filter_map(|item| i32::try_from(settings::integer(&item)?).ok()).collect()
    }

    pub fn level(&self, index: usize) -> Level {
        match self.text(index).as_str() {
            "warn" => Level::Warn,
            "info" => Level::Info,
            _ => Level::Debug,
        }
    }

    pub fn effect(&self, index: usize) -> Option<TaintEffect> {
        Some(match self.option(index)?.as_str() {
            "NoExecute" => TaintEffect::NoExecute,
            "PreferNoSchedule" => TaintEffect::PreferNoSchedule,
            _ => TaintEffect::NoSchedule,
        })
    }

    pub fn node_operator(&self, index: usize) -> NodeOperator {
        match self.text(index).as_str() {
            "NotIn" => NodeOperator::NoneOf,
            "Exists" => NodeOperator::Exists,
            "DoesNotExist" => NodeOperator::DoesNotExist,
            "Gt" => NodeOperator::GreaterThan,
            "Lt" => NodeOperator::LessThan,
            _ => NodeOperator::OneOf,
        }
    }

    pub fn exit_code_operator(&self, index: usize) -> ExitCodeOperator {
        if self.text(index) == "NotIn" { ExitCodeOperator::NoneOf } else { ExitCodeOperator::OneOf }
    }

    pub fn action(&self, index: usize) -> FailureAction {
        match self.text(index).as_str() {
            "FailIndex" => FailureAction::FailIndex,
            "Ignore" => FailureAction::Ignore,
            "Count" => FailureAction::Count,
            _ => FailureAction::FailJob,
        }
    }

    pub fn pull_policy(&self, index: usize) -> PullPolicy {
        match self.text(index).as_str() {
            "Always" => PullPolicy::Always,
            "IfNotPresent" => PullPolicy::IfNotPresent,
            _ => PullPolicy::Never,
        }
    }

    pub fn seccomp_profile(&self, index: usize) -> SeccompProfile {
        if self.text(index) == "Unconfined" {
            SeccompProfile::Unconfined
        } else {
            SeccompProfile::RuntimeDefault
        }
    }

    pub fn completion_mode(&self, index: usize) -> CompletionMode {
        if self.text(index) == "Indexed" {
            CompletionMode::Indexed
        } else {
            CompletionMode::NonIndexed
        }
    }

    pub fn restart_policy(&self, index: usize) -> RestartPolicy {
        if self.text(index) == "OnFailure" {
            RestartPolicy::OnFailure
        } else {
            RestartPolicy::Never
        }
    }

    fn place(&self, index: usize) -> String {
        format!("{}/{index}", self.pointer)
    }

    fn items(&self, index: usize) -> impl Iterator<Item = String> {
        let list = self.place(index);
        (0..settings::length(&list)).map(move |item| format!("{list}/{item}"))
    }
}
