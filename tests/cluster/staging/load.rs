//! How much is carried in what time and memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use serde_json::json;

use crate::support::cluster::{NAMESPACE, client, kubeconfig, unique, until, variable};
use crate::support::desk::{Desk, bytes};

/// The most memory of the client.
const MEMORY: u64 = 64 << 20;

/// The time is told beside that of `kubectl exec … tar`, and decides nothing: the machine is busy. With
/// `MLCUBE_LOAD_MIB` there is that much in one file, and 20 000 files beside it.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
#[expect(clippy::print_stderr, reason = "it is measured, not only held to a bound")]
async fn as_much_as_there_is_in_little_memory() {
    let asked = std::env::var("MLCUBE_LOAD_MIB").ok().and_then(|mib| mib.parse::<usize>().ok());
    let (mib, files) = asked.map_or((96, 2000), |mib| (mib, 20_000));
    let desk = Desk::new().await;
    let write = |name: &str, content: &[u8]| {
        let path = desk.data().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    };
    let pod = sleeper().await;
    for (name, what) in
        [("one", format!("{mib} MiB in one file")), ("many", format!("{files} files of 4 KiB"))]
    {
        let _ = fs::remove_dir_all(desk.data());
        match name {
            "one" => write("large", &bytes(mib << 20, 7)),
            _ => (0..files).for_each(|index| {
                write(&format!("{}/{index:060}", index % 100), &bytes(4096, index as u64));
            }),
        }
        let raw = raw(&desk.data(), &pod);
        let (first, memory) = staged(&desk);
        let (second, _) = staged(&desk);
        let ratio = raw.as_secs_f64() / first.as_secs_f64();
        eprintln!(
            "{what}: {:.1} s, `kubectl exec … tar` {:.1} s, ratio {ratio:.2}; nothing new {:.1} s; {} MiB of memory",
            first.as_secs_f64(),
            raw.as_secs_f64(),
            second.as_secs_f64(),
            memory >> 20
        );
        assert!(memory < MEMORY, "{what}: {memory} bytes of memory");
    }
    let pods: Api<Pod> = Api::namespaced(desk.client.clone(), NAMESPACE);
    pods.delete(&pod, &DeleteParams::default()).await.expect("it can be deleted");
    desk.remove().await;
}

/// Stage, at the first try; gives the time, and the memory at its most.
fn staged(desk: &Desk) -> (Duration, u64) {
    let start = Instant::now();
    let mut command = desk.command(&["stage"]);
    let told = desk.cube.path.join("told");
    command.stdout(Stdio::null()).stderr(fs::File::create(&told).expect("a file"));
    let mut child = command.spawn().expect("it starts");
    let mut memory = 0;
    let ended = loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        memory = memory.max(kib.unwrap_or(0) << 10);
        if let Some(ended) = child.try_wait().expect("a child") {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let told = fs::read_to_string(told).expect("what it told");
    assert!(ended.success() && !told.contains("warning") && !told.contains("outage"), "{told}");
    (start.elapsed(), memory)
}

/// The same by hand.
fn raw(data: &Path, pod: &str) -> Duration {
    let start = Instant::now();
    let line =
        "tar cf - -C \"$1\" . | \"$2\" exec -i --namespace \"$3\" \"$4\" -- tar xf - -C /data";
    let mut shell = Command::new("sh");
    shell.args(["-c", line, "sh"]).arg(data).arg(variable("MLCUBE_TEST_KUBECTL"));
    shell.args([NAMESPACE, pod]).env("KUBECONFIG", kubeconfig());
    assert!(shell.status().expect("a shell").success());
    start.elapsed()
}

/// A Pod that does nothing, with a folder.
async fn sleeper() -> String {
    let (pods, name): (Api<Pod>, _) =
        (Api::namespaced(client().await, NAMESPACE), unique("sleeper"));
    let pod = json!({"metadata": {"name": name}, "spec": {
        "terminationGracePeriodSeconds": 0,
        "containers": [{
            "name": "c", "image": variable("MLCUBE_TEST_IMAGE"), "command": ["sleep", "100000"],
            "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        }],
        "volumes": [{"name": "data", "hostPath": {"path": format!("/tmp/{name}"), "type": "DirectoryOrCreate"}}],
    }});
    let pod = serde_json::from_value(pod).expect("a Pod");
    pods.create(&PostParams::default(), &pod).await.expect("a Pod can be made");
    until("it runs", async || {
        let phase = pods.get(&name).await.ok()?.status?.phase?;
        (phase == "Running").then_some(())
    })
    .await;
    name
}
