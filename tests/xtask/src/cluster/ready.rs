//! The waits between the start of a node and the moment when it takes Jobs. Each of them ends: by
//! the thing waited for, by the death of the node, or by its limit.

use super::Cluster;
use crate::error::{Error, Result};
use crate::node::NODE_NAME;
use crate::patience::{self, Patience};
use crate::program::{self, GLANCE};
use crate::say;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fs, thread};

/// What is waited for, whose log tells why it does not come, and how many seconds it may take.
struct Wait {
    what: &'static str,
    component: &'static str,
    seconds: u64,
    kubectl: &'static [&'static str],
    wanted: &'static str,
}

const WAITS: [Wait; 3] = [
    Wait {
        what: "the API server",
        component: "kube-apiserver",
        seconds: 120,
        kubectl: &["get", "--raw=/readyz"],
        wanted: "ok",
    },
    Wait {
        what: "the node",
        component: "kubelet",
        seconds: 120,
        kubectl: &[
            "get",
            "node",
            NODE_NAME,
            "--output=jsonpath={.status.conditions[?(@.type==\"Ready\")].status}",
        ],
        wanted: "True",
    },
    Wait {
        what: "the default service account",
        component: "kube-controller-manager",
        seconds: 60,
        kubectl: &["get", "serviceaccount", "default", "--output=name"],
        wanted: "serviceaccount/default",
    },
];
/// How many seconds the node may take until it has started everything; its own waits are in there.
const START: u64 = 360;

/// Wait until the cluster takes Jobs.
pub fn wait(cluster: &Cluster, patience: Patience) -> Result<()> {
    // The first wait is on the node's own word: asking too early costs more than it tells.
    wait_for_report(cluster, patience)?;
    for wait in WAITS {
        let (start, limit) = (Instant::now(), patience.seconds(wait.seconds));
        while !is_there(cluster, &wait) {
            check_alive(cluster)?;
            if start.elapsed() > limit {
                let what = format!("{} is not ready after {limit:?}", wait.what);
                return Err(with_log(cluster, what, wait.component, patience::HINT));
            }
            thread::sleep(GLANCE);
        }
        say::step(format!("{} is ready", wait.what));
    }
    Ok(())
}

/// Until the node says `running`.
fn wait_for_report(cluster: &Cluster, patience: Patience) -> Result<()> {
    let (start, limit) = (Instant::now(), patience.seconds(START));
    while cluster.instance.report().as_deref() != Some("running") {
        check_alive(cluster)?;
        if start.elapsed() > limit {
            let what = format!("the node has not started everything after {limit:?}");
            return Err(with_log(cluster, what, "node", patience::HINT));
        }
        thread::sleep(GLANCE);
    }
    Ok(())
}

fn is_there(cluster: &Cluster, wait: &Wait) -> bool {
    let answer = program::read(cluster.kubectl().arg("--request-timeout=5s").args(wait.kubectl));
    answer.is_ok_and(|text| text.trim() == wait.wanted)
}

fn check_alive(cluster: &Cluster) -> Result<()> {
    if cluster.instance.is_alive()? {
        return Ok(());
    }
    let Some(failure) = cluster.instance.failure() else {
        return Err(with_log(cluster, "the node has ended".into(), "node", SEE));
    };
    match component(&failure).filter(|component| log(cluster, component).exists()) {
        Some(component) => {
            Err(with_log(cluster, format!("the node has ended: {failure}"), component, SEE))
        }
        // What the node itself says is complete, with its hint.
        None => Err(Error::new(format!("the node has ended: {failure}"))),
    }
}

/// The component whose death ended the node.
fn component(failure: &str) -> Option<&str> {
    failure.strip_prefix('`')?.split_once('`').map(|(component, _)| component)
}

const SEE: &str = "its whole log and those of the others say more";

fn with_log(cluster: &Cluster, what: String, component: &str, hint: &str) -> Error {
    let path = log(cluster, component);
    let end = last_lines(&path);
    let what = format!("{what}; the end of `{}`:\n{end}", path.display());
    Error::new(what).hint(hint)
}

fn log(cluster: &Cluster, component: &str) -> PathBuf {
    cluster.instance.logs().join(format!("{component}.log"))
}

fn last_lines(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    program::tail(&String::from_utf8_lossy(&text), 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_component_that_died_is_found() {
        let rows = [
            ("a component", "`etcd` ended with exit status 1", Some("etcd")),
            ("the node itself", "the API server does not answer after 150s", None),
            ("a word in between", "could not create `/x`: no space left", None),
        ];
        for (name, failure, expected) in rows {
            assert_eq!(component(failure), expected, "{name}");
        }
    }
}
