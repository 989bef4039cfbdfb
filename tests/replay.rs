//! Recordings: what was reviewed comes out the same again, from the file alone; and a file that says otherwise is found.

#[path = "support/jobs.rs"]
mod jobs;
mod support;

use mlcube_k8s::job::{Job, Mode, PolicyId};
use mlcube_k8s::policy::{
    Answer, Cache, Grants, Limit, Limits, Lookups, PolicyChain, PolicyHost, PolicySource, Question, Recording, Replay,
    Replayed, ReviewError, Reviewed,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

const JOBS: usize = 60;

/// A cluster in which there is one ConfigMap, whatever is asked for.
struct OneMap;

impl Lookups for OneMap {
    fn look(&self, _: &Question, _: Duration) -> Answer {
        Answer::Found(json!({"metadata": {"name": "rules"}, "data": {"pool": "gpu"}}))
    }
}

/// Any Job, the three shipped policies and one that asks the cluster: recorded once and replayed ten times, on two hosts of
/// which one compiles and one takes what the other compiled, manifests, edits, log lines and fuel are the same.
#[test]
fn a_replay_gives_what_was_recorded() {
    let mut sources: Vec<_> = (0..3).map(jobs::shipped).collect();
    sources[0].mode = Mode::Audit;
    sources.push(looker(json!({"ask": [["text", "v1", "ConfigMap", "", "rules", "/data/pool"]], "label": true})));
    let folder = support::workspace().join(format!("target/tests/replay-{}", std::process::id()));
    let cache = || Some(Cache::open(folder.clone()).expect("a folder for compiled policies"));
    let limits = Limits::default().with(Limit::Edits, 2000);
    let recorded: Vec<Reviewed> = {
        let chain = chain(&PolicyHost::new(limits.clone(), None).expect("an engine"), sources.clone());
        drafts().into_iter().map(|job| chain.review_asking(job, Arc::new(OneMap))).collect()
    };
    let (admitted, rest): (Vec<_>, Vec<_>) = recorded.iter().partition(|reviewed| reviewed.result.is_ok());
    assert!(admitted.len() > JOBS / 4 && rest.len() > 1, "both ways are taken: {}, {}", admitted.len(), rest.len());
    let mut recording = Recording::new(&sources, &limits).expect("the files are here");
    recorded.iter().for_each(|reviewed| recording.add(reviewed));
    let text = recording.to_string();
    for cache in [None, cache(), cache()] {
        let replay = Replay::read(&text).expect("a recording");
        let host = PolicyHost::new(replay.limits.clone(), cache).expect("an engine");
        let chain = chain(&host, replay.sources.clone());
        for _ in 0..10 {
            let again = replay.review(&chain);
            assert_eq!(again.len(), JOBS);
            for (Replayed { reviewed, deviation }, recorded) in again.iter().zip(&recorded) {
                assert_eq!(*deviation, None);
                assert_eq!(essence(reviewed), essence(recorded));
            }
        }
    }
    std::fs::remove_dir_all(folder).expect("the folder is there");
}

/// All that a review comes to.
fn essence(reviewed: &Reviewed) -> (String, Vec<u64>) {
    let manifest = match &reviewed.result {
        Ok(admitted) => admitted.manifest(false).to_string(),
        Err(ReviewError::Rejected(rejected)) => format!("{:?}", rejected.rejection),
        Err(ReviewError::Broken(error)) => error.to_string(),
    };
    let reviews = reviewed.reviews();
    let said = reviews.iter().map(|review| format!("{:?} {:?} {:?}", review.verdict, review.edits, review.log));
    (said.fold(manifest, |all, one| all + "\n" + &one), reviews.iter().map(|review| review.fuel).collect())
}

/// What was written down is changed at one place; the program says where, or what became of it.
#[test]
fn what_was_altered_is_found() {
    let looked = json!({"ask": [["text", "v1", "ConfigMap", "", "rules", "/data/pool"]], "label": true});
    let sources = vec![looker(looked)];
    let limits = Limits::default();
    let host = PolicyHost::new(limits.clone(), None).expect("an engine");
    let mut recording = Recording::new(&sources, &limits).expect("the files are here");
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}});
    let job = Job::from_json(job).expect("a Job");
    recording.add(&chain(&host, sources).review_asking(job, Arc::new(OneMap)));
    let sound: Value = serde_json::from_str(&recording.to_string()).expect("JSON");
    let rows: [(&str, Value, &str); 16] = [
        ("/program", json!("0.0.1"), ""),
        ("/jobs/0/lookups/0/answer/found/metadata/name", json!("other"), ""),
        (
            "/jobs/0/lookups/0/answer/found/data/pool",
            json!("cpu"),
            "policy `looker` does not say what it said: `/jobs/0/reviews/0/edits/0/after/answer-0` was `\"gpu\"`, now it is `\"cpu\"`",
        ),
        ("/jobs/0/lookups/0/name", json!("rule"), "`/jobs/0/lookups/0/name` was `\"rule\"`, now it is `\"rules\"`"),
        (
            "/jobs/0/lookups",
            json!([]),
            "`/jobs/0/lookups/0` was nothing, now it is `{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"namespace\":null,\"name\":\"rules\",\"answer\":{\"refused\":\"this was not asked when it was recorded\"}}`",
        ),
        (
            "/jobs/0/reviews/0/fuel",
            json!(1),
            "policy `looker` does not say what it said: `/jobs/0/reviews/0/fuel` was `1`, now it is `",
        ),
        ("/jobs/0/job/metadata/name", json!("k"), "`/jobs/0/admitted/metadata/name` was `\"j\"`, now it is `\"k\"`"),
        ("/jobs/0/job/kind", json!("Pod"), "`jobs/0/job`: a `batch/v1` `Job` is expected, this is a `batch/v1` `Pod`"),
        ("/policies/0/bytes", json!("AGFzbQ=="), "`policies/0/bytes`: their digest is not `sha256:"),
        ("/policies/0/bytes", json!("***"), "`policies/0/bytes`: it is no base64: "),
        ("/policies/0/name", json!("A B"), "`policies/0/name`: `A B` is not a DNS label"),
        ("/policies/0/grants", json!(["money"]), "`policies/0/grants`: `money` is no capability; there are "),
        ("/policies/0/settings/label", json!(false), "`/jobs/0/reviews/0/edits/0` was `{"),
        ("/limits/fuel", json!("much"), "`limits`: `much` is no value for the limit `fuel`"),
        ("/version", json!(7), "`version` is 7, this program reads recordings of version 1"),
        ("/policies/0/digest", json!(5), "invalid type: integer `5`, expected a string at line "),
    ];
    for (place, value, expected) in rows {
        let mut altered = sound.clone();
        *altered.pointer_mut(place).unwrap_or_else(|| unreachable!("there is no {place}")) = value;
        let found = found(&host, &format!("{altered:#}"));
        assert!(found.contains(expected) && found.is_empty() == expected.is_empty(), "{place}: {found}");
    }
    assert!(found(&host, &sound.to_string()[..500]).starts_with("EOF while parsing"));
    assert!(found(&host, "[]").starts_with("invalid type: sequence"));
    assert_eq!(found(&host, "{}"), "`version` is null, this program reads recordings of version 1");
    assert!(found(&host, "{\"version\": 1}").starts_with("missing field `program`"));
}

/// What is wrong with a recording; empty where nothing is.
fn found(host: &PolicyHost, text: &str) -> String {
    let replay = match Replay::read(text) {
        Ok(replay) => replay,
        Err(why) => return why,
    };
    let replayed = replay.review(&chain(host, replay.sources.clone()));
    replayed
        .into_iter()
        .find_map(|replayed| replayed.deviation)
        .map(|deviation| deviation.to_string())
        .unwrap_or_default()
}

/// The program writes recordings, also of reviews that end badly, and a replay ends as the review did.
#[test]
fn a_replay_ends_as_the_review_did() {
    support::policies();
    let hostile = |deed: &str| {
        vec![
            "--policy".to_owned(),
            "target/wasm32-unknown-unknown/policy/hostile.wasm".into(),
            "--set".into(),
            format!("hostile.do={deed}"),
        ]
    };
    let team =
        |set: &str| vec!["--policies".to_owned(), "tests/cases/policies/team.yaml".into(), "--set".into(), set.into()];
    let rows = [
        ("admitted", team("gpu-resources.max=2"), 0, "review    gpu-resources admits the Job with 2 edits"),
        (
            "rejected",
            team("gpu-resources.count.train=8"),
            3,
            "error: policy `gpu-resources` rejects the Job: task `train` asks for 8",
        ),
        ("broken", hostile("panic"), 4, "error: policy `hostile` broke in `review`: it panicked"),
        ("limited", hostile("loop"), 4, "error: policy `hostile` was stopped in `review` at its `fuel` limit"),
        ("not loaded", hostile("refuse-settings"), 2, "error: settings of policy `hostile` are refused"),
        ("without policies", Vec::new(), 0, ""),
    ];
    for (name, arguments, code, told) in rows {
        let file = file(name);
        let mut render = support::program();
        render.args(["render", "--mlcube", "tests/cases/documented", "--record"]).arg(&file).args(arguments);
        let recorded = render.output().expect("the program starts");
        let mut replay = support::program();
        replay.args(["policy", "replay"]).arg(&file).current_dir("/");
        let replayed = replay.output().expect("the program starts");
        assert_eq!((recorded.status.code(), replayed.status.code()), (Some(code), Some(code)), "{name}: {replayed:?}");
        assert_eq!(recorded.stdout, replayed.stdout, "{name}");
        assert_eq!(recorded.stdout.is_empty(), code != 0, "{name}");
        for output in [recorded, replayed] {
            assert!(stderr(&output).contains(told), "{name}: {}", stderr(&output));
        }
        std::fs::remove_file(file).expect("there is a recording");
    }
}

#[test]
fn the_program_says_what_is_wrong_with_a_recording() {
    support::policies();
    let recording = file("sound");
    let mut render = support::program();
    render.args(["render", "--mlcube", "tests/cases/documented", "--policies", "tests/cases/policies/team.yaml"]);
    assert!(render.arg("--record").arg(&recording).status().expect("the program starts").success());
    let sound = std::fs::read_to_string(&recording).expect("a recording");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&recording).expect("a file").permissions());
    assert_eq!(mode & 0o777, 0o600, "it may hold what nobody else should read");
    let altered = sound.replacen("\"example.org/pool\": \"gpu\"", "\"example.org/pool\": \"tpu\"", 1);
    assert_ne!(altered, sound);
    let rows = [
        (altered, 9, ["does not say what it said: `/jobs/0/reviews/0/edits/0/after", "was altered"]),
        (sound[..sound.len() / 2].to_owned(), 2, ["error: the recording `", "EOF while parsing"]),
        ("name: cube".into(), 2, ["error: the recording `", "hint: `run` and `render` write recordings with"]),
    ];
    for (text, code, told) in rows {
        std::fs::write(&recording, text).expect("a recording");
        let mut replay = support::program();
        let output = replay.args(["policy", "replay"]).arg(&recording).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert!(told.iter().all(|words| stderr(&output).contains(words)), "{told:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
    let mut render = support::program();
    render.args(["render", "--mlcube", "tests/cases/documented", "--record", "/nowhere/recording"]);
    let output = render.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("error: cannot write the recording `/nowhere/recording`: "),
        "{}",
        stderr(&output)
    );
    std::fs::remove_file(recording).expect("there is a recording");
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A file of this test alone.
fn file(name: &str) -> PathBuf {
    let folder = support::workspace().join("target/tests");
    std::fs::create_dir_all(&folder).expect("a folder for recordings");
    folder.join(format!("{}-{}.json", name.replace(' ', "-"), std::process::id()))
}

fn looker(settings: Value) -> PolicySource {
    let path = support::policy("looker");
    let bytes = std::fs::read(&path).expect("the policy is built");
    let name = PolicyId::parse("looker").expect("a name");
    PolicySource { grants: Grants::all(), ..PolicySource::new(name, path, bytes, settings) }
}

fn chain(host: &PolicyHost, sources: Vec<PolicySource>) -> PolicyChain {
    PolicyChain::new(host.load_all(sources, |_| {}).expect("policies")).expect("a chain")
}

/// Jobs of all shapes.
fn drafts() -> Vec<Job> {
    let (mut runner, jobs) = (TestRunner::deterministic(), jobs::job());
    let mut draft = || jobs.new_tree(&mut runner).expect("a Job").current();
    (0..JOBS).map(|_| Job::from_json(draft()).expect("a Job")).collect()
}
