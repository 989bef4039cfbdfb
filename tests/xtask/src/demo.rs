//! `cargo xtask demo`: three policies at work on a Job, then a model that is trained on the local
//! cluster through them. What the program says is checked against what lies in the claims.

use crate::cache::Cache;
use crate::cluster::{self, Cluster};
use crate::error::{Doing, Error, Result};
use crate::prerequisites::{self, Installing};
use crate::workspace::{self, Workspace};
use crate::{components, images, policies, program, say};
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
    components::check(cache, installing)?;
    prerequisites::for_demo(installing)?;
    prerequisites::for_policies(installing)?;
    // First what shows something early. Two compilers beside each other would only slow each other
    // down.
    let demo = Demo {
        program: build_program(&workspace)?,
        policies: policies_file(&workspace)?,
        workspace,
    };
    policies::build(&demo.workspace, installing)?;
    demo.explain()?;
    let cluster = cluster::up(cache, "default", installing)?;
    let cube = demo.workspace.root.join(CUBE);
    cluster.import(&images::digits(cache, &cube)?)?;
    let desk = demo.desk(cache, &cluster, &cube, keep)?;
    let accuracy = demo.train(&cluster, &desk)?;
    demo.fail(&cluster, &desk)?;
    say::step("the demo is over:");
    say::pass(format!("task `train`  trained to accuracy {accuracy}, as its metrics.json says"));
    say::pass(format!("task `fail`   failed as it should, exit status {TASK_FAILED}"));
    say::pass("the cluster stays up; end it with `cargo xtask cluster down`");
    Ok(())
}

struct Demo {
    program: PathBuf,
    policies: PathBuf,
    workspace: Workspace,
}

impl Demo {
    /// Show what the policies do to the Job, which needs no cluster.
    fn explain(&self) -> Result<()> {
        let mut render = self.command("render", "train");
        render.arg("--explain");
        match self.overhear(&mut render)? {
            (Some(0), _) => Ok(()),
            (code, _) => Err(Error::new(format!("`render` ended with {}", spelled(code)))),
        }
    }

    /// Train, and return the accuracy that both the log and what came back tell.
    fn train(&self, cluster: &Cluster, desk: &Path) -> Result<f64> {
        let (code, said) = self.task(cluster, desk, "train", &["--stage", "--fetch"])?;
        if code != Some(0) {
            return Err(Error::new(format!("task `train` ended with {}", spelled(code))));
        }
        let told = accuracy(&said)
            .ok_or_else(|| Error::new("the log of task `train` does not tell an `accuracy`"))?;
        let path = desk.join("metrics.json");
        let text = fs::read(&path).doing(|| format!("read `{}`", path.display()))?;
        let metrics: Value =
            serde_json::from_slice(&text).doing(|| format!("understand `{}`", path.display()))?;
        if metrics["accuracy"].as_f64() != Some(told) {
            let what = format!("expected accuracy {told} in `{}`, found {metrics}", path.display());
            return Err(Error::new(what));
        }
        let model = desk.join("model/network.joblib");
        let size = fs::metadata(&model).doing(|| format!("find `{}`", model.display()))?.len();
        say::step(format!("exit status 0, and the log tells accuracy {told}"));
        say::pass(format!("{} tells the same", path.display()));
        say::pass(format!("{} has {size} bytes", model.display()));
        Ok(told)
    }

    fn fail(&self, cluster: &Cluster, desk: &Path) -> Result<()> {
        let (code, _) = self.task(cluster, desk, "fail", &["--stage"])?;
        if code != Some(TASK_FAILED) {
            let what = format!(
                "expected task `fail` to end with exit status {TASK_FAILED}, found {}",
                spelled(code)
            );
            return Err(Error::new(what));
        }
        say::step(format!("exit status {TASK_FAILED}: the failure is told truly"));
        Ok(())
    }

    /// Run a task on the data of a folder.
    fn task(
        &self,
        cluster: &Cluster,
        desk: &Path,
        task: &str,
        data: &[&str],
    ) -> Result<(Option<i32>, String)> {
        let kubeconfig = cluster.instance.kubeconfig();
        say::step(format!("$ export KUBECONFIG={}", kubeconfig.display()));
        let mut command = self.command("run", task);
        command.arg("--workspace").arg(desk).args(data).env("KUBECONFIG", kubeconfig);
        self.overhear(&mut command)
    }

    /// A folder as a user has it: the data and the configurations. What an earlier demo wrote is
    /// emptied, here and on the claims.
    fn desk(&self, cache: &Cache, cluster: &Cluster, cube: &Path, keep: bool) -> Result<PathBuf> {
        let desk = self.workspace.target.join("demo/digits");
        let old = [cluster.instance.volume("mlcube-output").join("digits"), desk.clone()];
        for folder in old.iter().filter(|folder| !keep && folder.exists()) {
            fs::remove_dir_all(folder).doing(|| format!("empty `{}`", folder.display()))?;
        }
        fs::create_dir_all(&desk).doing(|| format!("create `{}`", desk.display()))?;
        let files = [
            (images::digits_data(cache), "digits.csv"),
            (cube.join("workspace/train.json"), "train.json"),
            (cube.join("workspace/impossible.json"), "impossible.json"),
        ];
        for (from, name) in files {
            let to = desk.join(name);
            fs::copy(&from, &to).doing(|| format!("copy `{}`", from.display()))?;
        }
        say::step(format!("the inputs lie in `{}`", desk.display()));
        Ok(desk)
    }

    fn command(&self, verb: &str, task: &str) -> Command {
        let root = &self.workspace.root;
        let mut command = Command::new(&self.program);
        command.args([verb, "--mlcube", CUBE, "--task", task, "--policies"]);
        command.arg(self.policies.strip_prefix(root).unwrap_or(&self.policies)).current_dir(root);
        command
    }

    /// Show a command as a user would type it, and run it.
    fn overhear(&self, command: &mut Command) -> Result<(Option<i32>, String)> {
        let typed = program::typed(command);
        let prefix = format!("{}/", self.workspace.root.display());
        say::step(format!("$ {}", typed.strip_prefix(&prefix).unwrap_or(&typed)));
        program::overhear(command)
    }
}

/// Build the program as the tests use it, so that nothing is built twice.
fn build_program(workspace: &Workspace) -> Result<PathBuf> {
    say::step("building mlcube-k8s");
    let mut build = workspace::cargo();
    build.arg("build").args(workspace.native()).args(["--bin", "mlcube-k8s"]);
    // There are none. But with them Cargo counts in the features that only tests ask for, as it
    // does for the tests.
    build.arg("--examples");
    program::show(build.current_dir(&workspace.root))?;
    Ok(workspace.target.join("debug/mlcube-k8s"))
}

/// The cube's own file, or a copy of it when Cargo's target folder is not where that file looks.
fn policies_file(workspace: &Workspace) -> Result<PathBuf> {
    let path = workspace.root.join(CUBE).join("policies.yaml");
    if workspace.target == workspace.root.join("target") {
        return Ok(path);
    }
    let text = fs::read_to_string(&path).doing(|| format!("read `{}`", path.display()))?;
    let target = format!("{}/", workspace.target.display());
    let copy = workspace.target.join("demo-policies.yaml");
    fs::write(&copy, text.replace("../../../target/", &target))
        .doing(|| format!("write `{}`", copy.display()))?;
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
            ("one", "epoch 1\naccuracy 0.9733\n", Some(0.9733)),
            ("two", "accuracy 0.5\n  digits  accuracy 0.9733  \ndone\n", Some(0.9733)),
            ("not a number", "no number: accuracy high\n", None),
            ("silence", "", None),
        ];
        for (name, said, expected) in rows {
            assert_eq!(accuracy(said), expected, "{name}");
        }
    }
}
