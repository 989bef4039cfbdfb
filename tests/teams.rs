//! What a platform team relies on: grants, audits, locks, warnings where policies collide, and the note on the Job. Each row
//! is a policies file, a command line, and what comes of it.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// A team's folder: its policies file, with `caller` as `first` and `second`, each doing what it is told.
struct Team {
    folder: PathBuf,
}

/// What the program did.
struct Done {
    code: Option<i32>,
    out: String,
    told: String,
}

impl Team {
    fn new(name: &str) -> Self {
        let folder = support::workspace().join("target/tests/teams").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder for the team");
        Self { folder }
    }

    /// Write the policies file: names, the calls that each makes, and more of its entry.
    fn policies(&self, policies: &[(&str, Value, Value)]) -> &Self {
        self.file(json!({"policies": policies.iter().map(|(name, calls, more)| {
            let mut entry = json!({"name": name, "module": support::policy("caller"), "settings": {"calls": calls}});
            entry.as_object_mut().expect("an entry").extend(more.as_object().cloned().unwrap_or_default());
            entry
        }).collect::<Vec<_>>()}))
    }

    fn file(&self, content: Value) -> &Self {
        fs::write(self.path("policies.yaml"), content.to_string()).expect("the policies file is written");
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn render(&self, arguments: &[&str]) -> Done {
        self.run(&[&["render", "--mlcube", "tests/cases/documented"], arguments].concat())
    }

    fn run(&self, arguments: &[&str]) -> Done {
        let mut command = support::program();
        command.args(arguments).env("MLCUBE_K8S_POLICIES", self.path("policies.yaml"));
        let output = command.output().expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&self.folder.display().to_string(), "TEAM");
        Done { code: output.status.code(), out: text(&output.stdout), told: text(&output.stderr) }
    }
}

fn label(value: &str) -> Value {
    json!([["set-label", "team", value]])
}

#[test]
fn capabilities_are_granted_and_denied() {
    let team = Team::new("grants");
    let rows = [
        (json!({}), &[][..], 0, ""),
        (json!({"grant": ["metadata"]}), &[], 2, "policy `first` asks for `scheduling`, `resources`, `storage`"),
        (json!({"deny": ["storage"]}), &[], 2, "policy `first` asks for `storage`, which it is not granted"),
        (json!({"grant": ["metdata"]}), &[], 2, "policy `first`: `metdata` is no capability; there are `scheduling`"),
        (json!({}), &["--grant", "first=metadata"], 2, "which it is not granted\nhint: it is granted `metadata`"),
        (json!({}), &["--grant", "other=metadata"], 2, "names the policy `other`, which is not in use"),
        (json!({}), &["--grant", "first"], 2, "write `--grant NAME=CAPABILITY,…`"),
    ];
    for (entry, arguments, code, expected) in rows {
        let done = team.policies(&[("first", label("a"), entry.clone())]).render(arguments);
        assert_eq!(done.code, Some(code), "{entry} {arguments:?}: {}", done.told);
        assert!(done.told.contains(expected), "{entry} {arguments:?}: {}", done.told);
        assert_eq!(done.out.is_empty(), code != 0, "{entry}");
    }
}

#[test]
fn an_audited_policy_changes_nothing_and_stops_nothing() {
    let team = Team::new("audit");
    let audit = || json!({"mode": "audit"});
    let rows = [
        (label("a"), audit(), &[][..], "first would admit the Job with 2 edits (audit)"),
        (label("a"), json!({}), &["--audit=first"], "first would admit the Job with 2 edits (audit)"),
        (label("a"), json!({}), &["--audit"], "first would admit the Job with 2 edits (audit)"),
        (json!([["reject", "no"]]), audit(), &[], "first would reject the Job (audit): no"),
        (json!([["trap"]]), audit(), &[], "first would end the run (audit): policy `first` broke in `review`"),
    ];
    for (calls, entry, arguments, expected) in rows {
        let done = team.policies(&[("first", calls.clone(), entry)]).render(arguments);
        assert_eq!(done.code, Some(0), "{calls}: {}", done.told);
        assert!(done.told.contains(expected), "{calls}: {}", done.told);
        assert!(done.told.contains("only audited"), "{calls}: {}", done.told);
        assert!(!done.out.contains("team: a"), "{calls}: {}", done.out);
    }
}

#[test]
fn policies_that_collide_are_named() {
    let team = Team::new("conflicts");
    let none = || json!({});
    let rows = [
        (label("a"), label("a"), ""),
        (label("a"), json!([["set-label", "other", "a"]]), ""),
        (label("a"), label("b"), "warning   `second` overwrites what `first` wrote at /metadata/labels/team"),
        (
            json!([["set-limit", "mlcube-container", "nvidia.com/gpu", "3"]]),
            json!([["set-limit", "mlcube-container", "nvidia.com/gpu", "8"]]),
            "`second` undoes what `first` did at /spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu",
        ),
    ];
    for (first, second, expected) in rows {
        let done = team.policies(&[("first", first, none()), ("second", second, none())]).render(&["--gpus", "8"]);
        assert_eq!(done.code, Some(0), "{}", done.told);
        match expected {
            "" => assert!(!done.told.contains("warning"), "{}", done.told),
            expected => assert!(done.told.contains(expected), "{}", done.told),
        }
    }
}

#[test]
fn the_job_carries_who_reviewed_it() {
    let team = Team::new("note");
    let done = team.policies(&[("first", label("a"), json!({})), ("second", label("b"), json!({"mode": "audit"}))]);
    let done = done.render(&["-o", "json"]);
    let job: Value = serde_json::from_str(&done.out).expect("a Job");
    let note = job["metadata"]["annotations"]["mlcube-k8s.dev/policies"].as_str().expect("a note");
    let note: Value = serde_json::from_str(note).expect("the note is JSON");
    assert_eq!(note["edits"], 2);
    assert_eq!(note["policies"][0]["name"], "first");
    assert_eq!(note["policies"][1]["mode"], "audit");
    assert!(note["policies"][0]["digest"].as_str().is_some_and(|digest| digest.len() == 71));
    let without = team.render(&["-o", "json", "--policies", ""]);
    assert!(!without.out.contains("mlcube-k8s.dev/policies"));
}

#[test]
fn an_explanation_is_data() {
    let team = Team::new("explain");
    let reject = json!([["set-label", "x", "y"], ["reject", "enough"]]);
    let two = [("first", label("a"), json!({})), ("second", label("b"), json!({}))];
    let done = team.policies(&two).render(&["--explain=json"]);
    let lines: Vec<Value> = done.out.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect();
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap_or_default()).collect();
    assert_eq!(events, ["review", "review", "conflict", "conflict"]);
    let edit = &lines[1]["edits"][0];
    assert_eq!(edit["pointer"], "/metadata/labels/team");
    assert_eq!((&edit["before"], &edit["after"]), (&json!("a"), &json!("b")));
    assert_eq!((&edit["policy"], &edit["reason"]), (&json!("second"), &json!("call 0")));
    assert_eq!(edit["digest"], lines[1]["digest"]);
    let done = team.policies(&[("first", reject, json!({}))]).render(&["--explain=json"]);
    assert_eq!(done.code, Some(3));
    let line: Value = serde_json::from_str(done.out.trim()).expect("one line");
    assert_eq!((&line["verdict"], &line["rejection"]["reason"]), (&json!("reject"), &json!("enough")));
}

#[test]
fn a_lock_holds_what_was_looked_at() {
    let team = Team::new("lock");
    let module = team.path("module.wasm");
    let use_module = |path: &Path| fs::copy(path, &module).expect("the module is copied");
    let list = |settings: Value| json!({"policies": [{"name": "p", "module": "module.wasm", "settings": settings}]});
    let calls = |calls: Value| list(json!({"calls": calls}));
    use_module(&support::policy("caller"));
    team.file(calls(json!([])));

    let done = team.render(&["--locked"]);
    assert_eq!(done.code, Some(2));
    assert!(done.told.contains("cannot read the lock file `TEAM/policies.lock`"), "{}", done.told);

    let done = team.run(&["policy", "lock"]);
    assert_eq!(done.code, Some(0), "{}", done.told);
    assert!(done.told.contains("locked    1 policy in `TEAM/policies.lock`"), "{}", done.told);
    let lock = fs::read_to_string(team.path("policies.lock")).expect("the lock");
    assert!(lock.contains("digest: sha256:") && lock.contains("scheduling") && lock.contains("mlcube:policy@0.1.0"));
    assert_eq!(team.render(&["--locked"]).code, Some(0));

    let tell = "`mlcube-k8s policy lock` accepts it";
    let refuse = |what: &str| {
        let strict = team.render(&["--locked"]);
        assert_eq!((strict.code, strict.told.contains(what)), (Some(2), true), "{}", strict.told);
        assert!(strict.told.contains(tell), "{}", strict.told);
        team.render(&[])
    };
    team.file(calls(json!([["set-label", "a", "b"]])));
    let loose = refuse("policy `p` has other settings than the locked ones");
    assert_eq!((loose.code, loose.told.contains("warning   policy `p` has other settings")), (Some(0), true));

    // Another module that can do less is told; one that can do more is refused until it is locked.
    use_module(&support::policy("pvc-remap"));
    team.file(list(json!({"claims": {}})));
    let loose = refuse("policy `p` is another file than the locked one");
    assert_eq!(loose.code, Some(0), "{}", loose.told);
    assert_eq!(team.run(&["policy", "lock"]).code, Some(0));
    use_module(&support::policy("gpu-resources"));
    team.file(list(json!({})));
    let Done { code, told, .. } = refuse("policy `p` is another file than the locked one");
    assert_eq!(code, Some(2));
    assert!(told.contains("policy `p` has gained `scheduling`, `resources` since it was locked"), "{told}");
    assert_eq!(team.run(&["policy", "lock"]).code, Some(0));
    assert_eq!(team.render(&["--locked"]).code, Some(0));

    let module = support::policy("gpu-resources");
    let more = team.render(&["--locked", "--policy", &format!("more={}", module.display())]);
    assert!(more.told.contains("policy `more` is not in the lock"), "{}", more.told);
    let write = |lock: &str| fs::write(team.path("policies.lock"), lock).expect("the lock is written");
    write("version: 1\n");
    let told = team.render(&[]).told;
    assert!(told.contains("TEAM/policies.lock`: missing field `policies`\nhint: `mlcube-k8s policy lock`"), "{told}");
    write("version: 9\npolicies: []\n");
    refuse("the lock is of version 9, this program reads 1");
}

#[test]
fn limits_are_raised_and_lowered() {
    let team = Team::new("limits");
    let flood = |count: usize| Value::Array((0..count).map(|n| json!(["set-label", "n", n.to_string()])).collect());
    let entry = |limits: Value| {
        json!({
            "policies": [{"name": "p", "module": support::policy("caller"), "settings": {"calls": flood(3)}}],
            "limits": limits,
        })
    };
    let rows = [
        (json!({}), &[][..], 0, ""),
        (json!({"edits": 5}), &[], 4, "policy `p` was stopped in `review` at its `edits` limit of 5: it asked for 6"),
        (json!({"edits": 5}), &["--limit", "edits=6"], 0, ""),
        (json!({"memory": "64Ki"}), &[], 4, "`memory` limit of 64Ki: it asked for "),
        (json!({"edits": "many"}), &[], 2, "`limits`: `many` is no value for the limit `edits`"),
        (json!({"speed": 1}), &[], 2, "`limits`: there is no limit `speed`"),
        (json!({}), &["--limit", "edits"], 2, "write `--limit LIMIT=VALUE`"),
        (json!({}), &["--limit", "edits=0"], 2, "`0` is no value for the limit `edits`"),
    ];
    for (limits, arguments, code, expected) in rows {
        let done = team.file(entry(limits.clone())).render(arguments);
        assert_eq!(done.code, Some(code), "{limits} {arguments:?}: {}", done.told);
        assert!(done.told.contains(expected), "{limits} {arguments:?}: {}", done.told);
        let names_the_remedy = done.told.contains("raises it with `--limit");
        assert_eq!(names_the_remedy, code == 4, "{}", done.told);
    }
}

#[test]
fn a_foreign_component_is_described_and_not_run() {
    let team = Team::new("inspect");
    let rows = [
        (
            "foreign-import.wat",
            &[
                "no policy  component `TEAM/file.wasm` is no policy: it imports `wasi:http/outgoing-handler@0.2.0`",
                "may change nothing",
            ][..],
            json!(["wasi:http/outgoing-handler@0.2.0"]),
        ),
        (
            "other-world.wat",
            &["no policy  component `TEAM/file.wasm` is no policy: it does not export", "exports    "],
            json!([]),
        ),
    ];
    for (name, expected, foreign) in rows {
        let text = support::workspace().join("tests/guests").join(name);
        fs::write(team.path("file.wasm"), wat::parse_file(text).expect("the text is sound")).expect("a component");
        let file = team.path("file.wasm").display().to_string();
        let done = team.run(&["policy", "inspect", &file]);
        assert_eq!(done.code, Some(0), "{name}: {}", done.told);
        expected.iter().for_each(|line| assert!(done.out.contains(line), "{name}: {}", done.out));
        let json: Value =
            serde_json::from_str(&team.run(&["policy", "inspect", &file, "-o", "json"]).out).expect("JSON");
        assert_eq!((&json["policy"], &json["foreign"]), (&Value::Null, &foreign), "{name}");
    }
}

#[test]
fn policies_are_compiled_ahead() {
    let team = Team::new("precompile");
    team.policies(&[("first", label("a"), json!({}))]);
    let cache = team.path("cache");
    let compiled = || {
        let files = fs::read_dir(cache.join("mlcube-k8s/policies")).into_iter().flatten().flatten();
        files.filter(|file| file.path().extension().is_some_and(|ending| ending == "cwasm")).count()
    };
    let module = support::policy("pvc-remap").display().to_string();
    for (files, expected) in [(&[][..], 1), (&[module.as_str()], 2), (&[module.as_str()], 2)] {
        let mut command = support::program();
        command.args(["policy", "precompile"]).args(files).env("XDG_CACHE_HOME", &cache);
        let output =
            command.env("MLCUBE_K8S_POLICIES", team.path("policies.yaml")).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(compiled(), expected);
    }
}
