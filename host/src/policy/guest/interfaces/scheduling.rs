//! `scheduling`: node selection, priority and queue of the Pod.

use crate::job::Pointer;
use crate::k8s;
use crate::policy::guest::bindings::scheduling::{Host, NodeOperator, TaintEffect};
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::{Value, json};

const QUEUE: &str = "kueue.x-k8s.io/queue-name";

impl Host for Evaluation {
    fn require_node_label(&mut self, key: String, value: String, reason: String) -> Answer {
        let what = format!("node label `{key}`");
        let checked = k8s::key(&key).and_then(|()| k8s::label_value(&value));
        let selector = Pointer::pod().key("nodeSelector");
        let place = checked.and_then(|()| self.place_in(&selector, &key));
        self.edit_found(&what, place, json!(value), &reason)
    }

    fn tolerate(
        &mut self,
        key: String,
        value: Option<String>,
        effect: Option<TaintEffect>,
        reason: String,
    ) -> Answer {
        let what = format!("toleration of `{key}`");
        let checked =
            k8s::key(&key).and_then(|()| value.as_deref().map_or(Ok(()), k8s::label_value));
        if let Err(why) = checked {
            return self.refuse(what, why);
        }
        let mut toleration =
            json!({"key": key, "operator": if value.is_some() { "Equal" } else { "Exists" }});
        if let Some(value) = value {
            toleration["value"] = json!(value);
        }
        if let Some(effect) = effect {
            toleration["effect"] = json!(effect_name(effect));
        }
        let list = Pointer::pod().key("tolerations");
        if self.job.items(&list).iter().any(|known| covers(known, &toleration)) {
            return self.edit_all(&what, [], &reason);
        }
        self.append(&what, &list, toleration, &reason)
    }

    fn require_node_affinity(
        &mut self,
        key: String,
        operator: NodeOperator,
        values: Vec<String>,
        reason: String,
    ) -> Answer {
        let what = format!("node affinity on `{key}`");
        let expression = match expression(&key, operator, &values) {
            Ok(expression) => expression,
            Err(why) => return self.refuse(what, why),
        };
        let required = node_affinity().key("requiredDuringSchedulingIgnoredDuringExecution");
        let terms = required.key("nodeSelectorTerms");
        let count = self.job.items(&terms).len();
        if count == 0 {
            return self.edit(
                &what,
                &required,
                json!({"nodeSelectorTerms": [{"matchExpressions": [expression]}]}),
                &reason,
            );
        }
        let lists = (0..count).map(|index| terms.index(index).key("matchExpressions"));
        // The expression is copied for each list when its turn comes.
        let slots = lists
            .filter(|list| !self.job.items(list).contains(&expression))
            .map(|list| self.slot(&list))
            .collect::<Result<Vec<_>, _>>();
        match slots {
            Ok(slots) => {
                let steps = slots.into_iter().map(|slot| slot.step(expression.clone()));
                self.edit_all(&what, steps, &reason)
            }
            Err(why) => self.refuse_all(&what, &expression, why),
        }
    }

    fn prefer_node_affinity(
        &mut self,
        weight: u8,
        key: String,
        operator: NodeOperator,
        values: Vec<String>,
        reason: String,
    ) -> Answer {
        let what = format!("preference for `{key}`");
        if !(1..=100).contains(&weight) {
            return self.refuse(what, format!("expected a weight of 1 to 100, found {weight}"));
        }
        let expression = match expression(&key, operator, &values) {
            Ok(expression) => expression,
            Err(why) => return self.refuse(what, why),
        };
        let term = json!({"weight": weight, "preference": {"matchExpressions": [expression]}});
        self.append(
            &what,
            &node_affinity().key("preferredDuringSchedulingIgnoredDuringExecution"),
            term,
            &reason,
        )
    }

    fn set_priority_class(&mut self, name: String, reason: String) -> Answer {
        let place = k8s::dns_subdomain(&name).map(|()| Pointer::pod().key("priorityClassName"));
        self.edit_found("priority class", place, json!(name), &reason)
    }

    fn set_scheduler(&mut self, name: String, reason: String) -> Answer {
        let place = k8s::dns_subdomain(&name).map(|()| Pointer::pod().key("schedulerName"));
        self.edit_found("scheduler", place, json!(name), &reason)
    }

    fn set_queue(&mut self, name: String, reason: String) -> Answer {
        let labels = Pointer::metadata().key("labels");
        let place = k8s::dns_label(&name).and_then(|()| self.place_in(&labels, QUEUE));
        self.edit_found("queue", place, json!(name), &reason)
    }
}

/// Whether a toleration of the Job tolerates all that another one does, for as long.
fn covers(known: &Value, other: &Value) -> bool {
    let text = |toleration: &Value, field: &str| {
        toleration.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let exists = text(known, "operator") == "Exists";
    let is_value = exists
        || (text(other, "operator") == "Equal"
            && ["", "Equal"].contains(&text(known, "operator").as_str())
            && text(known, "value") == text(other, "value"));
    let is_key =
        text(known, "key") == text(other, "key") || (exists && text(known, "key").is_empty());
    let effect = text(known, "effect");
    let is_effect = effect.is_empty() || effect == text(other, "effect");
    let is_forever = known.get("tolerationSeconds").is_none_or(Value::is_null);
    is_key && is_value && is_effect && is_forever
}

fn node_affinity() -> Pointer {
    Pointer::pod().key("affinity").key("nodeAffinity")
}

fn effect_name(effect: TaintEffect) -> &'static str {
    match effect {
        TaintEffect::NoSchedule => "NoSchedule",
        TaintEffect::PreferNoSchedule => "PreferNoSchedule",
        TaintEffect::NoExecute => "NoExecute",
    }
}

/// A node selector requirement, with as many values as its operator expects.
fn expression(key: &str, operator: NodeOperator, values: &[String]) -> Result<Value, String> {
    k8s::key(key)?;
    values.iter().try_for_each(|value| k8s::label_value(value))?;
    let (name, fits, wants) = match operator {
        NodeOperator::OneOf => ("In", !values.is_empty(), "at least one value"),
        NodeOperator::NoneOf => ("NotIn", !values.is_empty(), "at least one value"),
        NodeOperator::Exists => ("Exists", values.is_empty(), "no values"),
        NodeOperator::DoesNotExist => ("DoesNotExist", values.is_empty(), "no values"),
        NodeOperator::GreaterThan => ("Gt", is_one_integer(values), "one integer"),
        NodeOperator::LessThan => ("Lt", is_one_integer(values), "one integer"),
    };
    if !fits {
        return Err(format!("`{name}` expects {wants}"));
    }
    let mut expression = json!({"key": key, "operator": name});
    if !values.is_empty() {
        expression["values"] = json!(values);
    }
    Ok(expression)
}

fn is_one_integer(values: &[String]) -> bool {
    matches!(values, [value] if value.parse::<i64>().is_ok())
}
