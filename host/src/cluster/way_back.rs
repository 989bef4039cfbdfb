//! The way back to a Job from a shell: the one place that writes commands for people to paste. They
//! lead to the cluster of this run, so they carry the flags that selected it.

use super::ClusterTarget;
use crate::k8s::Namespace;
use crate::text::shell_word;
use std::fmt::Write;

/// The flags that lead to a cluster and a namespace in it, as one writes them in a shell.
#[derive(Clone, Debug)]
pub struct Flags(String);

impl Flags {
    /// The flags of a target that turned out to be in this namespace.
    pub fn new(target: &ClusterTarget, namespace: &Namespace) -> Self {
        let mut flags = format!("--namespace {namespace}");
        let kubeconfig = target.kubeconfig.as_ref().map(|path| path.display().to_string());
        let given = [("--context", target.context.clone()), ("--kubeconfig", kubeconfig)];
        for (flag, value) in given {
            // A value may begin with a dash, which only `=` allows.
            let value = value.iter();
            value.for_each(|value| {
                let _ = write!(flags, " {flag}={}", shell_word(value));
            });
        }
        Self(flags)
    }

    /// A command of kubectl.
    pub fn kubectl(&self, words: &str) -> String {
        format!("kubectl {words} {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_carry_the_flags_that_were_given() {
        let rows = [
            (None, None, "kubectl get job/j --namespace team"),
            (Some("prod"), None, "kubectl get job/j --namespace team --context=prod"),
            (
                Some("my cluster's"),
                Some("/a b/config"),
                r"kubectl get job/j --namespace team --context='my cluster'\''s' --kubeconfig='/a b/config'",
            ),
        ];
        for (context, kubeconfig, expected) in rows {
            let target = ClusterTarget {
                context: context.map(str::to_owned),
                kubeconfig: kubeconfig.map(Into::into),
                ..ClusterTarget::default()
            };
            let namespace = "team".parse().expect("a namespace");
            assert_eq!(Flags::new(&target, &namespace).kubectl("get job/j"), expected);
        }
    }
}
