//! A cluster as the program uses it: found once, with one set of credentials for all its clients.

use super::access::{Access, Proxy};
use super::client::Sender;
use super::warnings::Warnings;
use super::way_back::Commands;
use super::{ClusterError, words};
use crate::event::WayBack;
use crate::k8s::{InvalidName, Namespace};
use kube::Client;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The timeout of the response to a request.
const ANSWER: Duration = Duration::from_secs(60);
/// The timeout of a silent connection of watches, which the server ends before it.
const SILENCE: Duration = Duration::from_secs(35);
/// The timeout of a silent connection of logs, whose followers know when to ask anew.
const LONG_SILENCE: Duration = Duration::from_secs(300);

/// The selection of a cluster: kubeconfig, context and namespace.
#[derive(Clone, Debug, Default)]
pub struct ClusterTarget {
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
    /// The namespace of the flag or of the cube's configuration.
    pub namespace: Option<Namespace>,
    /// The program as it was called, for the commands that it prints.
    pub program: &'static str,
    /// The options by which `fetch` brings the outputs of this command's Jobs, each after a blank; none
    /// if they need no fetching.
    pub fetching: Option<String>,
}

/// A cluster, and the namespace in it.
#[derive(Clone)]
pub struct Cluster {
    pub(super) client: Client,
    access: Arc<Access>,
    sender: Sender,
    namespace: Namespace,
    commands: Commands,
    warnings: Warnings,
}

impl Cluster {
    /// Find the cluster and make a client. Nothing is sent yet, and no plugin runs.
    pub async fn connect(target: &ClusterTarget) -> Result<Self, ClusterError> {
        let access = Arc::new(Access::find(target)?);
        let namespace = match &target.namespace {
            Some(namespace) => namespace.clone(),
            None => namespace_of(&access)?,
        };
        let commands = Commands::new(target, &namespace);
        let warnings = Warnings::default();
        let sender = sender(&access, ANSWER, &warnings)?;
        let client = sender.client_with_retries();
        Ok(Self { client, access, sender, namespace, commands, warnings })
    }

    /// What the API server has warned of since the last time.
    pub fn take_warnings(&self) -> Vec<String> {
        self.warnings.take()
    }

    /// The namespace of the run: the flag's, the cube's, the context's, or `default`.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// A command of kubectl for this cluster.
    pub(super) fn kubectl(&self, words: &str) -> String {
        self.commands.kubectl(words)
    }

    /// The address of its API server.
    pub fn url(&self) -> String {
        self.access.config.cluster_url.to_string()
    }

    /// The way back to a Job.
    pub(super) fn way_back(&self, name: &str) -> WayBack {
        WayBack {
            look: self.commands.of("status", name),
            follow: self.commands.of("attach", name),
            stop: self.commands.of("cancel", name),
            logs: self.commands.of("logs", name),
            remove: self.commands.of("delete", name),
            fetch: self.commands.to_fetch(name),
        }
    }

    /// A client that sends every request once, whatever the answer.
    pub(super) fn client_without_retries(&self) -> Client {
        self.sender.client()
    }

    /// A client for watches, none of whose connections has been used for anything else. What fails
    /// is told to those who ask: they know when to try again.
    pub(super) fn client_for_watches(&self) -> Result<Client, ClusterError> {
        Ok(sender(&self.access, SILENCE, &self.warnings)?.client())
    }

    /// A client for logs: a container may be silent for long.
    pub(super) fn client_for_logs(&self) -> Result<Client, ClusterError> {
        Ok(sender(&self.access, LONG_SILENCE, &self.warnings)?.client_with_retries())
    }

    /// The error of a failed action, a verb phrase such as "create Job `x`".
    pub(super) fn error(&self, action: impl Into<String>, error: kube::Error) -> ClusterError {
        let via = self.access.proxy.as_ref().map(via).unwrap_or_default();
        ClusterError::from_kube(&self.access.config.cluster_url, via, action, error)
    }
}

/// Connections that wait so long for each part of a response.
fn sender(
    access: &Arc<Access>,
    wait: Duration,
    warnings: &Warnings,
) -> Result<Sender, ClusterError> {
    Sender::new(access, wait, warnings).map_err(|error| ClusterError::Kubeconfig {
        place: format!("for `{}`", access.config.cluster_url),
        why: words::why(&error),
        source: Some(error.into()),
    })
}

/// The way through a proxy, in words.
fn via(proxy: &Proxy) -> String {
    format!(" through the proxy `{}` (`{}`)", proxy.shown(), proxy.named_by)
}

/// The namespace of the context, which a kubeconfig may hold in any form.
fn namespace_of(access: &Access) -> Result<Namespace, ClusterError> {
    let name = &access.config.default_namespace;
    name.parse().map_err(|error: InvalidName| ClusterError::Kubeconfig {
        place: "in use".into(),
        why: format!("the namespace of the context: {error}"),
        source: Some(error.into()),
    })
}
