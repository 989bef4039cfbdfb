//! The context in force, and what it names: the cluster and the user.

use super::kubeconfig::Read;
use crate::cluster::ClusterError;
use crate::cluster::words;
use kube::Config;
use kube::config::{AuthInfo, Cluster, ExecAuthCluster, Kubeconfig, NamedCluster};

/// A cluster with its user, and the proxy that is configured for it.
pub struct Selected {
    pub config: Config,
    pub proxy: Option<String>,
}

/// The cluster of a context; none if no context is selected.
pub fn selected(read: &Read, context: Option<&str>) -> Result<Option<Selected>, ClusterError> {
    let Read { kubeconfig, place } = read;
    let wrong = |why: String| ClusterError::kubeconfig(place, why);
    let Some(name) = context.or(kubeconfig.current_context.as_deref()) else { return Ok(None) };
    let named = kubeconfig.contexts.iter().find(|known| known.name == name);
    let Some(named) = named else {
        return Err(ClusterError::UnknownContext {
            place: place.clone(),
            context: name.to_owned(),
            known: read.contexts(),
        });
    };
    let context = named.context.clone().unwrap_or_default();
    let cluster = find(kubeconfig, &context.cluster);
    let cluster = cluster.ok_or_else(|| {
        wrong(format!(
            "context `{name}` names cluster `{}`, which it does not have",
            context.cluster
        ))
    })?;
    let server = cluster.server.clone().unwrap_or_default();
    if server.is_empty() {
        return Err(wrong(format!("cluster `{}` has no `server`", context.cluster)));
    }
    if server.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::len)).is_none() {
        return Err(wrong(format!("cluster `{}`: invalid `server` `{server}`", context.cluster)));
    }
    let users = kubeconfig.auth_infos.iter();
    let user = context.user.as_ref().and_then(|user| users.clone().find(|one| one.name == *user));
    let mut user = user.and_then(|named| named.auth_info.clone()).unwrap_or_default();
    if let Some(exec) = user.exec.as_mut().filter(|exec| exec.provide_cluster_info) {
        let known = ExecAuthCluster::try_from(cluster);
        exec.cluster = Some(known.map_err(|error| wrong(words::of_kubeconfig(&error)))?);
    }
    let mut config = config(&server, cluster, user).map_err(wrong)?;
    let namespace = context.namespace.filter(|namespace| !namespace.is_empty());
    config.default_namespace = namespace.unwrap_or_else(|| "default".into());
    Ok(Some(Selected { config, proxy: cluster.proxy_url.clone().filter(|url| !url.is_empty()) }))
}

/// A configuration that uses no proxy: `Config::from_custom_kubeconfig` holds `NO_PROXY` against the
/// proxy itself.
fn config(server: &str, cluster: &Cluster, user: AuthInfo) -> Result<Config, String> {
    let mut config =
        Config::new(server.parse().map_err(|_| format!("invalid `server` `{server}`"))?);
    let known = ExecAuthCluster::try_from(cluster).map_err(|error| words::of_kubeconfig(&error))?;
    if let Some(bundle) = known.certificate_authority_data {
        let parsed = pem::parse_many(bundle).unwrap_or_default().into_iter();
        let certificates: Vec<_> = parsed
            .filter(|block| block.tag() == "CERTIFICATE")
            .map(pem::Pem::into_contents)
            .collect();
        if certificates.is_empty() {
            return Err(
                "expected certificates in PEM as `certificate-authority`, found none".into()
            );
        }
        config.root_cert = Some(certificates);
    }
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.tls_server_name = cluster.tls_server_name.clone().filter(|name| !name.is_empty());
    config.auth_info = user;
    Ok(config)
}

fn find<'a>(kubeconfig: &'a Kubeconfig, name: &str) -> Option<&'a Cluster> {
    let named: Option<&NamedCluster> = kubeconfig.clusters.iter().find(|one| one.name == name);
    named?.cluster.as_ref()
}
