//! The journal on a real file system.

use super::*;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

/// A folder that is removed with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let random = getrandom::u64().expect("randomness");
        Self(std::env::temp_dir().join(format!("journal-{random:016x}")))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn entry(name: &str, cluster: &str, second: i64) -> Entry {
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": name, "annotations": {
            "mlcube-k8s.dev/cube": "mnist", "mlcube-k8s.dev/task": "train",
            "mlcube-k8s.dev/inputs": "{\"data\": \"a\"}",
        }},
        "spec": {"template": {"spec": {"containers": []}}},
    });
    let job = Job::from_json(job).expect("a Job");
    let started = Timestamp::from_second(second).expect("a time");
    Entry { started, ..Entry::new(&job, "team", cluster) }
}

#[test]
fn runs_come_back_the_newest_first() {
    let folder = Folder::new();
    let journal = Journal::open(folder.0.join("a/b")).expect("a journal");
    let runs = [entry("one", "x", 1), entry("three", "x", 3), entry("two", "x", 2)];
    for run in runs.iter().chain([&entry("elsewhere", "y", 9)]) {
        journal.write(run).expect("it is written");
    }
    let names =
        |journal: &Journal| journal.runs("x").into_iter().map(|run| run.job).collect::<Vec<_>>();
    assert_eq!(names(&journal), ["three", "two", "one"]);
    let over = Entry { stage: Stage::Over, outcome: Some("succeeded".into()), ..runs[1].clone() };
    journal.write(&over).expect("it is written over");
    assert_eq!(journal.runs("x")[0], over);
    // What is damaged, foreign or a link is passed over.
    let path = |name: &str| journal.folder.join(name);
    fs::write(path("one.json"), "{").expect("a file");
    fs::write(path("notes.txt"), "mine").expect("a file");
    std::os::unix::fs::symlink(path("two.json"), path("link.json")).expect("a link");
    assert_eq!(names(&journal), ["three", "two"]);
}

#[test]
fn it_is_private() {
    let folder = Folder::new();
    let journal = Journal::open(folder.0.clone()).expect("a journal");
    journal.write(&entry("one", "x", 1)).expect("it is written");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder.0), 0o700);
    assert_eq!(mode(&folder.0.join("one.json")), 0o600);
}

#[test]
fn it_does_not_grow_for_ever() {
    let folder = Folder::new();
    let journal = Journal::open(folder.0.clone()).expect("a journal");
    let start = SystemTime::now() - Duration::from_secs(100_000);
    for index in 0..KEPT + 7 {
        let run = entry(&format!("run-{index}"), "x", index as i64);
        journal.write(&run).expect("it is written");
        let file =
            fs::File::options().append(true).open(folder.0.join(format!("run-{index}.json")));
        let time = start + Duration::from_secs(index as u64);
        file.and_then(|file| file.set_modified(time)).expect("a time can be set");
    }
    journal.prune();
    let runs = journal.runs("x");
    assert_eq!(runs.len(), KEPT);
    assert_eq!(runs[KEPT - 1].job, "run-7", "the oldest are gone");
}

#[test]
fn the_same_command_is_known() {
    let (one, other) = (entry("one", "x", 1), entry("other", "x", 2));
    assert_eq!(one.same, other.same);
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "n", "annotations": {"mlcube-k8s.dev/task": "test"}},
        "spec": {"template": {"spec": {"containers": []}}},
    });
    let another = Entry::new(&Job::from_json(job).expect("a Job"), "team", "x");
    assert_ne!(one.same, another.same);
}
