//! A plugin that issues credentials, run as client-go runs it
//! (<https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>).

use super::credentials::CredentialsError;
use crate::text::sentence;
use jiff::Timestamp;
use kube::config::{ExecConfig, ExecInteractiveMode};
use serde_json::{Value, json};
use std::io::{ErrorKind, IsTerminal};
use std::process::{Command, Stdio};

/// The versions of the protocol.
const VERSIONS: [&str; 2] =
    ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
/// The most of a plugin's own text that is shown.
const LONGEST: usize = 300;

/// A plugin.
#[derive(Debug)]
pub struct Plugin {
    command: String,
    exec: ExecConfig,
}

/// What a plugin issues.
#[derive(Debug, Default)]
pub struct Issued {
    /// A token.
    pub token: Option<String>,
    /// A certificate and its key.
    pub identity: Option<(String, String)>,
    /// The time from which on it no longer counts.
    pub until: Option<Timestamp>,
}

impl Plugin {
    /// A plugin as it is configured. The error says what is wrong with that.
    pub fn new(exec: ExecConfig) -> Result<Self, String> {
        let Some(command) = exec.command.clone().filter(|command| !command.is_empty()) else {
            return Err("missing `command` in the `exec` of the user".into());
        };
        let version = exec.api_version.as_deref().unwrap_or_default();
        if !VERSIONS.contains(&version) {
            let known = VERSIONS.map(|version| format!("`{version}`")).join(", ");
            return Err(format!(
                "`apiVersion` in the `exec` of the user: expected one of {known}, found `{version}`"
            ));
        }
        Ok(Self { command, exec })
    }

    /// Run the plugin and wait for its end. What it tells goes to stderr.
    pub fn run(&self) -> Result<Issued, CredentialsError> {
        let exec = &self.exec;
        let is_terminal = std::io::stdin().is_terminal();
        let is_interactive = match exec.interactive_mode {
            Some(ExecInteractiveMode::Never) => false,
            Some(ExecInteractiveMode::Always) if !is_terminal => {
                return Err(self.error("it asks questions, and standard input is not a terminal"));
            }
            _ => is_terminal,
        };
        let cluster = exec.cluster.as_ref().map(|cluster| json!(cluster));
        let mut spec = json!({"interactive": is_interactive});
        if let Some(cluster) = cluster {
            spec["cluster"] = cluster;
        }
        let info = json!({"kind": "ExecCredential", "apiVersion": exec.api_version, "spec": spec});
        let variables = exec.env.iter().flatten();
        let variables = variables.filter_map(|one| Some((one.get("name")?, one.get("value")?)));
        let mut command = Command::new(&self.command);
        command.args(exec.args.iter().flatten()).envs(variables);
        command.env("KUBERNETES_EXEC_INFO", info.to_string()).stderr(Stdio::inherit());
        command.stdin(if is_interactive { Stdio::inherit() } else { Stdio::null() });
        let output = command.output().map_err(|error| self.not_started(&error))?;
        if !output.status.success() {
            return Err(match output.status.code() {
                Some(code) => self.error(&format!("it ended with exit code {code}")),
                None => self.error("it was ended by a signal"),
            });
        }
        self.issued(&String::from_utf8_lossy(&output.stdout)).map_err(|why| self.error(&why))
    }

    /// The error of this plugin.
    pub fn error(&self, why: &str) -> CredentialsError {
        let why = format!("the plugin `{}` issues no credentials: {why}", self.command);
        CredentialsError { why, hint: None }
    }

    fn not_started(&self, error: &std::io::Error) -> CredentialsError {
        if error.kind() != ErrorKind::NotFound {
            return self.error(&crate::cluster::words::why(error));
        }
        let hint = self.exec.install_hint.as_deref().map(|hint| sentence(hint.trim(), LONGEST));
        let hint = hint.filter(|hint| !hint.is_empty()).unwrap_or_else(|| {
            "install it, or add its folder to `PATH`: the kubeconfig asks for it".into()
        });
        CredentialsError { hint: Some(hint), ..self.error("it was not found") }
    }

    /// What a plugin's output issues.
    fn issued(&self, output: &str) -> Result<Issued, String> {
        let parsed = serde_json::from_str(output).ok();
        let object: Value =
            parsed.or_else(|| serde_saphyr::from_str(output).ok()).unwrap_or_default();
        if object["kind"] != "ExecCredential" {
            return Err("expected an `ExecCredential`, found something else".into());
        }
        let version = self.exec.api_version.as_deref().unwrap_or_default();
        if object["apiVersion"] != version {
            let found = object["apiVersion"].as_str().unwrap_or_default();
            let found = sentence(found, LONGEST);
            return Err(format!("expected `apiVersion` `{version}`, found `{found}`"));
        }
        let status = &object["status"];
        let text =
            |key: &str| status[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let identity = match (text("clientCertificateData"), text("clientKeyData")) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err("it gave a certificate without a key, or a key alone".into()),
        };
        let token = text("token");
        if token.is_none() && identity.is_none() {
            return Err("its `status` has neither a token nor a certificate".into());
        }
        let until = text("expirationTimestamp").map(|time| time.parse()).transpose();
        let until = until.map_err(|_| "expected a time as `expirationTimestamp`".to_owned())?;
        Ok(Issued { token, identity, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(command: &str, script: &str) -> Plugin {
        let exec = json!({
            "apiVersion": VERSIONS[0], "command": command, "args": ["-c", script],
            "env": [{"name": "WHO", "value": "me"}], "interactiveMode": "Never",
            "installHint": "get it\nfrom the shelf",
        });
        Plugin::new(serde_json::from_value(exec).expect("a plugin")).expect("a plugin")
    }

    #[test]
    fn what_a_plugin_prints_is_what_it_issues() {
        let version = VERSIONS[0];
        let wrap = |status: &str| {
            format!(
                r#"echo '{{"kind": "ExecCredential", "apiVersion": "{version}", "status": {status}}}'"#
            )
        };
        let rows: [(&str, String, Result<&str, &str>); 12] = [
            ("a token", wrap(r#"{"token": "t"}"#), Ok("t")),
            (
                "YAML",
                format!(
                    r"printf 'kind: ExecCredential\napiVersion: {version}\nstatus: {{token: t}}\n'"
                ),
                Ok("t"),
            ),
            ("a variable", wrap(r#"{"token": "'$WHO'"}"#), Ok("me")),
            (
                "what it is told",
                wrap(r#"{"token": "'$(echo $KUBERNETES_EXEC_INFO | tr -cd a-zA-Z:)'"}"#),
                Ok("kind:ExecCredentialapiVersion:clientauthenticationksiovspec:interactive:false"),
            ),
            (
                "a certificate",
                wrap(r#"{"clientCertificateData": "c", "clientKeyData": "k"}"#),
                Ok(""),
            ),
            (
                "no key",
                wrap(r#"{"clientCertificateData": "c"}"#),
                Err("a certificate without a key"),
            ),
            ("nothing", wrap("{}"), Err("neither a token nor a certificate")),
            ("no status", wrap("null"), Err("neither a token nor a certificate")),
            ("words", "echo please log in".into(), Err("expected an `ExecCredential`")),
            (
                "another version",
                wrap("{}").replace("/v1", "/v2"),
                Err("found `client.authentication.k8s.io/v2`"),
            ),
            (
                "a time",
                wrap(r#"{"token": "t", "expirationTimestamp": "soon"}"#),
                Err("expected a time"),
            ),
            (
                "a failure",
                "exit 3".into(),
                Err("`sh` issues no credentials: it ended with exit code 3"),
            ),
        ];
        for (name, script, expected) in rows {
            match (plugin("sh", &script).run(), expected) {
                (Ok(issued), Ok(token)) => {
                    assert_eq!(issued.token.unwrap_or_default(), token, "{name}");
                }
                (Err(error), Err(expected)) => {
                    assert!(error.why.contains(expected), "{name}: {error}")
                }
                (found, _) => unreachable!("{name}: {found:?}"),
            }
        }
    }

    #[test]
    fn one_that_is_not_there_says_how_to_get_it() {
        let error = plugin("/no/such/plugin", "").run().expect_err("it is not there");
        assert_eq!(
            error.why,
            "the plugin `/no/such/plugin` issues no credentials: it was not found"
        );
        assert_eq!(error.hint.as_deref(), Some("get it from the shelf"));
    }
}
