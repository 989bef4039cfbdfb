//! Finding the cluster as every Kubernetes client does: the flag, `KUBECONFIG`, the default file,
//! the Pod we run in.

use super::ClusterError;
use super::warnings::Warnings;
use crate::k8s::{InvalidName, Namespace};
use http::Response;
use kube::client::ClientBuilder;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use std::path::PathBuf;
use std::time::Duration;
use tower::util::MapResponseLayer;

/// The timeout of connecting.
const CONNECT: Duration = Duration::from_secs(10);
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
}

/// A cluster, and the namespace in it.
#[derive(Clone)]
pub struct Cluster {
    pub(super) client: Client,
    pub(super) url: String,
    config: Config,
    namespace: Namespace,
    warnings: Warnings,
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
        let warnings = Warnings::default();
        let client = client(&config, &warnings)?;
        Ok(Self { client, url, config, namespace, warnings })
    }

    /// What the API server has warned of since the last time.
    pub fn take_warnings(&self) -> Vec<String> {
        self.warnings.take()
    }

    /// The namespace of the run: the flag's, the cube's, the context's, or `default`.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// A client that sends every request once, whatever the answer.
    pub(super) fn client_without_retries(&self) -> Result<Client, ClusterError> {
        let mut config = self.config.clone();
        config.default_retry = false;
        client(&config, &self.warnings)
    }

    /// A client for watches, none of whose connections has been used for anything else.
    pub(super) fn client_for_watches(&self) -> Result<Client, ClusterError> {
        let mut config = self.config.clone();
        config.read_timeout = Some(SILENCE);
        client(&config, &self.warnings)
    }

    /// A client for logs: a container may be silent for long.
    pub(super) fn client_for_logs(&self) -> Result<Client, ClusterError> {
        let mut config = self.config.clone();
        config.read_timeout = Some(LONG_SILENCE);
        client(&config, &self.warnings)
    }

    /// The error of a failed action, a verb phrase such as "create Job `x`".
    pub(super) fn error(&self, action: impl Into<String>, error: kube::Error) -> ClusterError {
        ClusterError::from_kube(&self.url, action, error)
    }
}

/// A client, whose responses are searched for warnings.
fn client(config: &Config, warnings: &Warnings) -> Result<Client, ClusterError> {
    let place = format!("for `{}`", config.cluster_url);
    let warnings = warnings.clone();
    let hear = MapResponseLayer::new(move |response: Response<_>| {
        warnings.hear(response.headers());
        response
    });
    let builder = ClientBuilder::try_from(config.clone());
    let client = builder.map(|builder| builder.with_layer(&hear).build());
    client.map_err(|error| ClusterError::Kubeconfig {
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
