//! `containers`: image, command, environment and security context of the containers.

use super::edits::Step;
use super::environment::variable;
use crate::job::Pointer;
use crate::k8s;
use crate::policy::guest::bindings::containers::{Host, PullPolicy, SeccompProfile};
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::{Value, json};

const PRIVILEGED: &str =
    "the container is privileged, and Kubernetes does not accept both: use `set-privileged`";
const CONFINED: &str = "privilege escalation is not allowed, and Kubernetes does not accept both: \
                        use `set-allow-privilege-escalation`";

/// A capability in the spelling that the API server looks at.
const ADMIN: &str = "CAP_SYS_ADMIN";
impl Host for Evaluation {
    fn set_image(&mut self, container: String, image: String, reason: String) -> Answer {
        let place = k8s::image(&image).and_then(|()| self.container(&container));
        let what = format!("image of container `{container}`");
        self.edit_found(&what, place.map(|place| place.key("image")), json!(image), &reason)
    }

    fn set_pull_policy(&mut self, container: String, policy: PullPolicy, reason: String) -> Answer {
        let policy = match policy {
            PullPolicy::Always => "Always",
            PullPolicy::IfNotPresent => "IfNotPresent",
            PullPolicy::Never => "Never",
        };
        let place = self.container(&container).map(|place| place.key("imagePullPolicy"));
        self.edit_found(
            &format!("pull policy of container `{container}`"),
            place,
            json!(policy),
            &reason,
        )
    }

    fn add_pull_secret(&mut self, secret: String, reason: String) -> Answer {
        let what = format!("pull secret `{secret}`");
        match k8s::dns_subdomain(&secret) {
            Ok(()) => self.append(
                &what,
                &Pointer::pod().key("imagePullSecrets"),
                json!({"name": secret}),
                &reason,
            ),
            Err(why) => self.refuse(what, why),
        }
    }

    fn set_command(&mut self, container: String, command: Vec<String>, reason: String) -> Answer {
        self.set_words("command", &container, command, &reason)
    }

    fn set_arguments(
        &mut self,
        container: String,
        arguments: Vec<String>,
        reason: String,
    ) -> Answer {
        self.set_words("args", &container, arguments, &reason)
    }

    fn set_env(
        &mut self,
        container: String,
        name: String,
        value: String,
        reason: String,
    ) -> Answer {
        self.put_env(&container, &name, Ok(()), json!({"name": name, "value": value}), &reason)
    }

    fn set_env_from_secret(
        &mut self,
        container: String,
        name: String,
        secret: String,
        key: String,
        reason: String,
    ) -> Answer {
        let source_is = k8s::dns_subdomain(&secret).and_then(|()| k8s::data_key(&key));
        let reference = json!({"name": secret, "key": key});
        let variable = json!({"name": name, "valueFrom": {"secretKeyRef": reference}});
        self.put_env(&container, &name, source_is, variable, &reason)
    }

    fn set_env_from_config_map(
        &mut self,
        container: String,
        name: String,
        config_map: String,
        key: String,
        reason: String,
    ) -> Answer {
        let source_is = k8s::dns_subdomain(&config_map).and_then(|()| k8s::data_key(&key));
        let reference = json!({"name": config_map, "key": key});
        let variable = json!({"name": name, "valueFrom": {"configMapKeyRef": reference}});
        self.put_env(&container, &name, source_is, variable, &reason)
    }

    fn remove_env(&mut self, container: String, name: String, reason: String) -> Answer {
        let what = variable(&container, &name);
        match self.container(&container) {
            Ok(place) => {
                let steps = self.taken_out(&place.key("env"), |variable| variable["name"] == *name);
                self.edit_all(&what, steps, &reason)
            }
            Err(why) => self.refuse(what, why),
        }
    }

    fn set_run_as_user(&mut self, container: Option<String>, user: u32, reason: String) -> Answer {
        let place = k8s::int32(user).and_then(|()| self.security(container.as_deref()));
        self.secure("runAsUser", container.as_deref(), place, json!(user), &reason)
    }

    fn set_run_as_group(
        &mut self,
        container: Option<String>,
        group: u32,
        reason: String,
    ) -> Answer {
        let place = k8s::int32(group).and_then(|()| self.security(container.as_deref()));
        self.secure("runAsGroup", container.as_deref(), place, json!(group), &reason)
    }

    fn set_run_as_non_root(
        &mut self,
        container: Option<String>,
        non_root: bool,
        reason: String,
    ) -> Answer {
        let place = self.security(container.as_deref());
        self.secure("runAsNonRoot", container.as_deref(), place, json!(non_root), &reason)
    }

    fn set_seccomp_profile(
        &mut self,
        container: Option<String>,
        profile: SeccompProfile,
        reason: String,
    ) -> Answer {
        let kind = match profile {
            SeccompProfile::RuntimeDefault => "RuntimeDefault",
            SeccompProfile::Unconfined => "Unconfined",
        };
        let place = self.security(container.as_deref());
        self.secure("seccompProfile", container.as_deref(), place, json!({"type": kind}), &reason)
    }

    fn set_fs_group(&mut self, group: u32, reason: String) -> Answer {
        let place = k8s::int32(group).and_then(|()| self.security(None));
        self.secure("fsGroup", None, place, json!(group), &reason)
    }

    fn set_read_only_root_filesystem(
        &mut self,
        container: String,
        read_only: bool,
        reason: String,
    ) -> Answer {
        let place = self.security(Some(&container));
        self.secure("readOnlyRootFilesystem", Some(&container), place, json!(read_only), &reason)
    }

    fn set_allow_privilege_escalation(
        &mut self,
        container: String,
        allow: bool,
        reason: String,
    ) -> Answer {
        let place = self.security(Some(&container)).and_then(|place| {
            let is_privileged = self.job.at(&place.key("privileged")) == Some(&json!(true));
            let added = self.job.items(&place.key("capabilities").key("add"));
            match allow {
                false if is_privileged => Err(PRIVILEGED.into()),
                false if added.iter().any(|it| it == ADMIN) => Err(format!(
                    "the container adds the capability `{ADMIN}`, and Kubernetes does not accept \
                     both: use `patch` to write it as `SYS_ADMIN`, or to take it away"
                )),
                _ => Ok(place),
            }
        });
        self.secure("allowPrivilegeEscalation", Some(&container), place, json!(allow), &reason)
    }

    fn set_privileged(&mut self, container: String, privileged: bool, reason: String) -> Answer {
        let place = self.security(Some(&container)).and_then(|place| {
            let is_confined =
                self.job.at(&place.key("allowPrivilegeEscalation")) == Some(&json!(false));
            if is_confined && privileged { Err(CONFINED.into()) } else { Ok(place) }
        });
        self.secure("privileged", Some(&container), place, json!(privileged), &reason)
    }

    fn add_capability(&mut self, container: String, capability: String, reason: String) -> Answer {
        self.move_capability(&container, &capability, ["drop", "add"], &reason)
    }

    fn drop_capability(&mut self, container: String, capability: String, reason: String) -> Answer {
        self.move_capability(&container, &capability, ["add", "drop"], &reason)
    }

    fn set_service_account(&mut self, name: String, reason: String) -> Answer {
        let place = k8s::dns_subdomain(&name).map(|()| Pointer::pod().key("serviceAccountName"));
        self.edit_found("service account", place, json!(name), &reason)
    }

    fn set_automount_service_account_token(&mut self, automount: bool, reason: String) -> Answer {
        let place = Pointer::pod().key("automountServiceAccountToken");
        self.edit("service account token", &place, json!(automount), &reason)
    }
}

impl Evaluation {
    /// Set a list of words; an empty one leaves it to the image.
    fn set_words(
        &mut self,
        field: &str,
        container: &str,
        words: Vec<String>,
        reason: &str,
    ) -> Answer {
        let what = format!("`{field}` of container `{container}`");
        match self.container(container) {
            Ok(place) => {
                let words = Some(words).filter(|words| !words.is_empty()).map(|words| json!(words));
                self.edit_all(&what, [(place.key(field), words)], reason)
            }
            Err(why) => self.refuse_all(&what, &json!(words), why),
        }
    }

    /// The pointer to the security context of a container or of the Pod.
    fn security(&self, container: Option<&str>) -> Result<Pointer, String> {
        let holder = container.map_or(Ok(Pointer::pod()), |name| self.container(name));
        holder.map(|holder| holder.key("securityContext"))
    }

    /// Set a field of a security context.
    fn secure(
        &mut self,
        field: &str,
        container: Option<&str>,
        context: Result<Pointer, String>,
        value: Value,
        reason: &str,
    ) -> Answer {
        let holder =
            container.map_or_else(|| "the Pod".to_owned(), |name| format!("container `{name}`"));
        self.edit_found(
            &format!("`{field}` of {holder}"),
            context.map(|context| context.key(field)),
            value,
            reason,
        )
    }

    /// Move a Linux capability from one list to the other.
    fn move_capability(
        &mut self,
        container: &str,
        capability: &str,
        [old, new]: [&str; 2],
        reason: &str,
    ) -> Answer {
        let what = format!("capability `{capability}` of container `{container}`");
        let context = k8s::capability(capability).and_then(|()| self.security(Some(container)));
        let steps = context.and_then(|context| {
            let lists = context.key("capabilities");
            let mut steps: Vec<Step> = self.taken_out(&lists.key(old), |item| item == capability);
            steps.extend(self.appended(&lists.key(new), json!(capability))?);
            Ok(steps)
        });
        match steps {
            Ok(steps) => self.edit_all(&what, steps, reason),
            Err(why) => self.refuse(what, why),
        }
    }
}
