//! The service account of the Pod in which the program runs.

use super::select::Selected;
use crate::cluster::ClusterError;
use crate::cluster::words;
use kube::Config;
use std::env;
use std::path::Path;

/// Where a kubelet puts the account.
const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// Whether the program runs in a Pod, which may have no service account.
pub fn is_inside() -> bool {
    ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"]
        .iter()
        .all(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The API server and the account of the Pod; none outside of one, or without an account.
pub fn service_account() -> Option<Result<Selected, ClusterError>> {
    let is_possible = is_inside() && Path::new(TOKEN).is_file();
    is_possible.then(|| {
        let config = Config::incluster().map_err(|error| {
            ClusterError::kubeconfig("of the service account", words::why(&error))
        });
        let mut config = config?;
        if let Ok(namespace) = env::var("POD_NAMESPACE")
            && !namespace.is_empty()
        {
            config.default_namespace = namespace;
        }
        Ok(Selected { config, proxy: None })
    })
}
