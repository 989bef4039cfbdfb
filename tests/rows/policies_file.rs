//! Policies files: which of them is in force, and what is told of a mistake in one: the place, what
//! stands there, what is needed, and a hint.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;

use crate::support::team::{Done, Team};
use crate::support::{self, policy};
use crate::{trial, trials};

/// A name, a file in which `POLICY` stands for the module of a policy, and what is told of it.
type Mistake = (&'static str, &'static str, &'static str);

const MISTAKES: [Mistake; 18] = [
    (
        "an empty file",
        "",
        "`TEAM/policies.yaml`: the policies file: expected a mapping, found nothing\nhint: the format of the file is in docs/policies.md",
    ),
    (
        "a list",
        "- module: p.wasm",
        "`TEAM/policies.yaml:1:1`: the policies file: expected a mapping, found a list",
    ),
    (
        "no policies",
        "limits: {}",
        "`TEAM/policies.yaml:1:1`: the policies file: missing `policies`\nhint: the format of the file is in docs/policies.md",
    ),
    (
        "an unknown key",
        "policies: []\nlimit: {}",
        "policies.yaml:2:1`: the policies file has no key `limit`\nhint: did you mean `limits`?",
    ),
    (
        "policies that are a mapping",
        "policies: {p: p.wasm}",
        "policies.yaml:1:11`: `policies`: expected a list, found a mapping",
    ),
    (
        "a policy that is text",
        "policies:\n- p.wasm",
        "policies.yaml:2:3`: a policy: expected a mapping, found `p.wasm`",
    ),
    (
        "a policy without a module",
        "policies:\n- name: p",
        "policies.yaml:2:3`: a policy: missing `module`",
    ),
    (
        "a misspelt module",
        "policies:\n- modul: p.wasm",
        "policies.yaml:2:3`: a policy has no key `modul`\nhint: did you mean `module`?",
    ),
    (
        "a module that is a number",
        "policies:\n- module: 5",
        "policies.yaml:2:11`: `module`: expected text, found the integer `5`\nhint: put quotes around it",
    ),
    (
        "an unknown mode",
        "policies:\n- module: p.wasm\n  mode: adit",
        "policies.yaml:3:9`: `mode`: expected one of `enforce`, `audit`, found `adit`",
    ),
    ("a module that is not there", "policies:\n- module: p.wasm", "TEAM/p.wasm`: No such file"),
    (
        "grants that are text",
        "policies:\n- {module: POLICY, grant: storage}",
        "`grant`: expected a list, found `storage`",
    ),
    (
        "a denial that is a number",
        "policies:\n- {module: POLICY, deny: [1]}",
        "a word of `deny`: expected text, found the integer `1`",
    ),
    ("a name with a capital", "policies:\n- {module: POLICY, name: Big}", "has no valid name"),
    ("a key twice", "policies:\n- module: a\n- module: b\n  module: c", "duplicate key `module`"),
    ("a file that is no YAML", "policies: [", "this is not YAML"),
    ("two documents", "policies: []\n---\npolicies: []", "a second YAML document begins here"),
    (
        "a limit that is a list",
        "policies: []\nlimits:\n  fuel: [1]",
        "policies.yaml:3:3`: `limits`: `[1]` is not a value for the limit `fuel`",
    ),
];

/// A name, arguments, whether the variable names a file too, and what is told.
type InForce = (&'static str, &'static [&'static str], bool, &'static str);

const IN_FORCE: [InForce; 4] = [
    (
        "the flag before the variable",
        &["--policies", "BY-FLAG"],
        true,
        "by-flag.yaml`, from `--policies`",
    ),
    (
        "the variable before the configuration",
        &[],
        true,
        "by-variable.yaml`, from the variable `MLCUBE_K8S_POLICIES`",
    ),
    ("the configuration", &[], false, "mlcube-k8s/policies.yaml`, from the user's configuration"),
    ("none", &["--policies", ""], true, ""),
];

/// What the user's configuration holds, the exit code, and what is told. Only what does not exist
/// means no policies.
type Own = (&'static str, fn(&Path), i32, &'static str);

const OWN: [Own; 9] = [
    ("nothing", |_| {}, 0, ""),
    (
        "a link",
        |own| link("../shipped/policies.yaml", own, "policies.yaml"),
        0,
        "shipped/policies.yaml`, from",
    ),
    ("a link to a link", two_links, 0, "shipped/policies.yaml`, from"),
    (
        "a dangling link",
        |own| link("nowhere", own, "policies.yaml"),
        2,
        "cannot read the policies file `TEAM/mlcube-k8s/policies.yaml`",
    ),
    (
        "a circle of links",
        |own| link("policies.yaml", own, "policies.yaml"),
        2,
        "cannot read the policies file `TEAM/mlcube-k8s/policies.yaml`",
    ),
    (
        "a folder",
        |own| fs::create_dir(own.join("policies.yaml")).expect("a folder"),
        2,
        "cannot read the policies file `TEAM/mlcube-k8s/policies.yaml`",
    ),
    (
        "another ending",
        |own| fs::write(own.join("policies.yml"), "policies: []\n").expect("a file"),
        2,
        "rename it to `policies.yaml`",
    ),
    (
        "a link with another ending",
        |own| link("nowhere", own, "policies.yml"),
        2,
        "rename it to `policies.yaml`",
    ),
    (
        "a lock that leads nowhere",
        dangling_lock,
        2,
        "cannot read the lock file `TEAM/mlcube-k8s/policies.lock`",
    ),
];

fn link(to: &str, folder: &Path, name: &str) {
    std::os::unix::fs::symlink(to, folder.join(name)).expect("a link");
}

fn two_links(own: &Path) {
    link("../shipped/policies.yaml", own, "other");
    link("other", own, "policies.yaml");
}

fn dangling_lock(own: &Path) {
    fs::write(own.join("policies.yaml"), "policies: []\n").expect("a file");
    link("nowhere", own, "policies.lock");
}

pub fn all() -> Vec<Trial> {
    let mut all = trials("policies-file", MISTAKES, |row| row.0, check);
    all.extend(trials("policies-file/in-force", IN_FORCE, |row| row.0, is_in_force));
    all.extend(trials("policies-file/own", OWN, |row| row.0, is_told));
    all.push(trial("policies-file/what-is-empty-is-as-good-as-nothing", || {
        let text =
            "policies:\n- {module: POLICY, name: , settings: , grant: , deny: , mode: }\nlimits:\n";
        let done = render("empty", text, "gpu-resources");
        assert_eq!(done.code, Some(0), "{}", done.told);
    }));
    all
}

fn check((name, text, expected): Mistake) {
    let done = render(&support::rows::slug(name), text, "caller");
    assert_eq!((done.code, done.out.as_str()), (Some(2), ""), "{}", done.told);
    assert!(
        done.told.contains(expected) && done.told.contains("hint: "),
        "`{expected}` is not in `{}`",
        done.told
    );
}

fn render(name: &str, text: &str, module: &str) -> Done {
    let team = Team::new(&format!("file-{name}"));
    team.text(&text.replace("POLICY", &policy::file(module).display().to_string()));
    let file = team.path("policies.yaml").display().to_string();
    team.render(&["--policies", &file])
}

fn is_in_force((name, arguments, has_variable, expected): InForce) {
    let team = Team::new(&format!("in-force-{}", support::rows::slug(name)));
    fs::create_dir_all(team.path("mlcube-k8s")).expect("a folder");
    for file in ["mlcube-k8s/policies.yaml", "by-variable.yaml", "by-flag.yaml"] {
        fs::write(team.path(file), "policies: []\n").expect("a policies file");
    }
    let by_flag = team.path("by-flag.yaml").display().to_string();
    let mut command = support::program();
    command
        .args(["render", "--mlcube", "tests/cases/documented"])
        .env("XDG_CONFIG_HOME", team.path(""));
    command.args(arguments.iter().map(|word| word.replace("BY-FLAG", &by_flag)));
    if has_variable {
        command.env("MLCUBE_K8S_POLICIES", team.path("by-variable.yaml"));
    }
    let done = team.done(&mut command);
    tells(&done, 0, expected);
}

/// The variable is empty, as an undefined one in CI is: it switches nothing off.
fn is_told((name, prepare, code, expected): Own) {
    let team = Team::new(&format!("own-{}", support::rows::slug(name)));
    let own = team.path("mlcube-k8s");
    fs::create_dir_all(&own).expect("a folder");
    fs::create_dir_all(team.path("shipped")).expect("a folder");
    // The module lies beside the real file.
    fs::copy(policy::file("gpu-resources"), team.path("shipped/gpu_resources.wasm"))
        .expect("copied");
    let list = "policies: [{module: gpu_resources.wasm}]\n";
    fs::write(team.path("shipped/policies.yaml"), list).expect("a policies file");
    prepare(&own);
    let mut command = support::program();
    command.args(["render", "--mlcube", "tests/cases/documented"]);
    command.env("XDG_CONFIG_HOME", team.path("")).env("MLCUBE_K8S_POLICIES", "");
    let done = team.done(&mut command);
    tells(&done, code, expected);
}

/// It ended so, and told what is expected; nothing at all where nothing is.
fn tells(done: &Done, code: i32, expected: &str) {
    assert_eq!(done.code, Some(code), "{}", done.told);
    let fits = done.told.contains(expected) && done.told.is_empty() == expected.is_empty();
    assert!(fits, "`{expected}` is not in `{}`", done.told);
}
