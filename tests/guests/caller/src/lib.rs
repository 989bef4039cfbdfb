//! A policy that calls what its settings list: `{"calls": [["set-label", "team", "vision"],
//! ["limit", "main", "cpu"]]}`. A view's answer and a verb's refusal become log lines that begin
//! with the number of the call, so that a test can read them; an edit's reason names the call. A
//! function is called by its name, those of `task`, `settings` and `quantities` by both. Besides, it
//! can `log` a text, `warn`, `reject` with a remedy, `trap`, and go on only if a place of the Job has
//! a value or not (`only-if`, `only-unless`).

mod arguments;

use arguments::Arguments;
use mlcube_policy::{
    Description, Policy, Refusal, Rejection, Verdict, containers, job, lifecycle, log, metadata,
    patch, quantities, resources, scheduling, settings, storage, task,
};

struct Caller;

impl Policy for Caller {
    fn describe() -> Description {
        Description {
            name: "caller",
            version: "0.1.0",
            summary: "Calls what its settings list.",
            settings_schema: r#"{"type": "object", "required": ["calls"]}"#,
        }
    }

    fn review() -> Result<Verdict, Rejection> {
        for call in 0..settings::length("/calls") {
            let arguments = Arguments { pointer: format!("/calls/{call}") };
            let name = arguments.text(0);
            match name.as_str() {
                "reject" => {
                    let (reason, remedy) = (arguments.text(1), arguments.option(2));
                    return Err(Rejection { reason, remedy });
                }
                "warn" => return Ok(Verdict::Warn(arguments.texts(1))),
                "log" => {
                    log::write(arguments.level(1), &arguments.text(2));
                    continue;
                }
                "only-if" | "only-unless" => {
                    let is_there = shown(job::read(&arguments.text(1))) == arguments.text(2);
                    if is_there == (name == "only-if") {
                        continue;
                    }
                    return Ok(Verdict::Admit);
                }
                _ => {}
            }
            let line = match verb(&name, &arguments, &format!("call {call}")) {
                Some(Ok(())) => continue,
                Some(Err(Refusal { what, why })) => format!("{call} {name} refused: {what}: {why}"),
                None => format!("{call} {name}: {}", view(&name, &arguments)),
            };
            log::write(log::Level::Info, &line);
        }
        Ok(Verdict::Admit)
    }
}

#[expect(clippy::panic, reason = "a policy can break")]
fn trap(why: &str) -> String {
    panic!("{why}")
}

fn verb(name: &str, a: &Arguments, reason: &str) -> Option<Result<(), Refusal>> {
    Some(match name {
        "require-node-label" => scheduling::require_node_label(&a.text(1), &a.text(2), reason),
        "tolerate" => scheduling::tolerate(&a.text(1), a.option(2).as_deref(), a.effect(3), reason),
        "require-node-affinity" => {
            scheduling::require_node_affinity(&a.text(1), a.node_operator(2), &a.texts(3), reason)
        }
        "prefer-node-affinity" => scheduling::prefer_node_affinity(
            a.number(1),
            &a.text(2),
            a.node_operator(3),
            &a.texts(4),
            reason,
        ),
        "set-priority-class" => scheduling::set_priority_class(&a.text(1), reason),
        "set-scheduler" => scheduling::set_scheduler(&a.text(1), reason),
        "set-queue" => scheduling::set_queue(&a.text(1), reason),

        "set-limit" => resources::set_limit(&a.text(1), &a.text(2), &a.text(3), reason),
        "set-request" => resources::set_request(&a.text(1), &a.text(2), &a.text(3), reason),
        "set-extended" => resources::set_extended(&a.text(1), &a.text(2), a.number(3), reason),

        "remap-claim" => storage::remap_claim(&a.text(1), &a.text(2), reason),
        "set-volume-claim" => storage::set_volume_claim(&a.text(1), &a.text(2), reason),
        "set-sub-path" => storage::set_sub_path(&a.text(1), &a.text(2), reason),
        "set-read-only" => storage::set_read_only(&a.text(1), reason),
        "set-volume-sub-path" => storage::set_volume_sub_path(&a.text(1), &a.text(2), reason),
        "set-volume-read-only" => storage::set_volume_read_only(&a.text(1), reason),
        "add-claim" => storage::add_claim(&a.text(1), &a.text(2), reason),
        "add-empty-dir" => {
            storage::add_empty_dir(&a.text(1), a.flag(2), a.option(3).as_deref(), reason)
        }
        "add-config-map" => storage::add_config_map(&a.text(1), &a.text(2), reason),
        "add-secret" => storage::add_secret(&a.text(1), &a.text(2), reason),
        "mount" => storage::mount(
            &a.text(1),
            &a.text(2),
            &a.text(3),
            a.option(4).as_deref(),
            a.flag(5),
            reason,
        ),

        "set-image" => containers::set_image(&a.text(1), &a.text(2), reason),
        "set-pull-policy" => containers::set_pull_policy(&a.text(1), a.pull_policy(2), reason),
        "add-pull-secret" => containers::add_pull_secret(&a.text(1), reason),
        "set-command" => containers::set_command(&a.text(1), &a.texts(2), reason),
        "set-arguments" => containers::set_arguments(&a.text(1), &a.texts(2), reason),
        "set-env" => containers::set_env(&a.text(1), &a.text(2), &a.text(3), reason),
        "set-env-from-secret" => {
            containers::set_env_from_secret(&a.text(1), &a.text(2), &a.text(3), &a.text(4), reason)
        }
        "set-env-from-config-map" => containers::set_env_from_config_map(
            &a.text(1),
            &a.text(2),
            &a.text(3),
            &a.text(4),
            reason,
        ),
        "remove-env" => containers::remove_env(&a.text(1), &a.text(2), reason),
        "set-run-as-user" => {
            containers::set_run_as_user(a.option(1).as_deref(), a.number(2), reason)
        }
        "set-run-as-group" => {
            containers::set_run_as_group(a.option(1).as_deref(), a.number(2), reason)
        }
        "set-run-as-non-root" => {
            containers::set_run_as_non_root(a.option(1).as_deref(), a.flag(2), reason)
        }
        "set-seccomp-profile" => {
            containers::set_seccomp_profile(a.option(1).as_deref(), a.seccomp_profile(2), reason)
        }
        "set-fs-group" => containers::set_fs_group(a.number(1), reason),
        "set-read-only-root-filesystem" => {
            containers::set_read_only_root_filesystem(&a.text(1), a.flag(2), reason)
        }
        "set-allow-privilege-escalation" => {
            containers::set_allow_privilege_escalation(&a.text(1), a.flag(2), reason)
        }
        "set-privileged" => containers::set_privileged(&a.text(1), a.flag(2), reason),
        "add-capability" => containers::add_capability(&a.text(1), &a.text(2), reason),
        "drop-capability" => containers::drop_capability(&a.text(1), &a.text(2), reason),
        "set-service-account" => containers::set_service_account(&a.text(1), reason),
        "set-automount-service-account-token" => {
            containers::set_automount_service_account_token(a.flag(1), reason)
        }

        "set-backoff-limit" => lifecycle::set_backoff_limit(a.number(1), reason),
        "set-backoff-limit-per-index" => {
            lifecycle::set_backoff_limit_per_index(a.number(1), reason)
        }
        "set-active-deadline-seconds" => {
            lifecycle::set_active_deadline_seconds(a.number(1), reason)
        }
        "set-ttl-seconds-after-finished" => {
            lifecycle::set_ttl_seconds_after_finished(a.number(1), reason)
        }
        "set-termination-grace-period-seconds" => {
            lifecycle::set_termination_grace_period_seconds(a.number(1), reason)
        }
        "set-suspend" => lifecycle::set_suspend(a.flag(1), reason),
        "set-completions" => lifecycle::set_completions(a.number(1), reason),
        "set-parallelism" => lifecycle::set_parallelism(a.number(1), reason),
        "set-completion-mode" => lifecycle::set_completion_mode(a.completion_mode(1), reason),
        "set-restart-policy" => lifecycle::set_restart_policy(a.restart_policy(1), reason),
        "add-exit-code-rule" => {
            let container = a.option(2);
            let (operator, values) = (a.exit_code_operator(3), a.numbers(4));
            lifecycle::add_exit_code_rule(
                a.action(1),
                container.as_deref(),
                operator,
                &values,
                reason,
            )
        }
        "add-pod-condition-rule" => {
            lifecycle::add_pod_condition_rule(a.action(1), &a.text(2), a.flag(3), reason)
        }

        "set-label" => metadata::set_label(&a.text(1), &a.text(2), reason),
        "set-annotation" => metadata::set_annotation(&a.text(1), &a.text(2), reason),
        "apply" => patch::apply(&a.text(1), reason),
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
        "container-pointer" => shown(job::container_pointer(&a.text(1))),

        "image" => shown(job::image(&a.text(1))),
        "pull-policy" => shown(job::pull_policy(&a.text(1))),
        "pull-secrets" => job::pull_secrets().join(" "),
        "command" => job::command(&a.text(1)).join(" "),
        "arguments" => job::arguments(&a.text(1)).join(" "),
        "env-names" => job::env_names(&a.text(1)).join(" "),
        "env" => shown(job::env(&a.text(1), &a.text(2))),
        "env-secret-key" => pair(job::env_secret_key(&a.text(1), &a.text(2))),
        "env-config-map-key" => pair(job::env_config_map_key(&a.text(1), &a.text(2))),
        "run-as-user" => shown(job::run_as_user(a.option(1).as_deref())),
        "run-as-group" => shown(job::run_as_group(a.option(1).as_deref())),
        "run-as-non-root" => shown(job::run_as_non_root(a.option(1).as_deref())),
        "seccomp-profile" => shown(job::seccomp_profile(a.option(1).as_deref())),
        "fs-group" => shown(job::fs_group()),
        "read-only-root-filesystem" => shown(job::read_only_root_filesystem(&a.text(1))),
        "allow-privilege-escalation" => shown(job::allow_privilege_escalation(&a.text(1))),
        "privileged" => shown(job::privileged(&a.text(1))),
        "added-capabilities" => job::added_capabilities(&a.text(1)).join(" "),
        "dropped-capabilities" => job::dropped_capabilities(&a.text(1)).join(" "),
        "service-account" => shown(job::service_account()),
        "automount-service-account-token" => shown(job::automount_service_account_token()),

        "claims" => job::claims().join(" "),
        "volumes" => job::volumes().join(" "),
        "volume-kind" => shown(job::volume_kind(&a.text(1))),
        "claim-of" => shown(job::claim_of(&a.text(1))),
        "drafted-claim-of" => shown(job::drafted_claim_of(&a.text(1))),
        "config-map-of" => shown(job::config_map_of(&a.text(1))),
        "secret-of" => shown(job::secret_of(&a.text(1))),
        "mount-paths" => job::mount_paths(&a.text(1)).join(" "),
        "mount-volume" => shown(job::mount_volume(&a.text(1), &a.text(2))),
        "mount-sub-path" => shown(job::mount_sub_path(&a.text(1), &a.text(2))),
        "mount-read-only" => job::mount_read_only(&a.text(1), &a.text(2)).to_string(),

        "node-label" => shown(job::node_label(&a.text(1))),
        "tolerates" => job::tolerates(&a.text(1)).to_string(),
        "node-affinity" => shown(job::node_affinity()),
        "priority-class" => shown(job::priority_class()),
        "scheduler" => shown(job::scheduler()),
        "queue" => shown(job::queue()),
        "limit" => shown(job::limit(&a.text(1), &a.text(2))),
        "request" => shown(job::request(&a.text(1), &a.text(2))),
        "resource-names" => job::resource_names().join(" "),
        "total-limit" => shown(job::total_limit(&a.text(1))),
        "total-request" => job::total_request(&a.text(1)),

        "backoff-limit" => shown(job::backoff_limit()),
        "backoff-limit-per-index" => shown(job::backoff_limit_per_index()),
        "active-deadline-seconds" => shown(job::active_deadline_seconds()),
        "ttl-seconds-after-finished" => shown(job::ttl_seconds_after_finished()),
        "termination-grace-period-seconds" => shown(job::termination_grace_period_seconds()),
        "suspended" => job::suspended().to_string(),
        "completions" => shown(job::completions()),
        "parallelism" => shown(job::parallelism()),
        "completion-mode" => shown(job::completion_mode()),
        "restart-policy" => shown(job::restart_policy()),
        "failure-rules" => job::failure_rules().join(" "),

        "text" => shown(job::text(&a.text(1))),
        "integer" => shown(job::integer(&a.text(1))),
        "number" => shown(job::number(&a.text(1))),
        "flag" => shown(job::flag(&a.text(1))),
        "keys" => job::keys(&a.text(1)).join(" "),
        "length" => job::length(&a.text(1)).to_string(),
        "read" => shown(job::read(&a.text(1))),

        "task/cube" => task::cube(),
        "task/name" => task::name(),
        "task/accelerators" => task::accelerators().to_string(),
        "task/platform" => shown(task::platform(&a.text(1))),
        "task/inputs" => task::inputs().join(" "),
        "task/outputs" => task::outputs().join(" "),
        "task/value" => shown(task::value(&a.text(1))),

        "settings/text" => shown(settings::text(&a.text(1))),
        "settings/integer" => shown(settings::integer(&a.text(1))),
        "settings/number" => shown(settings::number(&a.text(1))),
        "settings/flag" => shown(settings::flag(&a.text(1))),
        "settings/keys" => settings::keys(&a.text(1)).join(" "),
        "settings/length" => settings::length(&a.text(1)).to_string(),
        "settings/read" => shown(settings::read(&a.text(1))),
        "quantities/compare" => computed(quantities::compare(&a.text(1), &a.text(2)), |it| {
            format!("{it:?}").trim_start_matches("Ordering::").to_lowercase()
        }),
        "quantities/units" => computed(quantities::units(&a.text(1)), |it| it.to_string()),
        "quantities/add" => computed(quantities::add(&a.text(1), &a.text(2)), |it| it),
        "trap" => trap(&a.text(1)),
        _ => "there is no such call".into(),
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or("none".into(), |value| value.to_string())
}

fn computed<T>(value: Result<T, Refusal>, show: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|refusal| format!("{}: {}", refusal.what, refusal.why), show)
}

fn pair(pair: Option<(String, String)>) -> String {
    shown(pair.map(|(name, key)| format!("{name} {key}")))
}

mlcube_policy::export!(Caller);
