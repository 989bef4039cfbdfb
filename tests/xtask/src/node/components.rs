//! The command line of each component. None of them gets anything of the user's environment.

use super::{API_ADDRESS, Config, NODE_ADDRESS, NODE_NAME};
use std::process::Command;

/// A component and how it is started.
pub struct Component {
    /// Its name, and that of its log.
    pub name: &'static str,
    /// Its command line.
    pub command: Command,
}

/// etcd and the API server.
pub fn control_plane(config: &Config) -> Vec<Component> {
    vec![etcd(config), apiserver(config)]
}

/// containerd.
pub fn runtime(config: &Config) -> Vec<Component> {
    vec![component(config, "containerd", &["--config".into(), config.path("containerd.toml")])]
}

/// What gives up when the API server does not answer soon.
pub fn clients(config: &Config) -> Vec<Component> {
    vec![controller_manager(config), scheduler(config)]
}

/// The kubelet, which gives up when containerd does not answer.
pub fn kubelet(config: &Config) -> Vec<Component> {
    let arguments = [
        format!("--config={}", config.path("kubelet.json")),
        format!("--kubeconfig={}", config.path("pki/kubelet.kubeconfig")),
        format!("--root-dir={}", config.path("kubelet")),
        format!("--hostname-override={NODE_NAME}"),
        format!("--node-ip={NODE_ADDRESS}"),
    ];
    vec![component(config, "kubelet", &arguments)]
}

/// `kubectl` inside of the node, asking whether the API server is ready.
pub fn readiness(config: &Config) -> Command {
    let mut command = bare(config, "kubectl");
    command.arg(format!("--kubeconfig={}", config.path("pki/admin.kubeconfig"))).args([
        "get",
        "--raw=/readyz",
        "--request-timeout=2s",
    ]);
    command
}

fn etcd(config: &Config) -> Component {
    let arguments = [
        "--name=n0".to_owned(),
        format!("--data-dir={}", config.path("etcd")),
        // Nothing in such a cluster is worth a disk flush.
        "--unsafe-no-fsync".into(),
        "--listen-client-urls=http://127.0.0.1:2379".into(),
        "--advertise-client-urls=http://127.0.0.1:2379".into(),
        "--listen-peer-urls=http://127.0.0.1:2380".into(),
        "--initial-advertise-peer-urls=http://127.0.0.1:2380".into(),
        "--initial-cluster=n0=http://127.0.0.1:2380".into(),
    ];
    component(config, "etcd", &arguments)
}

fn apiserver(config: &Config) -> Component {
    let services = API_ADDRESS.rsplit_once('.').map_or(API_ADDRESS, |(network, _)| network);
    let pki = |file: &str| config.path(&format!("pki/{file}"));
    let arguments = [
        "--etcd-servers=http://127.0.0.1:2379".to_owned(),
        "--bind-address=0.0.0.0".into(),
        "--secure-port=6443".into(),
        format!("--advertise-address={NODE_ADDRESS}"),
        format!("--client-ca-file={}", pki("ca.crt")),
        format!("--tls-cert-file={}", pki("apiserver.crt")),
        format!("--tls-private-key-file={}", pki("apiserver.key")),
        format!("--service-cluster-ip-range={services}.0/24"),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        format!("--service-account-key-file={}", pki("sa.pub")),
        format!("--service-account-signing-key-file={}", pki("sa.key")),
        "--authorization-mode=Node,RBAC".into(),
        "--allow-privileged=true".into(),
        format!("--kubelet-client-certificate={}", pki("admin.crt")),
        format!("--kubelet-client-key={}", pki("admin.key")),
        format!("--kubelet-certificate-authority={}", pki("ca.crt")),
        // The node's name resolves nowhere.
        "--kubelet-preferred-address-types=InternalIP".into(),
    ];
    component(config, "kube-apiserver", &arguments)
}

fn controller_manager(config: &Config) -> Component {
    let arguments = [
        format!("--kubeconfig={}", config.path("pki/kcm.kubeconfig")),
        format!("--service-account-private-key-file={}", config.path("pki/sa.key")),
        format!("--root-ca-file={}", config.path("pki/ca.crt")),
        "--use-service-account-credentials=true".into(),
        "--leader-elect=false".into(),
        // With the default of 20 its controllers take five seconds to start.
        "--kube-api-qps=200".into(),
        "--kube-api-burst=400".into(),
    ];
    component(config, "kube-controller-manager", &arguments)
}

fn scheduler(config: &Config) -> Component {
    let kubeconfig = format!("--kubeconfig={}", config.path("pki/scheduler.kubeconfig"));
    component(config, "kube-scheduler", &[kubeconfig, "--leader-elect=false".into()])
}

fn component(config: &Config, name: &'static str, arguments: &[String]) -> Component {
    let mut command = bare(config, name);
    command.args(arguments);
    Component { name, command }
}

fn bare(config: &Config, name: &str) -> Command {
    let mut command = Command::new(config.program(name));
    // containerd looks for its shim there, and the kubelet for `mount`.
    let path = format!("{}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", config.bin.display());
    command.env_clear().env("PATH", path).env("HOME", &config.folder);
    command.current_dir(&config.folder);
    command
}
