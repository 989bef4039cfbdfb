//! Finding the cluster as every Kubernetes client does: the flag, `KUBECONFIG`, the default file,
//! the Pod we run in.

use super::ClusterError;
use crate::k8s::{InvalidName, Namespace};
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use std::path::PathBuf;
use std::time::Duration;

/// The timeout of connecting.
const CONNECT: Duration = Duration::from_secs(10);
/// The timeout of the response to a request.
const ANSWER: Duration = Duration::from_secs(60);
/// The timeout of a silent connection of watches and logs, which ask anew before it.
const SILENCE: Duration = Duration::from_secs(35);

/// The selection of a cluster: kubeconfig, context and namespace.
#[derive(Clone, Debug, Default)]
pub struct ClusterTarget {
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
    /// The namespace of the flag or of the cube's configuration.
    pub namespace: Option<Namespace>,
}

/// A cluster, and the namespace in it.
#[derive(Clone)]
pub struct Cluster {
    pub(super) client: Client,
    pub(super) url: String,
    config: Config,
    namespace: Namespace,
}

impl Cluster {
    /// Find the cluster and make a client. Nothing is sent yet.
    pub async fn connect(target: &ClusterTarget) -> Result<Self, ClusterError> {
        let mut config = configuration(target).await?;
        config.connect_timeout = Some(CONNECT);
        config.read_timeout = Some(ANSWER);
        let url = config.cluster_url.to_string();
        let namespace = match &target.namespace {
            Some(namespace) => namespace.clone(),
            None => namespace_of(&config)?,
        };
        let client = client(&config)?;
        Ok(Self { client, url, config, namespace })
    }

    /// The namespace of the run: the flag's, the cube's, the context's, or `default`.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// A client that sends every request once, whatever the answer.
    pub(super) fn client_without_retries(&self) -> Result<Client, ClusterError> {
        let mut config = self.config.clone();
        config.default_retry = false;
        client(&config)
    }

    /// A client for watches and logs, none of whose connections has been used for anything else.
    pub(super) fn client_for_streams(&self) -> Result<Client, ClusterError> {
        let mut config = self.config.clone();
        config.read_timeout = Some(SILENCE);
        client(&config)
    }

    /// The error of a failed action, a verb phrase such as "create Job `x`".
    pub(super) fn error(&self, action: impl Into<String>, error: kube::Error) -> ClusterError {
        ClusterError::from_kube(&self.url, action, error)
    }
}

fn client(config: &Config) -> Result<Client, ClusterError> {
    let place = format!("for `{}`", config.cluster_url);
    Client::try_from(config.clone()).map_err(|error| ClusterError::Kubeconfig {
        place,
        why: super::error::root_cause(&error),
        source: Some(error.into()),
    })
}

/// The namespace of the context, which a kubeconfig may hold in any form.
fn namespace_of(config: &Config) -> Result<Namespace, ClusterError> {
    let name = &config.default_namespace;
    name.parse().map_err(|error: InvalidName| ClusterError::Kubeconfig {
        place: "in use".into(),
        why: format!("the namespace of the context: {error}"),
        source: Some(error.into()),
    })
}

async fn configuration(target: &ClusterTarget) -> Result<Config, ClusterError> {
    let Some((kubeconfig, place)) = kubeconfig(target)? else {
        return Config::incluster().map_err(|_| ClusterError::NotConfigured);
    };
    if let Some(context) = &target.context
        && !kubeconfig.contexts.iter().any(|known| known.name == *context)
    {
        let known = kubeconfig.contexts.into_iter().map(|context| context.name).collect();
        return Err(ClusterError::UnknownContext { place, context: context.clone(), known });
    }
    let options =
        KubeConfigOptions { context: target.context.clone(), ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    config.map_err(|error| wrong(&place, error))
}

/// The kubeconfig that is in force, and its name for messages; none if there is none at all.
fn kubeconfig(target: &ClusterTarget) -> Result<Option<(Kubeconfig, String)>, ClusterError> {
    if let Some(path) = &target.kubeconfig {
        let place = format!("`{}`", path.display());
        let kubeconfig = Kubeconfig::read_from(path).map_err(|error| wrong(&place, error))?;
        return Ok(Some((kubeconfig, place)));
    }
    let place = "of the variable `KUBECONFIG`";
    if let Some(kubeconfig) = Kubeconfig::from_env().map_err(|error| wrong(place, error))? {
        return Ok(Some((kubeconfig, place.into())));
    }
    let Some(path) =
        std::env::home_dir().map(|home| home.join(".kube/config")).filter(|path| path.exists())
    else {
        return match target.context {
            Some(_) => Err(ClusterError::NotConfigured),
            None => Ok(None),
        };
    };
    let place = format!("`{}`", path.display());
    let kubeconfig = Kubeconfig::read_from(&path).map_err(|error| wrong(&place, error))?;
    Ok(Some((kubeconfig, place)))
}

fn wrong(place: &str, error: KubeconfigError) -> ClusterError {
    let place = place.to_owned();
    let why = error.to_string();
    ClusterError::Kubeconfig { place, why, source: Some(error.into()) }
}
