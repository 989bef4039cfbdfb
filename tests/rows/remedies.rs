//! Remedies can be followed on the command that tells them: they name options that it has, and what
//! they print works when it is pasted, with the options that were given.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::policy;
use crate::support::team::{Done, Team, label};
use crate::support::{program, workspace};
use crate::trials;

pub fn all() -> Vec<Trial> {
    let locks = trials("remedies/lock", locks(), |row| row.0, check_lock);
    let told = trials("remedies/told", told(), |row| row.0, check_told);
    locks.into_iter().chain(told).collect()
}

/// The policies file, whose name a shell does not read as it is.
const FILE: &str = "it's mine.yaml";

/// A name, whether the program is called as a plugin, options of every command, those of `render`
/// alone, and the words around the command that is told.
type Lock = (&'static str, bool, &'static [&'static str], &'static [&'static str], &'static str);

fn locks() -> Vec<Lock> {
    vec![
        ("a warning", false, &[], &[], "differ from the locked ones: `mlcube-k8s policy lock"),
        ("an error", false, &[], &["--locked"], "hint: review the change; `mlcube-k8s policy lock"),
        ("limits", false, &["--limit", "edits=500", "--limit=wall=3s"], &["--locked"], "hint: "),
        ("a plugin", true, &[], &["--locked"], "hint: review the change; `kubectl mlcube policy"),
        (
            "what is typed",
            false,
            &[],
            &["--locked", "--set", "p.x=1"],
            "hint: review the change; leave out `--set`, or write it into the policies file, and `",
        ),
    ]
}

/// The policies are locked, then changed: what is told locks them again.
fn check_lock((name, is_plugin, both, more, expected): Lock) {
    let team = Team::new(&format!("remedies-{}", name.replace(' ', "-")));
    let file = team.path(FILE).display().to_string();
    let run = |command: &[&str], more: &[&str]| {
        let mut program = program();
        if is_plugin {
            let plugin = team.path("kubectl-mlcube");
            let _ = symlink(program.get_program(), &plugin);
            let mut called = Command::new(plugin);
            called.env("HOME", team.path("home")).current_dir(workspace());
            program = called;
        }
        program.args(command).args(["--policies", &file]).args(both).args(more);
        team.done(&mut program)
    };
    let render = ["render", "--mlcube", "tests/cases/documented"];
    write(&team, label("a"));
    assert_eq!(run(&["policy", "lock"], &[]).code, Some(0));
    write(&team, label("b"));
    let done = run(&render, more);
    assert_eq!(done.code, Some(if more.is_empty() { 0 } else { 2 }), "{}", done.told);
    assert!(done.told.contains(expected), "{}", done.told);
    let pasted = paste(&team, &done.told);
    assert_eq!(pasted.code, Some(0), "{}", pasted.told);
    let more: Vec<_> = more.iter().filter(|word| **word == "--locked").copied().collect();
    let done = run(&render, &more);
    assert_eq!(done.code, Some(0), "{}", done.told);
    assert!(!done.told.contains("policy lock"), "{}", done.told);
}

fn write(team: &Team, calls: Value) {
    let entry =
        json!({"name": "p", "module": policy::file("caller"), "settings": {"calls": calls}});
    std::fs::write(team.path(FILE), json!({"policies": [entry]}).to_string()).expect("a list");
}

/// Paste the command that is told into a shell.
fn paste(team: &Team, told: &str) -> Done {
    let starts = ["`mlcube-k8s policy lock", "`kubectl mlcube policy lock"];
    let start = starts.into_iter().find(|start| told.contains(start)).expect("a command");
    let (_, command) = told.split_once(start).expect("a command");
    let (options, _) = command.split_once('`').expect("an end");
    let folder = team.path("");
    let options = options.replace("TEAM", folder.display().to_string().trim_end_matches('/'));
    let binary = program().get_program().to_owned();
    let line = format!("{} policy lock{options}", Path::new(&binary).display());
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).current_dir(workspace()).env("HOME", team.path("home"));
    team.done(&mut shell)
}

/// A name, the policies, the command, and the hint.
type Told = (&'static str, Value, &'static [&'static str], &'static str);

fn told() -> Vec<Told> {
    const RENDER: &[&str] = &["render", "--mlcube", "tests/cases/documented"];
    const LOCK: &[&str] = &["policy", "lock"];
    const REPLAY: &[&str] = &["policy", "replay", "TEAM/run.json"];
    let gpus = |more: Value| {
        let mut entry = json!({"name": "p", "module": policy::file("gpu-resources")});
        let members = more.as_object().cloned().unwrap_or_default();
        entry.as_object_mut().expect("an entry").extend(members);
        entry
    };
    let grant = json!([gpus(json!({"grant": ["scheduling"]}))]);
    let wrong = json!([gpus(json!({"settings": {"max": "x"}}))]);
    let twice = json!([gpus(json!({})), gpus(json!({}))]);
    vec![
        (
            "grants on render",
            grant.clone(),
            RENDER,
            "to grant all it asks for: `--grant p=scheduling,resources`, or `grant:`",
        ),
        (
            "grants on lock",
            grant.clone(),
            LOCK,
            "to grant all it asks for: `grant: [scheduling, resources]` in the policies file",
        ),
        (
            "grants on replay",
            grant,
            REPLAY,
            "it is granted `scheduling`, as it was when it was recorded",
        ),
        (
            "settings on render",
            wrong.clone(),
            RENDER,
            "correct them with `--set p.KEY=VALUE` or in their file",
        ),
        ("settings on lock", wrong.clone(), LOCK, "correct them in the policies file"),
        (
            "settings on replay",
            wrong,
            REPLAY,
            "they are those of the recording, but for secret ones",
        ),
        (
            "names on render",
            twice.clone(),
            RENDER,
            "give one of them another name with `--policy NAME=FILE`",
        ),
        (
            "names on lock",
            twice,
            LOCK,
            "give one of them another name with `name:` in the policies file",
        ),
    ]
}

fn check_told((name, policies, command, expected): Told) {
    let team = Team::new(&format!("remedies-told-{}", name.replace(' ', "-")));
    team.file(json!({"policies": policies}));
    let recording = team.path("run.json").display().to_string();
    if command.contains(&"replay") {
        assert_eq!(team.render(&["--record", &recording]).code, Some(2));
    }
    let words: Vec<&str> = command
        .iter()
        .map(|word| if word.starts_with("TEAM") { &recording } else { *word })
        .collect();
    let done = team.run(&words);
    assert_eq!(done.code, Some(2), "{}", done.told);
    assert!(done.told.contains(expected), "{}", done.told);
    let is_render = command[0] == "render";
    for option in ["--grant", "--policy "] {
        assert!(is_render || !done.told.contains(option), "{}", done.told);
    }
}
