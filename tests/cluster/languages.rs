//! A run on a real cluster with policies in Python and JavaScript, as `cargo xtask test` built
//! them. `rows/languages.rs` has their cases.

use serde_json::json;

use crate::support::cluster::{Running, TestCube, client, variable};

#[tokio::test]
#[ignore = "needs toolchains and a cluster: cargo xtask test"]
async fn both_languages_shape_the_job_that_really_runs() {
    shape_the_job_that_really_runs("").await;
}

#[tokio::test]
#[ignore = "needs toolchains and a cluster: cargo xtask test"]
async fn both_languages_with_wasi_shape_the_job_that_really_runs() {
    shape_the_job_that_really_runs("_WASI").await;
}

/// Both policies, of which the variables of a variant name the files, in one run.
async fn shape_the_job_that_really_runs(variant: &str) {
    let cube = TestCube::shell("echo reviewed");
    let mut command = cube.command("run");
    for language in ["PYTHON", "JAVASCRIPT"] {
        command.arg("--policy").arg(variable(&format!("MLCUBE_TEST_{language}_POLICY{variant}")));
    }
    command.args([
        "--limit",
        "compile=20m",
        "--set",
        "pinned-images.team=vision",
        "--set",
        "cost-centre.cost-centre=ml-42",
    ]);
    command.args(["--set", r"cost-centre.nodes.main.mlcube-k8s\.dev/pool=gpu"]);
    let told = [
        "pinned-images admits the Job with 2 edits",
        "cost-centre admits the Job with 3 edits",
        "success",
    ];
    Running::start(&mut command).wait().check("languages", 0, "reviewed\n", &told);
    let job = cube.jobs(&client().await).await.pop().expect("the Job is there");
    let json = serde_json::to_value(job).expect("a Job is JSON");
    assert_eq!(json["metadata"]["labels"]["team"], "vision");
    let pod = &json["spec"]["template"];
    assert_eq!(pod["metadata"]["annotations"]["example.org/cost-centre"], "ml-42");
    assert_eq!(pod["spec"]["nodeSelector"], json!({"mlcube-k8s.dev/pool": "gpu"}));
}
