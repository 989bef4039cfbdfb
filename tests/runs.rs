//! Runs on a real cluster: kube-apiserver, controller-manager, scheduler, kubelet, containers. `cargo xtask test` starts one.

mod support;
#[path = "support/cluster.rs"]
mod testbed;

use mlcube_k8s::cluster::{Cluster, ClusterTarget, Patience};
use mlcube_k8s::event::Event;
use mlcube_k8s::job::{Job, UnderReview};
use mlcube_k8s::outcome::Outcome;
use serde_json::json;
use std::process::Command;
use testbed::{
    TestCube, client, delete_job, entrypoint, give_node, patch_job, patch_node, unique, until, until_unschedulable,
};

/// Every row is a task in shell, and what must become of it.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn the_exit_code_tells_the_truth() {
    type Row = (&'static str, &'static str, i32, &'static str, &'static [&'static str]);
    let rows: [Row; 7] = [
        // The Python runner calls this a failure on Kubernetes 1.31 and later: `SuccessCriteriaMet` comes first.
        ("a success", "echo trained", 0, "trained\n", &["success   task `main`"]),
        // The Python runner ends this with exit code 0.
        ("a failure", "echo oops; exit 3", 1, "oops\n", &["failure   task `main`: container", "exit code 3"]),
        ("quicker than a watch", "echo fast", 0, "fast\n", &[]),
        ("killed by a signal", "sh -c 'kill -9 $$'; exit $?", 1, "Killed\n", &["with exit code 137"]),
        ("words for the shell alone", "echo $(echo sub) $$", 0, "sub 1\n", &[]),
        ("a word at its end", "echo because > /dev/termination-log; exit 4", 1, "", &["exit code 4: because"]),
        ("no line end", "printf 'half a line'", 0, "half a line\n", &[]),
    ];
    for (name, line, code, stdout, told) in rows {
        TestCube::shell(line).run(&[]).check(name, code, stdout, told);
    }
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_container_without_memory_is_named() {
    let k8s = "{backoffLimit: 0, resources: {limits: {memory: 20Mi}}}";
    let cube = TestCube::new(k8s, &format!("{{main: {{entrypoint: {}}}}}", entrypoint("exec tail /dev/zero")));
    cube.run(&[]).check("out of memory", 1, "", &["exit code 137 (OOMKilled)"]);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_failed_pod_is_tried_again_and_every_pod_is_heard() {
    let cube =
        TestCube::new("{backoffLimit: 1}", &format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo try; exit 5")));
    cube.run(&[]).check("two tries", 1, "try\ntry\n", &["exit code 5", "BackoffLimitExceeded"]);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_suspended_job_is_queued_and_not_failed() {
    let (client, label) = (client().await, unique("wanted"));
    let k8s = format!("{{backoffLimit: 0, nodeSelector: {{{label}: 'yes'}}}}");
    let cube = TestCube::new(&k8s, &format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo at last")));
    let running = cube.start(&[]);
    let job = cube.job(&client).await;
    until_unschedulable(&client, &job).await;
    patch_job(&client, &job, json!({"spec": {"suspend": true}})).await;
    until("the Job is suspended", async || {
        let conditions = cube.jobs(&client).await.pop()?.status?.conditions?;
        conditions.into_iter().find(|c| c.type_ == "Suspended" && c.status == "True").map(|_| ())
    })
    .await;
    patch_node(&client, json!({"metadata": {"labels": {label: "yes"}}})).await;
    patch_job(&client, &job, json!({"spec": {"suspend": false}})).await;
    running.wait().check("suspended", 0, "at last\n", &["queued    the Job is suspended", "resumed", "success"]);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_deleted_job_ends_the_wait() {
    let client = client().await;
    let cube = TestCube::new(
        &format!("{{nodeSelector: {{{}: 'yes'}}}}", unique("nowhere")),
        &format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo never")),
    );
    let running = cube.start(&[]);
    let job = cube.job(&client).await;
    until_unschedulable(&client, &job).await;
    delete_job(&client, &job).await;
    running.wait().check("deleted", 7, "", &["waiting", "Unschedulable", "deleted"]);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_gpu_that_is_not_free_is_waited_for() {
    let (client, resource) = (client().await, format!("nvidia.com/{}", unique("gpu")));
    let line = entrypoint("echo on a gpu");
    let cube = TestCube::new(
        &format!("{{backoffLimit: 0, gpuResource: {resource}}}"),
        &format!("{{main: {{entrypoint: {line}}}}}\nplatform: {{accelerator_count: 1}}"),
    );
    let running = cube.start(&[]);
    let job = cube.job(&client).await;
    until_unschedulable(&client, &job).await;
    give_node(&client, &resource, 1).await;
    running.wait().check("a gpu", 0, "on a gpu\n", &[&format!("Insufficient {resource}"), "success"]);
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
    let target = ClusterTarget { kubeconfig: Some(testbed::kubeconfig()), ..ClusterTarget::default() };
    let cluster = Cluster::connect(&target).await.expect("the cluster is there");
    let container =
        json!({"name": "main", "image": testbed::variable("MLCUBE_TEST_IMAGE"), "command": ["/bin/seq", "100"]});
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "unwatched-"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
    });
    let admitted = UnderReview::new(Job::from_json(job).expect("a Job")).admit();
    let submitted = cluster.submit(&admitted).await.expect("the Job is created");
    until("the Job is complete", async || {
        let job = testbed::jobs(&client).get(submitted.name()).await.ok()?;
        job.status?.completion_time.map(|_| ())
    })
    .await;
    let mut lines = Vec::new();
    let outcome = cluster.observe(&submitted, Patience::default(), |event| {
        if let Event::Log { line, .. } = event {
            lines.push(line);
        }
    });
    assert_eq!(outcome.await.expect("an outcome"), Outcome::Succeeded);
    assert_eq!(lines, (1..=100).map(|n| n.to_string()).collect::<Vec<_>>());
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
        &format!("{{write: {write}, read: {read}, fail: {{entrypoint: {}}}}}", entrypoint("exit 9")),
    );
    // The folder of a file must be there: Kubernetes makes the mount, the task makes what is below it.
    let make = TestCube::new(
        "{backoffLimit: 0, pvc: mlcube-output}",
        &format!(
            "{{main: {{parameters: {{outputs: {{dir: notes/}}}}, entrypoint: {}}}}}",
            entrypoint(r"mkdir -p \${0#--dir=}")
        ),
    );
    make.run(&[]).check("make", 0, "", &[]);
    cube.run(&["--task", "write,read"]).check("in order", 0, "kept\n", &["task `write`", "task `read`"]);
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
            entrypoint(r"touch \${1#--r=}/x && echo wrote; touch \${0#--d=}/x 2>/dev/null || echo read-only")
        ),
    );
    let settings = cube.path.join("remap.yaml");
    let remap = "{claims: {datasets: {claim: mlcube-input, read-only: true}, results: {claim: mlcube-output, sub-path: remapped}}, unmatched: reject}";
    std::fs::write(&settings, remap).expect("settings");
    let [selector, gpus, claims] = ["node-selector", "gpu-resources", "pvc-remap"].map(support::policy);
    let mut command = cube.command("run");
    for policy in [&selector, &gpus, &claims] {
        command.arg("--policy").arg(policy);
    }
    command.args(["--set", r"node-selector.tasks.*.mlcube-k8s\.dev/pool=gpu", "--settings"]);
    command.arg(format!("pvc-remap={}", settings.display()));
    let ended = testbed::Running::start(&mut command).wait();
    ended.check("policies", 0, "wrote\nread-only\n", &["node-selector admits the Job with 1 edit", "success"]);
    let spec = cube.jobs(&client).await.pop().and_then(|job| job.spec?.template.spec).expect("a Pod");
    let json = serde_json::to_value(spec).expect("a Pod is JSON");
    assert_eq!(json["nodeSelector"], json!({"mlcube-k8s.dev/pool": "gpu"}));
    assert_eq!(json["containers"][0]["resources"]["limits"], json!({"nvidia.com/gpu": "1"}));
    assert_eq!(json["volumes"][0]["persistentVolumeClaim"]["claimName"], "mlcube-input");
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn our_patience_and_the_jobs_deadline_end_a_run() {
    let client = client().await;
    let nowhere = format!("nodeSelector: {{{}: 'yes'}}", unique("nowhere"));
    let task = format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo never"));
    let patient = TestCube::new(&format!("{{{nowhere}}}"), &task);
    patient.run(&["--timeout", "1s"]).check("timeout", 8, "", &["has not ended after 1 s", "kubectl delete job"]);
    assert_eq!(patient.jobs(&client).await.len(), 1, "the Job goes on");
    let strict = TestCube::new(&format!("{{{nowhere}, activeDeadlineSeconds: 1}}"), &task);
    strict.run(&[]).check("deadline", 8, "", &["timeout   task `main`"]);
    delete_job(&client, &patient.job(&client).await).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn an_interrupted_run_leaves_its_job() {
    let client = client().await;
    let cube = TestCube::new(
        &format!("{{nodeSelector: {{{}: 'yes'}}}}", unique("nowhere")),
        &format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo never")),
    );
    let running = cube.start(&[]);
    let job = cube.job(&client).await;
    until_unschedulable(&client, &job).await;
    let killed = Command::new("kill").args(["-INT", &running.pid().to_string()]).status().expect("kill can be started");
    assert!(killed.success());
    running.wait().check("interrupted", 130, "", &["detached  the Job of task `main` goes on"]);
    assert_eq!(cube.jobs(&client).await.len(), 1);
    delete_job(&client, &job).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_server_dry_run_keeps_nothing() {
    let client = client().await;
    let cube = TestCube::shell("echo never");
    let ended = cube.run(&["--dry-run=server"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.stdout.contains("completionMode: NonIndexed"), "the API server's defaults are in {ended:#?}");
    assert!(cube.jobs(&client).await.is_empty());
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn kubectl_knows_the_plugin_and_takes_the_manifest() {
    let client = client().await;
    let cube = TestCube::shell("echo 'yes: on, 0777 1e3 ~ null'; # a\\nb");
    let folder = cube.path.join("bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_mlcube-k8s"), folder.join("kubectl-mlcube")).expect("a link");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").expect("a path"));
    let kubectl = || {
        let mut command = Command::new(testbed::variable("MLCUBE_TEST_KUBECTL"));
        command.env("PATH", &path).env("KUBECONFIG", testbed::kubeconfig());
        command.env("KUBECACHEDIR", folder.join("cache"));
        command
    };
    let rendered = kubectl().args(["mlcube", "render", "--mlcube"]).arg(&cube.path).output().expect("kubectl starts");
    assert!(rendered.status.success(), "{rendered:?}");
    let manifest = cube.path.join("job.yaml");
    std::fs::write(&manifest, &rendered.stdout).expect("a manifest");
    for expected in ["created", "unchanged"] {
        let applied = kubectl().args(["apply", "-f"]).arg(&manifest).output().expect("kubectl starts");
        assert!(String::from_utf8_lossy(&applied.stdout).contains(expected), "{applied:?}");
    }
    let job = cube.jobs(&client).await.pop().expect("the Job is there");
    let json: serde_json::Value = {
        let output = cube.command("render").args(["-o", "json"]).output().expect("the program starts");
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let kept = serde_json::to_value(&job).expect("a Job is JSON");
    let container = "/spec/template/spec/containers/0/command";
    assert_eq!(kept.pointer(container), json.pointer(container));
    delete_job(&client, &job.metadata.name.expect("a name")).await;
}
