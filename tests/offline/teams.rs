//! What a platform team relies on besides rows: the note on the Job, explanations, locks, policies
//! compiled ahead.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::policy;
use crate::support::program;
use crate::support::team::{Done, Team, label};

#[test]
fn the_job_carries_who_reviewed_it() {
    let team = Team::new("note");
    let done = team.policies(&[
        ("first", label("a"), json!({})),
        ("second", label("b"), json!({"mode": "audit"})),
    ]);
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
    // It gives way when it is asked again.
    let first = json!([["only-if", "/metadata/labels/team", "none"], ["set-label", "team", "a"]]);
    let two = [("first", first, json!({})), ("second", label("b"), json!({}))];
    let done = team.policies(&two).render(&["--explain=json"]);
    let lines: Vec<Value> =
        done.out.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect();
    let events: Vec<_> =
        lines.iter().map(|line| line["event"].as_str().unwrap_or_default()).collect();
    assert_eq!(events, ["review", "review", "review", "conflict", "conflict"]);
    let edit = &lines[1]["edits"][0];
    assert_eq!(edit["pointer"], "/metadata/labels/team");
    assert_eq!((&edit["before"], &edit["after"]), (&json!("a"), &json!("b")));
    assert_eq!((&edit["policy"], &edit["reason"]), (&json!("second"), &json!("call 0")));
    assert_eq!(edit["digest"], lines[1]["digest"]);
    let done = team.policies(&[("first", reject, json!({}))]).render(&["--explain=json"]);
    assert_eq!(done.code, Some(3));
    let line: Value = serde_json::from_str(done.out.trim()).expect("one line");
    assert_eq!(
        (&line["verdict"], &line["rejection"]["reason"]),
        (&json!("reject"), &json!("enough"))
    );
}

#[test]
fn a_lock_holds_what_was_looked_at() {
    let team = Team::new("lock");
    let module = team.path("module.wasm");
    let use_module = |path: &Path| fs::copy(path, &module).expect("the module is copied");
    let list = |settings: Value| json!({"policies": [{"name": "p", "module": "module.wasm", "settings": settings}]});
    let calls = |calls: Value| list(json!({"calls": calls}));
    use_module(&policy::file("caller"));
    team.file(calls(json!([])));

    let done = team.render(&["--locked"]);
    assert_eq!(done.code, Some(2));
    assert!(done.told.contains("cannot read the lock file `TEAM/policies.lock`"), "{}", done.told);

    let done = team.run(&["policy", "lock"]);
    assert_eq!(done.code, Some(0), "{}", done.told);
    assert!(done.told.contains("locked    1 policy in `TEAM/policies.lock`"), "{}", done.told);
    let lock = fs::read_to_string(team.path("policies.lock")).expect("the lock");
    assert!(
        lock.contains("digest: sha256:")
            && lock.contains("scheduling")
            && lock.contains("mlcube:policy@0.1.0")
    );
    assert_eq!(team.render(&["--locked"]).code, Some(0));
    // What would weaken a policy is not in the lock.
    let weaker: [(&[&str], &str); 5] = [
        (&["--audit"], "policy `p` is in mode `audit`, locked is `enforce`"),
        (&["--audit=p"], "policy `p` is in mode `audit`, locked is `enforce`"),
        (&["--grant", "p=cluster,patch"], "the grants of policy `p` differ from the locked ones"),
        (&["--limit", "edits=5000"], "the limits differ from the locked ones"),
        (&["--set", "p.x=1"], "the settings of policy `p` differ from the locked ones"),
    ];
    for (arguments, expected) in weaker {
        let done = team.render(&[arguments, &["--locked"]].concat());
        assert_eq!(done.code, Some(2), "{arguments:?}: {}", done.told);
        assert!(done.told.contains(expected), "{arguments:?}: {}", done.told);
    }

    let tell = "`mlcube-k8s policy lock` accepts it";
    let refuse = |what: &str| {
        let strict = team.render(&["--locked"]);
        assert_eq!((strict.code, strict.told.contains(what)), (Some(2), true), "{}", strict.told);
        assert!(strict.told.contains(tell), "{}", strict.told);
        team.render(&[])
    };
    team.file(calls(json!([["set-label", "a", "b"]])));
    let loose = refuse("the settings of policy `p` differ from the locked ones");
    assert_eq!(
        (loose.code, loose.told.contains("warning   the settings of policy `p` differ")),
        (Some(0), true)
    );

    // Another module that can do less is told; one that can do more is refused until it is locked.
    use_module(&policy::file("pvc-remap"));
    team.file(list(json!({"claims": {}})));
    let loose = refuse("the file of policy `p` differs from the locked one");
    assert_eq!(loose.code, Some(0), "{}", loose.told);
    assert_eq!(team.run(&["policy", "lock"]).code, Some(0));
    use_module(&policy::file("gpu-resources"));
    team.file(list(json!({})));
    let Done { code, told, .. } = refuse("the file of policy `p` differs from the locked one");
    assert_eq!(code, Some(2));
    assert!(
        told.contains("policy `p` has gained `scheduling`, `resources` since it was locked"),
        "{told}"
    );
    assert_eq!(team.run(&["policy", "lock"]).code, Some(0));
    assert_eq!(team.render(&["--locked"]).code, Some(0));

    let module = policy::file("gpu-resources");
    let more = team.render(&["--locked", "--policy", &format!("more={}", module.display())]);
    assert!(more.told.contains("policy `more` is not in the lock"), "{}", more.told);
    let write =
        |lock: &str| fs::write(team.path("policies.lock"), lock).expect("the lock is written");
    write("version: 2\n");
    let told = team.render(&[]).told;
    assert!(
        told.contains(
            "TEAM/policies.lock`: missing field `limits`\nhint: move it away, and `mlcube-k8s policy lock`"
        ),
        "{told}"
    );
    write("version: 9\npolicies: []\n");
    let told = team.render(&[]).told;
    assert!(told.contains("expected a lock of version 2, found version 9"), "{told}");
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
    let module = policy::file("pvc-remap").display().to_string();
    for (files, expected) in [(&[][..], 1), (&[module.as_str()], 2), (&[module.as_str()], 2)] {
        let mut command = program();
        command.args(["policy", "precompile"]).args(files).env("XDG_CACHE_HOME", &cache);
        let output = command
            .env("MLCUBE_K8S_POLICIES", team.path("policies.yaml"))
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(compiled(), expected);
    }
}
