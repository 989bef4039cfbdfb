//! Recordings: what was reviewed comes out the same again, from the file alone.
//! `rows/recordings.rs` has files that were altered.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use mlcube_k8s::job::{Job, Mode};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::support::policy::{
    self, Grants, Limit, Limits, Recording, Replay, Replayed, ReviewError, Reviewed,
};
use crate::support::stand_in::OneMap;
use crate::support::{self, Folder, jobs};

const JOBS: usize = 60;

/// Any Job, the three shipped policies and one that asks the cluster: recorded once and replayed
/// ten times, on two hosts of which one compiles and one takes what the other compiled, manifests,
/// edits, log lines and fuel are the same.
#[test]
fn a_replay_gives_what_was_recorded() {
    let mut sources: Vec<_> = (0..3).map(jobs::shipped).collect();
    sources[0].mode = Mode::Audit;
    let settings =
        json!({"ask": [["text", "v1", "ConfigMap", "", "rules", "/data/pool"]], "label": true});
    sources.push(policy::looker("looker", settings, Grants::all()));
    let folder = Folder::new("replay");
    let limits = Limits::default().with(Limit::Edits, 2000);
    let host = policy::host(limits.clone());
    let recorded: Vec<Reviewed> = {
        let chain = policy::chain_of(&host, sources.clone());
        drafts().into_iter().map(|job| chain.review_with(job, Arc::new(OneMap))).collect()
    };
    let (admitted, rest): (Vec<_>, Vec<_>) =
        recorded.iter().partition(|reviewed| reviewed.result.is_ok());
    assert!(
        admitted.len() > JOBS / 4 && rest.len() > 1,
        "both ways are taken: {}, {}",
        admitted.len(),
        rest.len()
    );
    let opened = policy::opened(&host, sources).expect("the files are here");
    let mut recording = Recording::new(&opened, &limits).expect("the files are read");
    recorded.iter().for_each(|reviewed| recording.add(reviewed));
    let text = recording.to_string();
    for is_cached in [false, true, true] {
        let replay = Replay::read(&text).expect("a recording");
        let limits = replay.limits.clone();
        let host = match is_cached {
            true => policy::cached_host(limits, policy::cache(folder.join("cache"))),
            false => policy::host(limits),
        };
        let chain = policy::chain_of(&host, replay.sources.clone());
        for _ in 0..10 {
            let again = replay.review(&chain);
            assert_eq!(again.len(), JOBS);
            for (Replayed { reviewed, deviation }, recorded) in again.iter().zip(&recorded) {
                assert_eq!(*deviation, None);
                assert_eq!(essence(reviewed), essence(recorded));
            }
        }
    }
}

/// All that a review comes to.
fn essence(reviewed: &Reviewed) -> (String, Vec<u64>) {
    let manifest = match &reviewed.result {
        Ok(admitted) => admitted.manifest(false).to_string(),
        Err(ReviewError::Rejected(rejected)) => format!("{:?}", rejected.rejection),
        Err(ReviewError::Broken(error)) => error.to_string(),
    };
    let reviews = reviewed.reviews();
    let said = reviews
        .iter()
        .map(|review| format!("{:?} {:?} {:?}", review.verdict, review.edits, review.log));
    (
        said.fold(manifest, |all, one| all + "\n" + &one),
        reviews.iter().map(|review| review.fuel).collect(),
    )
}

/// The recording may hold what nobody else should read, and a place that cannot be written is
/// named.
#[test]
fn a_recording_is_private_or_refused() {
    let folder = Folder::new("recording");
    policy::built();
    let record =
        |place: &str| support::team::render_recorded(place).output().expect("the program starts");
    let recording = folder.join("run.json");
    assert!(record(&recording.display().to_string()).status.success());
    let mode = fs::metadata(&recording).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it may hold what nobody else should read");
    let output = record("/nowhere/recording");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("error: cannot write the recording `/nowhere/recording`: "), "{told}");
}

/// Jobs of all shapes.
fn drafts() -> Vec<Job> {
    let (mut runner, jobs) = (TestRunner::deterministic(), jobs::job());
    let mut draft = || jobs.new_tree(&mut runner).expect("a Job").current();
    (0..JOBS).map(|_| Job::from_json(draft()).expect("a Job")).collect()
}
