//! Owns `cargo xtask demo`: a model trained on the local cluster, through policies, and what came
//! out. Invariant: what the program says is checked against what lies in the claims, never taken on
//! trust.

use crate::cache::Cache;
use crate::cluster::{self, Cluster};
use crate::error::{Doing, Error, Result};
use crate::prerequisites::{self, Installing};
use crate::workspace::{self, Workspace};
use crate::{images, policies, program, say};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CUBE: &str = "tests/demo/digits";
/// The exit status of the program for a task that failed.
const TASK_FAILED: i32 = 1;

/// Run the demo; `keep` leaves what an earlier one wrote.
pub fn run(cache: &Cache, installing: Installing, keep: bool) -> Result<()> {
    let workspace = Workspace::read()?;
    // All of them before the long work starts.
    prerequisites::for_cluster(installing)?;
    prerequisites::for_demo(installing)?;
    prerequisites::for_policies(installing)?;
    let cluster = cluster::up(cache, "default", installing)?;
    // Two compilers beside each other would only slow each other down: this comes after Go's.
    let program = build_program(&workspace)?;
    policies::build(&workspace, installing)?;
    let cube = workspace.root.join(CUBE);
    cluster.import(&images::digits(cache, &cube)?)?;
    fill_claims(cache, &cluster, &cube, keep)?;
    let policies = policy_file(&workspace, &cluster)?;
    let demo = Demo { workspace, cluster, program, policies };
    let accuracy = demo.train()?;
    demo.fail()?;
    say::step("the demo is over:");
    say::pass(format!("task `train`  trained to accuracy {accuracy}, as its metrics.json says"));
    say::pass(format!("task `fail`   failed as it should, exit status {TASK_FAILED}"));
    say::pass("the cluster stays up; end it with `cargo xtask cluster down`");
    Ok(())
}

struct Demo {
    workspace: Workspace,
    cluster: Cluster,
    program: PathBuf,
    policies: PathBuf,
}

impl Demo {
    /// Train, and return the accuracy that both the log and the claim tell.
    fn train(&self) -> Result<f64> {
        let (code, said) = self.task("train")?;
        if code != Some(0) {
            return Err(Error::new(format!("task `train` ended with {}", spelled(code))));
        }
        let told = accuracy(&said).ok_or_else(|| Error::new("the log of task `train` tells no `accuracy`"))?;
        let results = self.cluster.instance.volume("mlcube-output").join("digits");
        let path = results.join("metrics.json");
        let text = fs::read(&path).doing(|| format!("read `{}`", path.display()))?;
        let metrics: Value = serde_json::from_slice(&text).doing(|| format!("understand `{}`", path.display()))?;
        if metrics["accuracy"].as_f64() != Some(told) {
            let what = format!("the log tells accuracy {told}, `{}` {metrics}", path.display());
            return Err(Error::new(what));
        }
        let model = results.join("model/network.joblib");
        let size = fs::metadata(&model).doing(|| format!("find `{}`", model.display()))?.len();
        say::step(format!("exit status 0, and the log tells accuracy {told}"));
        say::pass(format!("{} tells the same", path.display()));
        say::pass(format!("{} has {size} bytes", model.display()));
        Ok(told)
    }

    fn fail(&self) -> Result<()> {
        let (code, _) = self.task("fail")?;
        if code != Some(TASK_FAILED) {
            let what = format!("task `fail` ended with {}, not {TASK_FAILED}", spelled(code));
            return Err(Error::new(what));
        }
        say::step(format!("exit status {TASK_FAILED}: the failure is told truly"));
        Ok(())
    }

    /// Show the command as a user would type it, and run it.
    fn task(&self, task: &str) -> Result<(Option<i32>, String)> {
        let root = &self.workspace.root;
        let short = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
        let kubeconfig = self.cluster.instance.kubeconfig();
        let mut command = Command::new(&self.program);
        command.args(["run", "--mlcube", CUBE, "--task", task, "--policies"]);
        command.arg(short(&self.policies)).current_dir(root).env("KUBECONFIG", &kubeconfig);
        let typed = program::typed(&command);
        let prefix = format!("{}/", root.display());
        say::step(format!("$ export KUBECONFIG={}", kubeconfig.display()));
        say::step(format!("$ {}", typed.strip_prefix(&prefix).unwrap_or(&typed)));
        program::overhear(&mut command)
    }
}

fn build_program(workspace: &Workspace) -> Result<PathBuf> {
    say::step("building mlcube-k8s");
    let mut build = workspace::cargo();
    build.args(["build", "--release", "--package", "mlcube-k8s"]);
    program::show(build.current_dir(&workspace.root))?;
    Ok(workspace.target.join("release/mlcube-k8s"))
}

/// Put the data and the configurations into the claim that the cube reads.
fn fill_claims(cache: &Cache, cluster: &Cluster, cube: &Path, keep: bool) -> Result<()> {
    let results = cluster.instance.volume("mlcube-output").join("digits");
    if !keep && results.exists() {
        fs::remove_dir_all(&results).doing(|| format!("empty `{}`", results.display()))?;
    }
    let inputs = cluster.instance.volume("mlcube-input").join("digits");
    fs::create_dir_all(&inputs).doing(|| format!("create `{}`", inputs.display()))?;
    let files = [
        (images::digits_data(cache), "digits.csv"),
        (cube.join("workspace/train.json"), "train.json"),
        (cube.join("workspace/impossible.json"), "impossible.json"),
    ];
    for (from, name) in files {
        let to = inputs.join(name);
        fs::copy(&from, &to).doing(|| format!("copy `{}`", from.display()))?;
    }
    say::step(format!("the inputs lie in `{}`", inputs.display()));
    Ok(())
}

/// The cube's own file, or a copy of it when Cargo's target folder is not where that file looks.
fn policy_file(workspace: &Workspace, cluster: &Cluster) -> Result<PathBuf> {
    let path = workspace.root.join(CUBE).join("policies.yaml");
    if workspace.target == workspace.root.join("target") {
        return Ok(path);
    }
    let text = fs::read_to_string(&path).doing(|| format!("read `{}`", path.display()))?;
    let target = format!("{}/", workspace.target.display());
    let copy = cluster.instance.folder().join("policies.yaml");
    fs::write(&copy, text.replace("../../../target/", &target)).doing(|| format!("write `{}`", copy.display()))?;
    Ok(copy)
}

/// The number behind the last `accuracy ` that was said.
fn accuracy(said: &str) -> Option<f64> {
    let line = said.lines().rev().find(|line| line.contains("accuracy "))?;
    let (_, number) = line.rsplit_once("accuracy ")?;
    number.split_whitespace().next()?.parse().ok()
}

fn spelled(code: Option<i32>) -> String {
    code.map_or("a signal".into(), |code| format!("exit status {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_accuracy_counts() {
        let rows = [
            ("epoch 1\naccuracy 0.9733\n", Some(0.9733)),
            ("accuracy 0.5\n  digits  accuracy 0.9733  \ndone\n", Some(0.9733)),
            ("no number: accuracy high\n", None),
            ("", None),
        ];
        for (said, expected) in rows {
            assert_eq!(accuracy(said), expected, "{said}");
        }
    }
}
