//! A policy that calls what its settings list: `{"calls": [["set-label", "team", "vision"], ["limit", "main", "cpu"]]}`. A
//! view's answer and a verb's refusal become log lines, so that a test can read them.

use mlcube_policy::{
    Description, Policy, Refusal, Rejection, job, log, metadata, resources, scheduling, settings, storage, task,
};
use scheduling::{NodeOperator, TaintEffect};

struct Caller;

/// The arguments of one call, behind its name.
struct Arguments {
    pointer: String,
}

const REASON: &str = "asked";

impl Policy for Caller {
    fn describe() -> Description {
        Description {
            name: "caller",
            version: "0.1.0",
            summary: "Calls what its settings list.",
            settings_schema: r#"{"type": "object", "required": ["calls"]}"#,
        }
    }

    fn review() -> Result<(), Rejection> {
        for call in 0..settings::length("/calls") {
            let arguments = Arguments { pointer: format!("/calls/{call}") };
            let name = arguments.text(0);
            if name == "reject" {
                return Err(Rejection::new(arguments.text(1)));
            }
            let line = match verb(&name, &arguments) {
                Some(Ok(())) => continue,
                Some(Err(Refusal { what, why })) => format!("{name} refused: {what}: {why}"),
                None => format!("{name}: {}", view(&name, &arguments)),
            };
            log::write(log::Level::Info, &line);
        }
        Ok(())
    }
}

#[expect(clippy::panic, reason = "a policy can break")]
fn trap() -> String {
    panic!("asked to")
}

fn verb(name: &str, a: &Arguments) -> Option<Result<(), Refusal>> {
    Some(match name {
        "require-node-label" => scheduling::require_node_label(&a.text(1), &a.text(2), REASON),
        "tolerate" => scheduling::tolerate(&a.text(1), a.option(2).as_deref(), effect(a.option(3)), REASON),
        "require-node-affinity" => {
            scheduling::require_node_affinity(&a.text(1), operator(&a.text(2)), &a.list(3), REASON)
        }
        "prefer-node-affinity" => {
            scheduling::prefer_node_affinity(a.number(1), &a.text(2), operator(&a.text(3)), &a.list(4), REASON)
        }
        "set-priority-class" => scheduling::set_priority_class(&a.text(1), REASON),
        "set-scheduler" => scheduling::set_scheduler(&a.text(1), REASON),
        "set-queue" => scheduling::set_queue(&a.text(1), REASON),
        "set-limit" => resources::set_limit(&a.text(1), &a.text(2), &a.text(3), REASON),
        "set-request" => resources::set_request(&a.text(1), &a.text(2), &a.text(3), REASON),
        "set-extended" => resources::set_extended(&a.text(1), &a.text(2), u32::from(a.number(3)), REASON),
        "remap-claim" => storage::remap_claim(&a.text(1), &a.text(2), REASON),
        "set-volume-claim" => storage::set_volume_claim(&a.text(1), &a.text(2), REASON),
        "set-sub-path" => storage::set_sub_path(&a.text(1), &a.text(2), REASON),
        "set-read-only" => storage::set_read_only(&a.text(1), REASON),
        "add-claim" => storage::add_claim(&a.text(1), &a.text(2), REASON),
        "add-empty-dir" => storage::add_empty_dir(&a.text(1), a.flag(2), a.option(3).as_deref(), REASON),
        "add-config-map" => storage::add_config_map(&a.text(1), &a.text(2), REASON),
        "add-secret" => storage::add_secret(&a.text(1), &a.text(2), REASON),
        "mount" => storage::mount(&a.text(1), &a.text(2), &a.text(3), a.option(4).as_deref(), a.flag(5), REASON),
        "set-label" => metadata::set_label(&a.text(1), &a.text(2), REASON),
        "set-annotation" => metadata::set_annotation(&a.text(1), &a.text(2), REASON),
        _ => return None,
    })
}

fn view(name: &str, a: &Arguments) -> String {
    match name {
        "name" => job::name(),
        "namespace" => shown(job::namespace()),
        "label" => shown(job::label(&a.text(1))),
        "annotation" => shown(job::annotation(&a.text(1))),
        "main-container" => job::main_container(),
        "containers" => job::containers().join(" "),
        "init-containers" => job::init_containers().join(" "),
        "sidecars" => job::sidecars().join(" "),
        "image" => shown(job::image(&a.text(1))),
        "claims" => job::claims().join(" "),
        "volumes" => job::volumes().join(" "),
        "claim-of" => shown(job::claim_of(&a.text(1))),
        "node-label" => shown(job::node_label(&a.text(1))),
        "tolerates" => job::tolerates(&a.text(1)).to_string(),
        "limit" => shown(job::limit(&a.text(1), &a.text(2))),
        "request" => shown(job::request(&a.text(1), &a.text(2))),
        "text" => shown(job::text(&a.text(1))),
        "integer" => shown(job::integer(&a.text(1))),
        "number" => shown(job::number(&a.text(1))),
        "flag" => shown(job::flag(&a.text(1))),
        "keys" => job::keys(&a.text(1)).join(" "),
        "length" => job::length(&a.text(1)).to_string(),
        "read" => shown(job::read(&a.text(1))),
        "task" => format!("{} of {}", task::name(), task::cube()),
        "accelerators" => task::accelerators().to_string(),
        "platform" => shown(task::platform(&a.text(1))),
        "parameters" => format!("{} -> {}", task::inputs().join(" "), task::outputs().join(" ")),
        "value" => shown(task::value(&a.text(1))),
        "trap" => trap(),
        "setting" => shown(settings::read(&a.text(1))),
        _ => "there is no such call".into(),
    }
}

impl Arguments {
    fn option(&self, index: usize) -> Option<String> {
        settings::text(&format!("{}/{index}", self.pointer))
    }

    fn text(&self, index: usize) -> String {
        self.option(index).unwrap_or_default()
    }

    fn flag(&self, index: usize) -> bool {
        settings::flag(&format!("{}/{index}", self.pointer)) == Some(true)
    }

    fn number(&self, index: usize) -> u8 {
        settings::integer(&format!("{}/{index}", self.pointer)).and_then(|n| u8::try_from(n).ok()).unwrap_or(0)
    }

    fn list(&self, index: usize) -> Vec<String> {
        let list = format!("{}/{index}", self.pointer);
        (0..settings::length(&list)).filter_map(|item| settings::text(&format!("{list}/{item}"))).collect()
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or("none".into(), |value| value.to_string())
}

fn effect(name: Option<String>) -> Option<TaintEffect> {
    Some(match name?.as_str() {
        "NoExecute" => TaintEffect::NoExecute,
        "PreferNoSchedule" => TaintEffect::PreferNoSchedule,
        _ => TaintEffect::NoSchedule,
    })
}

fn operator(name: &str) -> NodeOperator {
    match name {
        "NotIn" => NodeOperator::NoneOf,
        "Exists" => NodeOperator::Exists,
        "DoesNotExist" => NodeOperator::DoesNotExist,
        "Gt" => NodeOperator::GreaterThan,
        "Lt" => NodeOperator::LessThan,
        _ => NodeOperator::OneOf,
    }
}

mlcube_policy::export!(Caller);
