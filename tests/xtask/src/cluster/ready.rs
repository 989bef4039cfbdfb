//! Owns the waits between the start of a node and the moment when it takes Jobs. Invariant: each
//! wait ends: by the thing waited for, by the death of the node, or by its limit.

use super::Cluster;
use crate::error::{Error, Result};
use crate::node::NODE_NAME;
use crate::program::{self, GLANCE};
use crate::say;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

/// What is waited for, whose log tells why it does not come, and how long it may take.
struct Wait {
    what: &'static str,
    component: &'static str,
    limit: Duration,
    kubectl: &'static [&'static str],
    wanted: &'static str,
}

const WAITS: [Wait; 3] = [
    Wait {
        what: "the API server",
        component: "kube-apiserver",
        limit: Duration::from_secs(120),
        kubectl: &["get", "--raw=/readyz"],
        wanted: "ok",
    },
    Wait {
        what: "the node",
        component: "kubelet",
        limit: Duration::from_secs(120),
        kubectl: &["get", "node", NODE_NAME, "--output=jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"],
        wanted: "True",
    },
    Wait {
        what: "the default service account",
        component: "kube-controller-manager",
        limit: Duration::from_secs(60),
        kubectl: &["get", "serviceaccount", "default", "--output=name"],
        wanted: "serviceaccount/default",
    },
];

/// Wait until the cluster takes Jobs.
pub fn wait(cluster: &Cluster) -> Result<()> {
    // The first wait is on the node's own word: asking too early costs more than it tells.
    wait_for_report(cluster)?;
    for wait in WAITS {
        let start = Instant::now();
        while !is_there(cluster, &wait) {
            check_alive(cluster)?;
            if start.elapsed() > wait.limit {
                let what = format!("{} is not ready after {:?}", wait.what, wait.limit);
                return Err(with_log(cluster, what, wait.component));
            }
            thread::sleep(GLANCE);
        }
        say::step(format!("{} is ready", wait.what));
    }
    Ok(())
}

/// Until the node says `running`.
fn wait_for_report(cluster: &Cluster) -> Result<()> {
    let (start, limit) = (Instant::now(), Duration::from_secs(180));
    while cluster.instance.report().as_deref() != Some("running") {
        check_alive(cluster)?;
        if start.elapsed() > limit {
            let what = format!("the node has not started everything after {limit:?}");
            return Err(with_log(cluster, what, "node"));
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
    let report = cluster.instance.report().unwrap_or_default();
    let component = report
        .strip_prefix("failed: `")
        .and_then(|rest| rest.split_once('`'))
        .map_or("node", |(component, _)| component);
    Err(with_log(cluster, format!("the node has ended ({report})"), component))
}

fn with_log(cluster: &Cluster, what: String, component: &str) -> Error {
    let path = cluster.instance.folder().join("log").join(format!("{component}.log"));
    let end = last_lines(&path);
    let hint = format!("the whole log is `{}`, beside those of the others", path.display());
    Error::new(format!("{what}; the end of `{component}.log`:\n{end}")).hint(hint)
}

fn last_lines(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    program::tail(&String::from_utf8_lossy(&text), 15)
}
