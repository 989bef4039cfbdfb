//! The kubeconfigs in force, merged as kubectl merges them: of each name the first file counts, files
//! that do not exist are passed over, and an empty file configures nothing.

use crate::cluster::{ClusterError, ClusterTarget};
use kube::config::Kubeconfig;
use std::env;
use std::path::Path;

/// What is configured, and its name for messages.
pub struct Read {
    /// The merged kubeconfigs.
    pub kubeconfig: Kubeconfig,
    /// Where they come from.
    pub place: String,
}

impl Read {
    /// The names of the contexts.
    pub fn contexts(&self) -> Vec<String> {
        self.kubeconfig.contexts.iter().map(|context| context.name.clone()).collect()
    }
}

/// Read the kubeconfigs: that of the flag, else those of the variable, else the default file.
pub fn read(target: &ClusterTarget) -> Result<Read, ClusterError> {
    if let Some(path) = &target.kubeconfig {
        let kubeconfig = file(path)?;
        return Ok(Read { kubeconfig, place: named(path) });
    }
    let variable = env::var_os("KUBECONFIG").unwrap_or_default();
    let mut paths: Vec<_> =
        env::split_paths(&variable).filter(|path| !path.as_os_str().is_empty()).collect();
    let is_listed = !paths.is_empty();
    if !is_listed {
        paths.extend(env::home_dir().map(|home| home.join(".kube/config")));
    }
    let mut kubeconfig = Kubeconfig::default();
    for path in paths.iter().filter(|path| path.exists()) {
        // Kind and version are checked by nobody, and must not keep files from being merged.
        let next = Kubeconfig { kind: None, api_version: None, ..file(path)? };
        let merged = kubeconfig.merge(next);
        kubeconfig = merged.map_err(|error| ClusterError::unreadable(&named(path), error))?;
    }
    let place = match (is_listed, &paths[..]) {
        (true, [_, _, ..]) => "of the variable `KUBECONFIG`".into(),
        (_, [path]) => named(path),
        _ => "in use".into(),
    };
    Ok(Read { kubeconfig, place })
}

fn file(path: &Path) -> Result<Kubeconfig, ClusterError> {
    let wrong = |error| ClusterError::unreadable(&named(path), error);
    let mut kubeconfig = Kubeconfig::read_from(path).map_err(wrong)?;
    kubeconfig.current_context = kubeconfig.current_context.filter(|name| !name.is_empty());
    Ok(kubeconfig)
}

fn named(path: &Path) -> String {
    format!("`{}`", path.display())
}
