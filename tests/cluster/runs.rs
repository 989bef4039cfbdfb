//! Runs on a real cluster: kube-apiserver, controller-manager, scheduler, kubelet, containers.
//! `cargo xtask test` starts one.

use mlcube_k8s::cluster::{
    Cluster, ClusterTarget, Interrupts, Logs, Observed, Patience, Submission,
};
use mlcube_k8s::event::Event;
use mlcube_k8s::job::{Job, UnderReview};
use mlcube_k8s::outcome::Outcome;
use serde_json::{Value, json};

use crate::support::cluster::{self, TestCube, client, entrypoint, until};
use crate::support::policy;

/// What must become of a task in shell: the exit code, what it prints, what is told.
fn ends(line: &str, code: i32, stdout: &str, told: &[&str]) {
    TestCube::shell(line).run(&[]).check(line, code, stdout, told);
}

/// The Python runner calls this a failure on Kubernetes 1.31 and later: `SuccessCriteriaMet` comes
/// first.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_success_is_a_success() {
    ends("echo trained", 0, "trained\n", &["success   task `main`"]);
}

/// The Python runner ends this with exit code 0.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_failure_is_a_failure() {
    ends("echo oops; exit 3", 1, "oops\n", &["failure   task `main`: container", "exit code 3"]);
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_container_quicker_than_a_watch_is_heard() {
    ends("echo fast", 0, "fast\n", &[]);
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_container_killed_by_a_signal_is_a_failure() {
    ends("sh -c 'kill -9 $$'; exit $?", 1, "Killed\n", &["with exit code 137"]);
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn words_for_the_shell_reach_the_shell() {
    ends("echo $(echo sub) $$", 0, "sub 1\n", &[]);
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_word_at_the_end_is_told() {
    ends("echo because > /dev/termination-log; exit 4", 1, "", &["exit code 4: because"]);
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_last_line_without_an_end_is_printed_as_it_is() {
    ends("printf 'half a line'", 0, "half a line", &[]);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_container_without_memory_is_named() {
    let k8s = "{backoffLimit: 0, resources: {limits: {memory: 20Mi}}}";
    let cube = TestCube::new(
        k8s,
        &format!("{{main: {{entrypoint: {}}}}}", entrypoint("exec tail /dev/zero")),
    );
    cube.run(&[]).check("out of memory", 1, "", &["exit code 137 (OOMKilled)"]);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_failed_pod_is_tried_again_and_every_pod_is_heard() {
    let cube = TestCube::new(
        "{backoffLimit: 1}",
        &format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo try; exit 5")),
    );
    cube.run(&[]).check("two tries", 1, "try\ntry\n", &["exit code 5", "BackoffLimitExceeded"]);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn ten_thousand_lines_come_in_order_and_once() {
    let lines: String = (1..=10_000).map(|n| format!("{n}\n")).collect();
    TestCube::shell("seq 10000").run(&[]).check("lines", 0, &lines, &[]);
}

/// Nobody watches until the Job is over, and still every line is told.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_job_that_ended_before_anyone_watched_is_told_whole() {
    let client = client().await;
    let target =
        ClusterTarget { kubeconfig: Some(cluster::kubeconfig()), ..ClusterTarget::default() };
    let cluster = Cluster::connect(&target).await.expect("the cluster is there");
    let container = json!({"name": "main", "image": cluster::variable("MLCUBE_TEST_IMAGE"), "command": ["/bin/seq", "100"]});
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "unwatched-"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
    });
    let admitted = UnderReview::new(Job::from_json(job).expect("a Job")).admit();
    let submitted =
        cluster.submit(&Submission::new(&admitted), Interrupts::default(), |_| {}).await;
    let submitted = submitted.expect("the Job is created").expect("no signal");
    until("the Job is complete", async || {
        let job = cluster::jobs(&client).get(submitted.name()).await.ok()?;
        job.status?.completion_time.map(|_| ())
    })
    .await;
    let mut log = Vec::new();
    let observed = cluster.observe(&submitted, Patience::default(), Logs::default(), |event| {
        if let Event::Log { piece, .. } = event {
            log.extend(piece.bytes);
        }
    });
    let Observed { outcome, gaps, .. } = observed.await.expect("an outcome");
    assert_eq!((outcome, gaps), (Outcome::Succeeded, 0));
    let lines: String = (1..=100).map(|n| format!("{n}\n")).collect();
    assert_eq!(String::from_utf8(log).expect("text"), lines);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn two_runs_at_once_do_not_meet() {
    let client = client().await;
    let cube = TestCube::shell("hostname; sleep 1; hostname");
    let (one, other) = (cube.start(&[]), cube.start(&[]));
    let outputs = [one, other].map(|running| {
        let ended = running.wait();
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        let lines: Vec<_> = ended.stdout.lines().map(str::to_owned).collect();
        assert!(lines.len() == 2 && lines[0] == lines[1], "{ended:#?}");
        lines[0].clone()
    });
    assert_ne!(outputs[0], outputs[1]);
    assert_eq!(cube.jobs(&client).await.len(), 2);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn tasks_run_in_order_and_the_first_failure_stops_the_rest() {
    let client = client().await;
    let task = |line| {
        format!(
            "{{parameters: {{outputs: {{file: {{type: file, default: notes/{}.txt}}}}}}, entrypoint: {}}}",
            std::process::id(),
            entrypoint(line)
        )
    };
    let (write, read) = (task(r"echo kept > \${0#--file=}"), task(r"cat \${0#--file=}"));
    let cube = TestCube::new(
        "{backoffLimit: 0, pvc: {input: mlcube-input, output: mlcube-output}}",
        &format!(
            "{{write: {write}, read: {read}, fail: {{entrypoint: {}}}}}",
            entrypoint("exit 9")
        ),
    );
    // The folder of a file must be there: Kubernetes makes the mount, the task makes what is below
    // it.
    let make = TestCube::new(
        "{backoffLimit: 0, pvc: mlcube-output}",
        &format!(
            "{{main: {{parameters: {{outputs: {{dir: notes/}}}}, entrypoint: {}}}}}",
            entrypoint(r"mkdir -p \${0#--dir=}")
        ),
    );
    make.run(&[]).check("make", 0, "", &[]);
    cube.run(&["--task", "write,read"]).check(
        "in order",
        0,
        "kept\n",
        &["task `write`", "task `read`"],
    );
    cube.run(&["--task", "fail,read"]).check("stopped", 1, "", &["exit code 9"]);
    assert_eq!(cube.jobs(&client).await.len(), 3);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn policies_shape_the_job_that_really_runs() {
    let client = client().await;
    let cube = TestCube::new(
        "{backoffLimit: 0, pvc: {input: datasets, output: results}}",
        &format!(
            "{{main: {{parameters: {{inputs: {{d: {{type: directory, default: .}}}}, outputs: {{r: {{type: directory, default: .}}}}}}, entrypoint: {}}}}}\nplatform: {{accelerator_count: 1}}",
            entrypoint(
                r"touch \${1#--r=}/x && echo wrote; touch \${0#--d=}/x 2>/dev/null || echo read-only"
            )
        ),
    );
    let settings = cube.path.join("remap.yaml");
    let remap = "{claims: {datasets: {claim: mlcube-input, read-only: true}, results: {claim: mlcube-output, sub-path: remapped}}, unmatched: reject}";
    std::fs::write(&settings, remap).expect("settings");
    let [selector, gpus, claims] =
        ["node-selector", "gpu-resources", "pvc-remap"].map(policy::file);
    let mut command = cube.command("run");
    for policy in [&selector, &gpus, &claims] {
        command.arg("--policy").arg(policy);
    }
    command.args(["--set", r"node-selector.tasks.*.mlcube-k8s\.dev/pool=gpu", "--settings"]);
    command.arg(format!("pvc-remap={}", settings.display()));
    let ended = cluster::Running::start(&mut command).wait();
    ended.check(
        "policies",
        0,
        "wrote\nread-only\n",
        &["node-selector admits the Job with 1 edit", "success"],
    );
    let job = cube.jobs(&client).await.pop().expect("a Job");
    let annotations = job.metadata.annotations.unwrap_or_default();
    let note: Value =
        serde_json::from_str(&annotations["mlcube-k8s.dev/policies"]).expect("the note is JSON");
    let names: Vec<_> =
        note["policies"].as_array().into_iter().flatten().map(|policy| &policy["name"]).collect();
    assert_eq!(names, ["node-selector", "gpu-resources", "pvc-remap"]);
    let spec = job.spec.and_then(|spec| spec.template.spec).expect("a Pod");
    let json = serde_json::to_value(spec).expect("a Pod is JSON");
    assert_eq!(json["nodeSelector"], json!({"mlcube-k8s.dev/pool": "gpu"}));
    assert_eq!(json["containers"][0]["resources"]["limits"], json!({"nvidia.com/gpu": "1"}));
    assert_eq!(json["volumes"][0]["persistentVolumeClaim"]["claimName"], "mlcube-input");
}
