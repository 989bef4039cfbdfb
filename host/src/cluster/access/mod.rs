//! The way to a cluster: kubeconfigs as kubectl reads them, the Pod we run in, the proxy, and the
//! credentials.

mod credentials;
mod kubeconfig;
mod plugin;
mod pod;
mod proxy;
mod select;
#[cfg(test)]
mod tests;

use super::{ClusterError, ClusterTarget};
use kube::Config;
use std::env;
use std::sync::Arc;

pub use credentials::{Credential, Credentials, CredentialsError};
pub use proxy::Proxy;

/// A cluster that is found, and how it is reached.
#[derive(Clone)]
pub struct Access {
    /// The server, its certificate, the namespace of the context; no proxy but the one below, and no
    /// credentials but those that never change.
    pub config: Config,
    /// The credentials that may change.
    pub credentials: Arc<Credentials>,
    /// The proxy.
    pub proxy: Option<Proxy>,
}

impl Access {
    /// Find the cluster. Nothing is sent, and no plugin runs yet.
    pub fn find(target: &ClusterTarget) -> Result<Self, ClusterError> {
        let read = kubeconfig::read(target)?;
        let selected = match select::selected(&read, target.context.as_deref())? {
            Some(selected) => selected,
            None => pod::service_account().ok_or_else(|| ClusterError::NotConfigured {
                unselected: read.contexts(),
                is_in_pod: pod::is_inside(),
            })??,
        };
        let (mut config, configured) = (selected.config, selected.proxy);
        let proxy = Proxy::of(&config.cluster_url, configured.as_deref(), |name| {
            env::var(name).ok().filter(|value| !value.is_empty())
        });
        let proxy = proxy.map_err(|why| ClusterError::kubeconfig(&read.place, why))?;
        config.proxy_url = proxy.as_ref().map(|proxy| proxy.uri.clone());
        let credentials = Credentials::take(&mut config.auth_info)
            .map_err(|why| ClusterError::kubeconfig(&read.place, why))?;
        Ok(Self { config, credentials: Arc::new(credentials), proxy })
    }
}
