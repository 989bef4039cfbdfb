//! What every cluster has when it is handed over: images, claims, the node's label and GPUs. Each
//! step can be repeated, so a start that was interrupted is finished by the next.

use super::Cluster;
use crate::error::{Doing, Result};
use crate::images::Image;
use crate::node::NODE_NAME;
use crate::patience::Patience;
use crate::{cache, program, say};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// The claims in the namespace `default`; each shows what it holds in the folder of the cluster.
pub const CLAIMS: [&str; 2] = ["mlcube-input", "mlcube-output"];
/// The node's label.
const POOL: &str = "mlcube-k8s.dev/pool=gpu";
/// A scheduler and a kubelet count extended resources without looking for the device.
const GPUS: &str = "2";

/// Put everything in.
pub fn all(cluster: &Cluster, base: &[Image], patience: Patience) -> Result<()> {
    let instance = &cluster.instance;
    let _one = cache::lock(instance.folder(), || {})?;
    if instance.is_furnished() {
        return Ok(());
    }
    for image in base {
        import(cluster, image)?;
    }
    program::read(cluster.kubectl().args(["label", "--overwrite", "node", NODE_NAME, POOL]))?;
    let patch = json!({"status": {"capacity": {"nvidia.com/gpu": GPUS}}}).to_string();
    let node = format!("node/{NODE_NAME}");
    let args = ["patch", node.as_str(), "--subresource=status", "--patch", patch.as_str()];
    program::read(cluster.kubectl().args(args))?;
    claims(cluster, patience)?;
    instance.set_furnished()?;
    say::step(format!("cluster `{}` is up", instance.name()));
    Ok(())
}

/// Import an image through containerd's socket, unless that was done before.
pub fn import(cluster: &Cluster, image: &Image) -> Result<()> {
    let folder = cluster.instance.folder();
    let done = folder.join("images").join(&image.key);
    if done.exists() {
        return Ok(());
    }
    say::step(format!("importing the image `{}`", image.reference));
    let mut ctr = Command::new(cluster.bin.join("ctr"));
    ctr.arg("--address").arg(folder.join("containerd/containerd.sock"));
    ctr.args(["--namespace", "k8s.io", "images", "import"]).arg(&image.file);
    program::read(&mut ctr)?;
    fs::create_dir_all(folder.join("images")).doing(|| "create `images`".into())?;
    fs::write(&done, "").doing(|| format!("write `{}`", done.display()))
}

fn claims(cluster: &Cluster, patience: Patience) -> Result<()> {
    let mut items = Vec::new();
    for claim in CLAIMS {
        let folder = cluster.instance.volume(claim);
        fs::create_dir_all(&folder).doing(|| format!("create `{}`", folder.display()))?;
        items.push(volume(claim, &folder.to_string_lossy()));
        items.push(claim_of(claim));
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let mut apply = cluster.kubectl();
    apply.args(["apply", "--server-side", "--filename=-"]);
    program::feed(&mut apply, list.as_bytes())?;
    let mut wait = cluster.kubectl();
    wait.args(["wait", "--for=jsonpath={.status.phase}=Bound"]);
    wait.arg(format!("--timeout={}s", patience.seconds(60).as_secs().max(1)));
    wait.args(CLAIMS.map(|claim| format!("persistentvolumeclaim/{claim}")));
    program::read(&mut wait).map(drop)
}

/// A folder of the node, promised to one claim.
fn volume(claim: &str, folder: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": claim},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "10Gi"},
            "claimRef": {"name": claim, "namespace": "default"},
            "hostPath": {"path": folder, "type": "Directory"},
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
        },
    })
}

fn claim_of(claim: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": claim, "namespace": "default"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "",
            "volumeName": claim,
        },
    })
}
