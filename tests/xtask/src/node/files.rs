//! The configuration files of containerd, CNI and the kubelet. Every path in them lies in the
//! folder of the cluster or is one of the built programs.

use super::Config;
use crate::error::{Doing, Result};
use crate::images::PAUSE;
use serde_json::json;
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Write them, and make the folders they name.
pub fn write(config: &Config) -> Result<()> {
    for folder in ["containerd", "cni", "kubelet", "static"] {
        let path = config.folder.join(folder);
        fs::create_dir_all(&path).doing(|| format!("create `{}`", path.display()))?;
    }
    // etcd refuses a folder that others may read.
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(config.folder.join("etcd")).doing(|| "create the folder of etcd".into())?;
    save(&config.folder.join("containerd.toml"), &containerd(config))?;
    save(&config.folder.join("cni/10-node.conflist"), &cni(config))?;
    save(&config.folder.join("kubelet.json"), &kubelet(config))?;
    save(&config.folder.join("resolv.conf"), "")
}

fn containerd(config: &Config) -> String {
    let folder = config.path("containerd");
    let cni = config.path("cni");
    let bin = config.bin.display();
    // No CAP_SYS_RESOURCE may be had, so oom scores are not lowered; the sandbox is our own image.
    format!(
        r#"version = 3
root = "{folder}/root"
state = "{folder}/state"
[grpc]
address = "{folder}/containerd.sock"
[ttrpc]
address = "{folder}/containerd.ttrpc"
[plugins.'io.containerd.cri.v1.images']
snapshotter = "overlayfs"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "{PAUSE}"
[plugins.'io.containerd.cri.v1.runtime']
disable_apparmor = true
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.containerd]
default_runtime_name = "runc"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
SystemdCgroup = false
BinaryName = "{bin}/runc"
Root = "{folder}/runc"
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["{bin}"]
# Else a plugin of its own sets the loopback up.
use_internal_loopback = true
conf_dir = "{cni}"
[plugins.'io.containerd.grpc.v1.cri']
stream_server_address = "127.0.0.1"
stream_server_port = "0"
[plugins.'io.containerd.internal.v1.opt']
path = "{folder}/opt"
"#
    )
}

fn cni(config: &Config) -> String {
    let addresses = json!({
        "type": "host-local",
        "dataDir": config.path("ipam"),
        "ranges": [[{"subnet": "10.244.0.0/24"}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    });
    let bridge = json!({
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": true,
        "ipam": addresses,
    });
    json!({"cniVersion": "1.0.0", "name": "node", "plugins": [bridge]}).to_string()
}

fn kubelet(config: &Config) -> String {
    json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": false},
            "webhook": {"enabled": true},
            "x509": {"clientCAFile": config.path("pki/ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": config.path("pki/kubelet-serving.crt"),
        "tlsPrivateKeyFile": config.path("pki/kubelet-serving.key"),
        "containerRuntimeEndpoint": format!("unix://{}", config.containerd_socket().display()),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": format!("/{}", config.cgroup),
        "cgroupsPerQOS": true,
        "enforceNodeAllocatable": ["pods"],
        "failCgroupV1": false,
        "failSwapOn": false,
        "oomScoreAdj": 0,
        "maxOpenFiles": 20000,
        "staticPodPath": config.path("static"),
        "volumePluginDir": config.path("kubelet/volume-plugins"),
        "clusterDomain": "cluster.local",
        "resolvConf": config.path("resolv.conf"),
        "nodeStatusUpdateFrequency": "1s",
        "syncFrequency": "5s",
        // A developer's disk may be nearly full.
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        "imageGCHighThresholdPercent": 100,
        // The tests of logs write more than a kubelet keeps otherwise.
        "containerLogMaxSize": "2Gi",
    })
    .to_string()
}

fn save(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).doing(|| format!("write `{}`", path.display()))
}
