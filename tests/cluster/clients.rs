//! The ways in which the program meets a real cluster and its other clients: dry runs, kubectl,
//! JSON, from inside a Pod.

use std::process::Command;

use kube::config::Kubeconfig;
use serde_json::json;

use crate::support::cluster::{self, NAMESPACE, TestCube, client, delete_job};
use crate::support::events;
use crate::support::terminal::on_terminal;

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn json_tells_every_event_on_a_line_of_its_own() {
    let ended = TestCube::shell("echo one; exit 2").run(&["-o", "json"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let events = events::all(&ended.stdout);
    let find = |name: &str| {
        events
            .iter()
            .find(|event| event["event"] == name)
            .unwrap_or_else(|| unreachable!("{name}: {ended:#?}"))
    };
    assert_eq!(find("submitted")["task"], "main");
    assert_eq!(find("log")["line"], "one");
    assert_eq!(find("ended")["exitCode"], 2);
    assert_eq!(find("finished")["outcome"], "failed");
    assert_eq!(find("finished")["container"]["exitCode"], 2);
    assert_eq!(ended.stderr, "");
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_server_dry_run_keeps_nothing() {
    let client = client().await;
    let cube = TestCube::shell("echo never");
    let ended = cube.run(&["--dry-run=server"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(
        ended.stdout.contains("completionMode: NonIndexed"),
        "the API server's defaults are in {ended:#?}"
    );
    assert!(cube.jobs(&client).await.is_empty());
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn kubectl_knows_the_plugin_and_takes_the_manifest() {
    let client = client().await;
    let cube = TestCube::shell("echo 'yes: on, 0777 1e3 ~ null'; # a\\nb");
    let folder = cube.path.join("bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_mlcube-k8s"), folder.join("kubectl-mlcube"))
        .expect("a link");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").expect("a path"));
    let kubectl = || {
        let mut command = Command::new(cluster::variable("MLCUBE_TEST_KUBECTL"));
        command.env("PATH", &path).env("KUBECONFIG", cluster::kubeconfig());
        command.env("KUBECACHEDIR", folder.join("cache"));
        command
    };
    let rendered = kubectl()
        .args(["mlcube", "render", "--mlcube"])
        .arg(&cube.path)
        .output()
        .expect("kubectl starts");
    assert!(rendered.status.success(), "{rendered:?}");
    let manifest = cube.path.join("job.yaml");
    std::fs::write(&manifest, &rendered.stdout).expect("a manifest");
    for expected in ["created", "unchanged"] {
        let applied =
            kubectl().args(["apply", "-f"]).arg(&manifest).output().expect("kubectl starts");
        assert!(String::from_utf8_lossy(&applied.stdout).contains(expected), "{applied:?}");
    }
    let job = cube.jobs(&client).await.pop().expect("the Job is there");
    let json: serde_json::Value = {
        let output =
            cube.command("render").args(["-o", "json"]).output().expect("the program starts");
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let kept = serde_json::to_value(&job).expect("a Job is JSON");
    let container = "/spec/template/spec/containers/0/command";
    assert_eq!(kept.pointer(container), json.pointer(container));
    delete_job(&client, &job.metadata.name.expect("a name")).await;
}

/// A Pod finds its cluster by two variables and three files. They are given to the program as the
/// kubelet gives them, in a mount namespace of its own, with a token that the API server issued.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn inside_a_pod_the_service_account_is_used() {
    let token = cluster::new_runner().await;
    let kubeconfig = Kubeconfig::read_from(cluster::kubeconfig()).expect("the kubeconfig");
    let cluster = kubeconfig.clusters[0].cluster.clone().expect("a cluster");
    let server = cluster.server.expect("a server");
    let (host, port) =
        server.trim_start_matches("https://").split_once(':').expect("host and port");

    let cube = TestCube::shell("echo from inside");
    let secrets = cube.path.join("serviceaccount");
    std::fs::create_dir_all(&secrets).expect("a folder");
    let certificate = cluster.certificate_authority_data.expect("a certificate");
    std::fs::write(secrets.join("ca.b64"), certificate).expect("a certificate");
    std::fs::write(secrets.join("token"), token).expect("a token");
    std::fs::write(secrets.join("namespace"), NAMESPACE).expect("a namespace");
    let script = "base64 -d $1/ca.b64 > $1/ca.crt && mount -t tmpfs tmpfs /var/run \\
        && mkdir -p /var/run/secrets/kubernetes.io && ln -s $1 /var/run/secrets/kubernetes.io/serviceaccount \\
        && exec $2 run --mlcube $3";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, "sh"]).arg(&secrets);
    command.arg(env!("CARGO_BIN_EXE_mlcube-k8s")).arg(&cube.path);
    command.env("KUBERNETES_SERVICE_HOST", host).env("KUBERNETES_SERVICE_PORT", port);
    command.env("HOME", &cube.path).env_remove("KUBECONFIG").env_remove("MLCUBE_K8S_POLICIES");
    let ended = cluster::Running::start(&mut command).wait();
    ended.check("inside", 0, "from inside\n", &["default/mlcube-", "success"]);
}

/// On a terminal a line says what the Job does and for how long, and goes away; a pipe gets no such
/// line. At the end stands what it took.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_terminal_shows_what_the_job_does() {
    let cube = TestCube::shell("echo one; sleep 2; printf 'two, '; sleep 1; echo three");
    let mut command = cube.command("run");
    command.env("NO_COLOR", "1");
    let (shown, code) = on_terminal(&command, &cube.path.join("transcript"));
    assert_eq!(code, Some(0), "{shown:?}");
    assert!(shown.contains("running (1."), "{shown:?}");
    for line in ["\none\r\n", "two, three\r\n", "\nsuccess   task `main`\r\n", "\ntime      "] {
        let found = shown.replace("\r\u{1b}[2K", "\n").contains(line);
        assert!(found, "`{line}` is not in {shown:?}");
    }
    let (_, end) = shown.rsplit_once("time      ").expect("what it took");
    assert!(ran(end) >= 3.0 && !end.contains("running"), "{shown:?}");
    let piped = cube.run(&[]);
    piped.check("piped", 0, "one\ntwo, three\n", &["time      "]);
    assert!(ran(&piped.stderr) >= 3.0 && !piped.stderr.contains("running"), "{piped:#?}");
    cube.run(&["-q"]).check("quiet", 0, "one\ntwo, three\n", &[]);
}

/// The seconds that the line of the end says the task ran.
fn ran(end: &str) -> f64 {
    let seconds = end.split_once("ran ").and_then(|(_, time)| time.split_once(" s"));
    let seconds = seconds.and_then(|(seconds, _)| seconds.parse().ok());
    seconds.unwrap_or_else(|| panic!("the time of the task is not in {end:?}"))
}

/// The cluster takes the Job and warns of it: that is told once.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_the_cluster_warns_of_is_told_once() {
    let env = json!([{"name": "MODE", "value": "a"}, {"name": "MODE", "value": "b"}]);
    for more in [None, Some("--dry-run=server")] {
        let cube = TestCube::shell("true");
        let added = cube.added("/spec/template/spec/containers/0/env", &env);
        let arguments: Vec<_> = added.iter().map(String::as_str).chain(more).collect();
        let ended = cube.run(&arguments);
        let told = "warning   the cluster warns: spec.template.spec.containers[0].env[1]: hides previous definition of \"MODE\"";
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        assert_eq!(ended.stderr.matches(told).count(), 1, "{ended:#?}");
    }
}
