//! Recordings that were altered at one place, and replays of reviews that ended in every way.

use std::fs;
use std::process::Output;
use std::sync::{Arc, OnceLock};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::policy::{self, Grants, Limits, PolicyHost, Recording, Replay};
use crate::support::stand_in::OneMap;
use crate::support::{self, Folder, team};
use crate::trials;

pub fn all() -> Vec<Trial> {
    let altered =
        trials("recordings/altered", altered(), |row| row.0.trim_start_matches('/'), check_altered);
    let texts = trials("recordings/texts", texts(), |row| row.0, check_text);
    let ends = trials("recordings/ends", ends(), |row| row.0, check_end);
    let files = trials("recordings/files", FILES, |row| row.0, check_file);
    [altered, texts, ends, files].into_iter().flatten().collect()
}

/// A place in a recording, what stands there instead, and what is said of it; nothing where it does
/// not matter.
type Altered = (&'static str, Value, &'static str);

fn altered() -> [Altered; 18] {
    [
        ("/program", json!("0.0.1"), ""),
        ("/jobs/0/lookups/0/answer/found/metadata/name", json!("other"), ""),
        (
            "/jobs/0/lookups/0/answer/found/data/pool",
            json!("cpu"),
            "the review of policy `looker` differs: expected `\"gpu\"` at `/jobs/0/reviews/0/edits/0/after/answer-0`, found `\"cpu\"`",
        ),
        (
            "/jobs/0/lookups/0/name",
            json!("rule"),
            "expected `\"rule\"` at `/jobs/0/lookups/0/name`, found `\"rules\"`",
        ),
        (
            "/jobs/0/lookups",
            json!([]),
            "expected nothing at `/jobs/0/lookups/0`, found `{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"namespace\":null,\"name\":\"rules\",\"answer\":{\"refused\":\"the recording has no such query\"}}`",
        ),
        (
            "/jobs/0/reviews/0/fuel",
            json!(1),
            "the review of policy `looker` differs: expected `1` at `/jobs/0/reviews/0/fuel`, found `",
        ),
        (
            "/jobs/0/job/metadata/name",
            json!("k"),
            "expected `\"j\"` at `/jobs/0/admitted/metadata/name`, found `\"k\"`",
        ),
        (
            "/jobs/0/job/kind",
            json!("Pod"),
            "`jobs/0/job`: expected a `batch/v1` `Job`, found a `batch/v1` `Pod`",
        ),
        (
            "/policies/0/bytes",
            json!("AGFzbQ=="),
            "`policies/0/bytes`: expected the digest `sha256:",
        ),
        ("/policies/0/bytes", json!("***"), "`policies/0/bytes`: not valid base64: "),
        ("/policies/0/name", json!("A B"), "`policies/0/name`: `A B` is not a DNS label"),
        (
            "/policies/0/grants",
            json!(["money"]),
            "`policies/0/grants`: `money` is not a capability: expected one of ",
        ),
        ("/policies/0/settings/label", json!(false), "expected `{\"pointer\":\"/metadata/labels\""),
        ("/limits/fuel", json!("much"), "`limits`: `much` is not a value for the limit `fuel`"),
        (
            "/limits/stack",
            json!("2Mi"),
            "`limits`: `2Mi` is too much for the limit `stack`: write at most `1Mi`",
        ),
        (
            "/limits/wall",
            json!("999h"),
            "`limits`: `999h` is too much for the limit `wall`: write at most `5m`",
        ),
        ("/version", json!(7), "expected a recording of version 1, found `version: 7`"),
        ("/policies/0/digest", json!(5), "invalid type: integer `5`, expected a string at line "),
    ]
}

fn check_altered((place, value, expected): Altered) {
    let mut altered = sound().clone();
    *altered.pointer_mut(place).unwrap_or_else(|| unreachable!("there is no {place}")) = value;
    let found = found(&format!("{altered:#}"));
    assert!(
        found.contains(expected) && found.is_empty() == expected.is_empty(),
        "{place}: {found}"
    );
}

/// A name, a text that is no recording, what is said of it, and whether that is all.
type Text = (&'static str, fn() -> String, &'static str, bool);

fn texts() -> [Text; 5] {
    let version = "expected a recording of version 1, found `version: null`";
    [
        ("cut off", || sound().to_string()[..500].to_owned(), "EOF while parsing", false),
        ("a list", || "[]".into(), "invalid type: sequence", false),
        ("an empty object", || "{}".into(), version, true),
        (
            "more values than are read",
            || format!("{{\"version\": 1, \"a,\": [{}0]}}", "[],".repeat(300_000)),
            "it has 600003 values; at most 524288 are read",
            true,
        ),
        ("only a version", || r#"{"version": 1}"#.into(), "missing field `program`", false),
    ]
}

fn check_text((_, text, expected, is_all): Text) {
    let found = found(&text());
    assert!(if is_all { found == expected } else { found.starts_with(expected) }, "{found}");
}

/// A recording of one Job, reviewed by one policy that asks the cluster.
fn sound() -> &'static Value {
    static SOUND: OnceLock<Value> = OnceLock::new();
    SOUND.get_or_init(|| {
        let settings =
            json!({"ask": [["text", "v1", "ConfigMap", "", "rules", "/data/pool"]], "label": true});
        let sources = vec![policy::looker("looker", settings, Grants::all())];
        let mut recording = Recording::new(
            &policy::opened(host(), sources.clone()).expect("the files are here"),
            &Limits::default(),
        )
        .expect("they are read");
        let chain = policy::chain_of(host(), sources);
        recording.add(&chain.review_with(policy::small_job(), Arc::new(OneMap)));
        serde_json::from_str(&recording.to_string()).expect("JSON")
    })
}

/// What is wrong with a recording; empty where nothing is.
fn found(text: &str) -> String {
    let replay = match Replay::read(text) {
        Ok(replay) => replay,
        Err(why) => return why,
    };
    let replayed = replay.review(&policy::chain_of(host(), replay.sources.clone()));
    let deviation = replayed.into_iter().find_map(|replayed| replayed.deviation);
    deviation.map(|deviation| deviation.to_string()).unwrap_or_default()
}

fn host() -> &'static PolicyHost {
    static HOST: OnceLock<PolicyHost> = OnceLock::new();
    HOST.get_or_init(|| policy::host(Limits::default()))
}

/// A name, the policies of a review, the exit code of review and replay, and what both tell.
type End = (&'static str, Vec<String>, i32, &'static str);

/// Reviews that end in every way: the program records them all, and a replay ends as the review
/// did.
fn ends() -> [End; 6] {
    let hostile = |deed: &str| {
        let file = "target/wasm32-unknown-unknown/policy/hostile.wasm";
        vec!["--policy".to_owned(), file.into(), "--set".into(), format!("hostile.do={deed}")]
    };
    let team = |set: &str| {
        vec![
            "--policies".to_owned(),
            "tests/cases/policies/team.yaml".into(),
            "--set".into(),
            set.into(),
        ]
    };
    [
        (
            "admitted",
            team("gpu-resources.max=2"),
            0,
            "review    gpu-resources admits the Job with 2 edits",
        ),
        (
            "rejected",
            team("gpu-resources.count.train=8"),
            3,
            "error: policy `gpu-resources` rejects the Job: task `train` asks for 8",
        ),
        ("broken", hostile("panic"), 4, "error: policy `hostile` broke in `review`: it panicked"),
        (
            "limited",
            hostile("loop"),
            4,
            "error: policy `hostile` was stopped in `review` at its `fuel` limit",
        ),
        (
            "not loaded",
            hostile("refuse-settings"),
            2,
            "error: invalid settings for policy `hostile`",
        ),
        ("without policies", Vec::new(), 0, ""),
    ]
}

fn check_end((name, arguments, code, told): End) {
    policy::built();
    let folder = Folder::new(&format!("ends-{}", name.replace(' ', "-")));
    let file = folder.join("run.json");
    let mut render = support::program();
    render
        .args(["render", "--mlcube", "tests/cases/documented", "--record"])
        .arg(&file)
        .args(arguments);
    let recorded = render.output().expect("the program starts");
    let mut replay = support::program();
    replay.args(["policy", "replay"]).arg(&file).current_dir("/");
    let replayed = replay.output().expect("the program starts");
    assert_eq!(
        (recorded.status.code(), replayed.status.code()),
        (Some(code), Some(code)),
        "{name}: {replayed:?}"
    );
    assert_eq!(recorded.stdout, replayed.stdout, "{name}");
    assert_eq!(recorded.stdout.is_empty(), code != 0, "{name}");
    for output in [recorded, replayed] {
        assert!(stderr(&output).contains(told), "{name}: {}", stderr(&output));
    }
}

/// A name, what is made of the text of a sound recording, the exit code of its replay, and what is
/// told.
type File = (&'static str, fn(&str) -> String, i32, [&'static str; 2]);

const FILES: [File; 3] = [
    (
        "altered",
        alter,
        9,
        ["differs: expected `\"gpu\"` at `/jobs/0/reviews/0/edits/0/after", "was altered"],
    ),
    (
        "cut off",
        |sound| sound[..sound.len() / 2].to_owned(),
        2,
        ["error: the recording `", "EOF while parsing"],
    ),
    (
        "a cube",
        |_| "name: cube".into(),
        2,
        ["error: the recording `", "hint: `run` and `render` write recordings with"],
    ),
];

fn alter(sound: &str) -> String {
    let altered =
        sound.replacen("\"example.org/pool\": \"gpu\"", "\"example.org/pool\": \"tpu\"", 1);
    assert_ne!(altered, sound);
    altered
}

fn check_file((name, alter, code, told): File) {
    policy::built();
    let folder = Folder::new(&format!("recordings-{}", name.replace(' ', "-")));
    let recording = folder.join("run.json");
    let rendered = team::render_recorded(&recording).output().expect("the program starts");
    assert!(rendered.status.success());
    let sound = fs::read_to_string(&recording).expect("a recording");
    fs::write(&recording, alter(&sound)).expect("a recording");
    let mut replay = support::program();
    let output =
        replay.args(["policy", "replay"]).arg(&recording).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    assert!(
        told.iter().all(|words| stderr(&output).contains(words)),
        "{told:?}: {}",
        stderr(&output)
    );
    assert!(output.stdout.is_empty());
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
