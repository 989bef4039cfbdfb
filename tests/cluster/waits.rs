//! What a run waits for on a real cluster, and what ends the wait: queues, nodes, deletion, time,
//! the user.

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{DeleteParams, EvictParams, ListParams};
use serde_json::json;

use crate::support::cluster::{
    TestCube, client, delete_job, entrypoint, give_node, patch_job, patch_node, unique, until,
    until_unschedulable,
};

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_suspended_job_is_queued_and_not_failed() {
    let (client, label) = (client().await, unique("wanted"));
    let k8s = format!("{{backoffLimit: 0, nodeSelector: {{{label}: 'yes'}}}}");
    let cube =
        TestCube::new(&k8s, &format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo at last")));
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
    running.wait().check(
        "suspended",
        0,
        "at last\n",
        &["queued    the Job is suspended", "resumed", "success"],
    );
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_deleted_job_ends_the_wait() {
    let client = client().await;
    let cube = TestCube::unschedulable();
    let mut running = cube.start(&[]);
    let job = cube.job(&client).await;
    running.until_told("Unschedulable");
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
    let mut running = cube.start(&[]);
    running.until_told(&format!("waiting   no node has enough `{resource}` free"));
    give_node(&client, &resource, 1).await;
    running.wait().check(
        "a gpu",
        0,
        "on a gpu\n",
        &[&format!("Insufficient {resource}"), "success"],
    );
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn our_patience_and_the_jobs_deadline_end_a_run() {
    let client = client().await;
    let nowhere = format!("nodeSelector: {{{}: 'yes'}}", unique("nowhere"));
    let task = format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo never"));
    let patient = TestCube::new(&format!("{{{nowhere}}}"), &task);
    patient.run(&["--timeout", "1s"]).check(
        "timeout",
        8,
        "",
        &["has not ended after 1 s", "mlcube-k8s cancel"],
    );
    assert_eq!(patient.jobs(&client).await.len(), 1, "the Job goes on");
    let strict = TestCube::new(&format!("{{{nowhere}, activeDeadlineSeconds: 1}}"), &task);
    strict.run(&[]).check("deadline", 8, "", &["timeout   task `main`"]);
    delete_job(&client, &patient.job(&client).await).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_task_that_does_not_start_in_time_is_left() {
    let client = client().await;
    let cube = TestCube::unschedulable();
    let told = ["waiting   no free node has the label", "has not started after 4 s", "stop it:"];
    cube.run(&["--start-timeout", "4s"]).check("not started", 8, "", &told);
    delete_job(&client, &cube.job(&client).await).await;
    let started = TestCube::shell("sleep 3; echo done");
    started.run(&["--start-timeout", "60"]).check("started", 0, "done\n", &["success"]);
}

/// The clock is that of the command: what the first task takes, the second does not have.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn one_clock_counts_all_tasks() {
    let client = client().await;
    let (quick, slow) = (entrypoint("sleep 5"), entrypoint("sleep 300"));
    let tasks = format!("{{one: {{entrypoint: {quick}}}, two: {{entrypoint: {slow}}}}}");
    let cube = TestCube::new("{backoffLimit: 0}", &tasks);
    let ended = cube.run(&["--task", "one,two", "--timeout", "25s"]);
    ended.check("one clock", 8, "", &["task `one`", "task `two` has not ended after 25 s"]);
    for job in cube.jobs(&client).await {
        let start = job.status.and_then(|status| status.start_time).expect("it has started").0;
        let age = k8s_openapi::jiff::Timestamp::now().as_second() - start.as_second();
        assert!(age < 40, "a Job was waited for longer than the command has: {age} s");
        delete_job(&client, &job.metadata.name.expect("a name")).await;
    }
    let ended = cube.run(&["--task", "one", "--timeout", "0.001s"]);
    ended.check("no time", 8, "", &["the time was over after", "before the Job was created"]);
}

/// What can never come right ends the run, and the Job is left with a way back.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_job_that_can_never_run_ends_the_run() {
    let client = client().await;
    let cube = TestCube::shell("echo never");
    let place = "/spec/template/spec/containers/0/image";
    let added = cube.added(place, &json!("Upper/CASE:1"));
    let arguments: Vec<_> = added.iter().map(String::as_str).collect();
    let told = [
        "stuck     image `Upper/CASE:1`",
        "hint: correct it in `docker.image`",
        "stuck     task `main` can never run: image `Upper/CASE:1`",
        "stop it:   mlcube-k8s cancel",
    ];
    cube.run(&arguments).check("stuck", 11, "", &told);
    assert_eq!(cube.jobs(&client).await.len(), 1, "the Job is left");
    delete_job(&client, &cube.job(&client).await).await;
}

/// Somebody takes the Pod away: that is the cause, and not the exit code of a container that is told
/// to end.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_pod_that_is_taken_away_is_called_so() {
    let client = client().await;
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    for (is_evicted, told) in
        [(false, "was deleted before it ended"), (true, "was evicted because its node is emptied")]
    {
        let line = "trap 'exit 3' TERM; echo started; while true; do sleep 0.1; done";
        let cube = TestCube::new(
            "{backoffLimit: 0}",
            &format!("{{main: {{entrypoint: {}}}}}", entrypoint(line)),
        );
        let running = cube.start(&[]);
        let job = cube.job(&client).await;
        let params = ListParams::default().labels(&format!("job-name={job}"));
        let pod = until("its Pod runs", async || {
            let found = pods.list(&params).await.expect("Pods can be listed").items.pop()?;
            let is_running = found.status?.phase.as_deref() == Some("Running");
            found.metadata.name.filter(|_| is_running)
        })
        .await;
        if is_evicted {
            pods.evict(&pod, &EvictParams::default()).await.expect("the Pod can be evicted");
        } else {
            let params = DeleteParams::default();
            pods.delete(&pod, &params).await.expect("the Pod can be deleted");
        }
        let told = format!("failure   task `main`: pod {pod} {told}");
        running.wait().check("taken away", 1, "started\n", &[&told]);
    }
}
