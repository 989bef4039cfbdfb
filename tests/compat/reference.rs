//! Owns the reference: a virtual environment with the pinned packages, made once, and one process
//! that answers. Invariant: the environment of a key is whole or is made again.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, thread};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::corpus::Case;

/// What is installed.
const REQUIREMENTS: &str = include_str!("requirements.txt");
/// The other side of the conversation.
const DRIVER: &str = include_str!("reference.py");

/// Both halves of a processor answer faster than one.
const PROCESSES: usize = 2;

/// The reference, ready to be asked.
pub struct Reference(Vec<Process>);

impl Reference {
    /// Starts it; the first time installs it.
    pub fn ready() -> Self {
        let python = environment();
        Self((0..PROCESSES).map(|number| Process::start(&python, number)).collect())
    }

    /// What it makes of each case.
    pub fn ask_all(&mut self, cases: &[Case]) -> Vec<Answer> {
        let size = cases.len().div_ceil(self.0.len()).max(1);
        thread::scope(|scope| {
            let parts = self.0.iter_mut().zip(cases.chunks(size));
            let parts = parts.map(|(process, part)| {
                scope.spawn(|| part.iter().map(|case| process.ask(case)).collect::<Vec<_>>())
            });
            let parts: Vec<_> = parts.collect();
            parts.into_iter().flat_map(|part| part.join().expect("the reference answers")).collect()
        })
    }
}

/// One process of the reference, in a folder of its own.
struct Process {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Process {
    fn start(python: &Path, number: usize) -> Self {
        let folder = crate::scratch().join(format!("cube-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the cube");
        let mut command = Command::new(python);
        // Isolated: neither the user's packages nor the current folder count.
        command
            .args(["-I", "-B", "-W", "ignore", "-c", DRIVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = command.spawn().expect("the reference starts");
        let questions = process.stdin.take().expect("its input is a pipe");
        let answers = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Self { process, questions, answers, folder }
    }

    fn ask(&mut self, case: &Case) -> Answer {
        // Each process has a folder of its own; the answers speak of the one that the case names.
        let folder = self.folder.to_string_lossy().into_owned();
        let asked = Case { root: folder.clone(), ..case.clone() };
        let question = serde_json::to_string(&asked).expect("a case is JSON");
        writeln!(self.questions, "{question}").expect("the reference listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the reference answers");
        let line = line.replace(&folder, &case.root);
        let mut answer: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the reference says `{line}` to {question}"));
        match answer["refused"].take() {
            Value::Array(refused) => {
                let word = |index: usize| refused[index].as_str().unwrap_or_default().to_owned();
                Answer::Refused(word(0), word(1))
            }
            _ => {
                answer.as_object_mut().expect("an answer is a mapping").remove("refused");
                let pod = &mut answer["job"]["spec"]["template"]["spec"];
                leave_out_empty(&mut pod["containers"][0], "volumeMounts");
                leave_out_empty(pod, "volumes");
                answer["kinds"] = kinds(&answer["config"]["tasks"]);
                Answer::Built(answer)
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// An empty list and none say the same to Kubernetes.
fn leave_out_empty(value: &mut Value, key: &str) {
    if value[key].as_array().is_some_and(Vec::is_empty) {
        value.as_object_mut().map(|map| map.remove(key));
    }
}

/// The type of each parameter of each task.
fn kinds(tasks: &Value) -> Value {
    let empty = Map::new();
    let tasks = tasks.as_object().unwrap_or(&empty).iter().map(|(name, task)| {
        let groups = ["inputs", "outputs"]
            .into_iter()
            .filter_map(|group| task["parameters"][group].as_object());
        let kinds: Map<_, _> = groups
            .flatten()
            .map(|(name, parameter)| (name.clone(), parameter["type"].clone()))
            .collect();
        (name.clone(), Value::Object(kinds))
    });
    Value::Object(tasks.collect())
}

/// The Python of the virtual environment, which is made the first time.
fn environment() -> PathBuf {
    let python = env::var_os("PYTHON").map_or_else(|| "python3".into(), PathBuf::from);
    let version =
        said(Command::new(&python).args(["-c", "import sys; print(sys.version, sys.prefix)"]));
    let key: String = Sha256::digest(format!("{REQUIREMENTS}\n{version}"))
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let all = cache().join("reference");
    fs::create_dir_all(&all).expect("the cache can be written");
    let lock = File::create(all.join(".lock")).expect("the cache can be written");
    lock.lock().expect("the cache can be locked");
    let (folder, whole) = (all.join(&key), all.join(&key).join("whole"));
    if !whole.exists() {
        let _ = fs::remove_dir_all(&folder);
        crate::say(&format!("reference: installing the reference into {}, once", folder.display()));
        said(Command::new(&python).args(["-m", "venv"]).arg(&folder));
        let pip = |arguments: &[&str]| {
            let mut command = Command::new(folder.join("bin/python"));
            command.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
            ]);
            command.args(arguments).env("PIP_NO_WARN_SCRIPT_LOCATION", "1");
            said(&mut command);
        };
        crate::say(
            "reference: an older pip first: newer ones refuse the metadata of the reference's packages",
        );
        pip(&["pip<24", "setuptools<80", "wheel<1"]);
        let list = folder.join("requirements.txt");
        fs::write(&list, REQUIREMENTS).expect("the cache can be written");
        crate::say("reference: mlcube, mlcube-k8s and what they need");
        pip(&["--requirement", &list.to_string_lossy()]);
        fs::write(&whole, "").expect("the cache can be written");
    }
    folder.join("bin/python")
}

/// What a command printed; a failure shows all of it.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!(
            "{:?} does not start: {error}; the reference needs Python 3 with `venv`",
            command.get_program()
        )
    });
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        output.status.success(),
        "{command:?} failed; the reference needs Python 3 with `venv`, and PyPI\n{out}{err}"
    );
    out.trim().to_owned()
}

/// `$MLCUBE_K8S_CACHE`, else `$XDG_CACHE_HOME/mlcube-k8s`, else `~/.cache/mlcube-k8s`.
fn cache() -> PathBuf {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("MLCUBE_K8S_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("mlcube-k8s")));
    folder
        .or_else(|| set("HOME").map(|home| home.join(".cache/mlcube-k8s")))
        .expect("`HOME` or `MLCUBE_K8S_CACHE` is set")
}
