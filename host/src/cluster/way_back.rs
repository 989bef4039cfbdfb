//! The way back to a Job from a shell: the one place that writes commands for people to paste. They
//! lead to the cluster of this run, so they carry the flags that selected it.

use super::ClusterTarget;
use crate::k8s::Namespace;
use crate::text::shell_word;

/// The commands of this program that lead to a cluster and a namespace in it.
#[derive(Clone, Debug)]
pub struct Commands {
    program: &'static str,
    flags: String,
    fetching: Option<String>,
}

impl Commands {
    /// With the flags of a target that turned out to be in this namespace.
    pub fn new(target: &ClusterTarget, namespace: &Namespace) -> Self {
        let mut flags = format!("--namespace {namespace}");
        let kubeconfig = target.kubeconfig.as_ref().map(|path| path.display().to_string());
        let given = [("--context", target.context.clone()), ("--kubeconfig", kubeconfig)];
        for (flag, value) in given {
            // A value may begin with a dash, which only `=` allows.
            let value = value.iter().map(|value| format!(" {flag}={}", shell_word(value)));
            flags.extend(value);
        }
        Self { program: target.program, flags, fetching: target.fetching.clone() }
    }

    /// A command of kubectl.
    pub fn kubectl(&self, words: &str) -> String {
        format!("kubectl {words} {}", self.flags)
    }

    /// The command for a Job.
    pub fn of(&self, command: &str, job: &str) -> String {
        let Self { program, flags, .. } = self;
        format!("{program} {command} {job} {flags}")
    }

    /// The command that brings the outputs of a Job, if they need it.
    pub fn to_fetch(&self, job: &str) -> Option<String> {
        let Self { program, flags, fetching } = self;
        fetching.as_ref().map(|options| format!("{program} fetch {job}{options} {flags}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_carry_the_flags_that_were_given() {
        let rows = [
            (None, None, "mlcube-k8s", "mlcube-k8s attach j --namespace team"),
            (
                Some("prod"),
                None,
                "kubectl mlcube",
                "kubectl mlcube attach j --namespace team --context=prod",
            ),
            (
                Some("my cluster's"),
                Some("/a b/config"),
                "mlcube-k8s",
                r"mlcube-k8s attach j --namespace team --context='my cluster'\''s' --kubeconfig='/a b/config'",
            ),
            (Some("-x"), None, "mlcube-k8s", "mlcube-k8s attach j --namespace team --context=-x"),
        ];
        for (context, kubeconfig, program, expected) in rows {
            let target = ClusterTarget {
                context: context.map(str::to_owned),
                kubeconfig: kubeconfig.map(Into::into),
                namespace: None,
                program,
                fetching: Some(" --to='a b'".into()),
            };
            let commands = Commands::new(&target, &"team".parse().expect("a namespace"));
            assert_eq!(commands.of("attach", "j"), expected);
            let fetch = expected.replace("attach j", "fetch j --to='a b'");
            assert_eq!(commands.to_fetch("j"), Some(fetch));
        }
    }
}
