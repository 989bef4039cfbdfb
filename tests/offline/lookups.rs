//! What policies ask a cluster: who may ask, how often, and how long. `rows/lookups.rs` has the
//! questions and their answers.

use std::sync::Arc;
use std::time::Duration;

use mlcube_k8s::error::Error;
use mlcube_k8s::job::Mode::{self, Audit, Enforce};
use mlcube_k8s::policy::Configured;
use serde_json::json;

use crate::support::policy::{self, Grants, Limit, Limits, Recording, Replay};
use crate::support::rows::each;
use crate::support::stand_in::{Counting, StandIn, log, lookers};

#[test]
fn who_may_not_ask_is_told_why() {
    let ask = json!({"ask": [["text", "v1", "ConfigMap", "team", "rules", "/data/pool"]]});
    let host = policy::host(Limits::default());
    let error = policy::load(&host, policy::looker("looker", ask.clone(), Grants::default()))
        .err()
        .expect("it is not granted");
    assert_eq!(error.to_string(), "policy `looker` asks for `cluster`, which it is not granted");
    assert!(
        error
            .hint(Configured::ByOptions)
            .is_some_and(|hint| hint.contains("`--grant looker=") && hint.contains("cluster")),
        "{error:?}"
    );

    let mut early = ask.clone();
    early["ask-too-early"] = json!(true);
    let error = policy::load(&host, policy::looker("looker", early, Grants::all()))
        .err()
        .expect("it asks too early");
    let why = "it called `cluster`, and `validate-settings` may call only `settings` and `log`";
    assert!(error.to_string().ends_with(why), "{error}");

    let policy =
        policy::load(&host, policy::looker("looker", ask, Grants::all())).expect("a policy");
    let review = policy.review(&policy::small_job()).expect("a review");
    let why = "there is no cluster to query: `render` has none, `run --dry-run=client` has one";
    assert_eq!(review.log[0].message, format!("refused: ConfigMap `rules`: {why}"));
}

#[test]
fn a_question_is_asked_once_for_each_job() {
    let cluster = StandIn::new(Duration::ZERO);
    let ask = json!({"ask": [
        ["text", "v1", "ConfigMap", "team", "rules", "/data/pool"],
        ["read", "v1", "ConfigMap", "team", "rules", ""],
        ["names", "v1", "Pod", "team", ""],
        ["objects", "v1", "Pod", "team", ""],
    ]});
    let limits = Limits::default().with(Limit::Lookups, 2);
    let reviewed = cluster.review(limits, &[ask.clone(), ask]);
    assert_eq!(log(&reviewed).len(), 8);
    assert_eq!((cluster.requests(), reviewed.lookups.len()), (2, 2));
}

#[test]
fn answers_are_kept_once_and_limited_in_sum() {
    let asked = [("Pod", ""), ("Pod", "nothing"), ("ConfigMap", "")]
        .map(|(kind, labels)| json!(["names", "v1", kind, "team", labels]));
    let cluster = StandIn::new(Duration::ZERO);
    // The second question is another, and has the same answer.
    let ask = json!({"ask": asked});
    let reviewed = cluster.review(Limits::default(), &[ask]);
    let [pods, same, maps] = &reviewed.lookups[..] else { unreachable!("there are three lookups") };
    assert!(Arc::ptr_eq(&pods.response, &same.response), "equal answers are one");
    let all = pods.response.bytes() + maps.response.bytes();

    let bytes = |bytes: usize| Limits::default().with(Limit::LookupBytes, bytes as u64);
    let ask = json!({"ask": [asked[0], asked[2]]});
    let review = |limits| cluster.review(limits, std::slice::from_ref(&ask)).result;
    assert!(review(bytes(all)).is_ok(), "they fit");
    let error = review(bytes(all - 1)).err().map(Error::from).expect("they do not fit");
    let limit = format!("`lookup-bytes` limit of {}: it used all of it", all - 1);
    assert!(error.to_string().contains(&limit), "{error}");
}

#[test]
fn questions_are_limited_in_number_and_time() {
    let ask = json!({"ask": [
        ["text", "v1", "ConfigMap", "team", "a", ""], ["text", "v1", "ConfigMap", "team", "b", ""],
        ["text", "v1", "ConfigMap", "team", "c", ""],
    ]});
    let slow = Duration::from_millis(200);
    let long = Limits::default().with(Limit::Wall, 100);
    let number = |count| Limits::default().with(Limit::Lookups, count);
    let time = long.clone().with(Limit::LookupTime, 450);
    let rows = [
        ("as many as may be", number(3), Duration::ZERO, ""),
        ("one too many", number(2), Duration::ZERO, "`lookups` limit of 2: it asked for 3"),
        ("too slow", time, slow, "`lookup-time` limit of 450ms: it used all of it"),
        // Three answers take six times what the policy itself may take.
        ("slow, and the policy has time", long, slow, ""),
    ];
    each(rows.map(|row| (row.0, row)), |(_, limits, delay, expected)| {
        let result = StandIn::new(delay).review(limits, std::slice::from_ref(&ask)).result;
        let said = result.err().map(|error| Error::from(error).to_string()).unwrap_or_default();
        assert!(
            said.contains(expected) && said.is_empty() == expected.is_empty(),
            "`{expected}` is not in `{said}`"
        );
    });
}

/// What an audited policy is told, and what it may not ask any more, is nothing to the others.
#[test]
fn an_audited_policy_is_asked_apart() {
    let ask = |names: &[&str]| {
        let question = |name: &&str| json!(["text", "v1", "ConfigMap", "team", name, ""]);
        json!({"ask": names.iter().map(question).collect::<Vec<_>>()})
    };
    let slow = Duration::from_millis(200);
    let time = Limits::default().with(Limit::LookupTime, 450);
    let number = Limits::default().with(Limit::Lookups, 2);
    let many = ask(&["a", "b", "c"]);
    let rows = [
        ("too late", &time, slow, [(Audit, &many), (Enforce, &ask(&["c"]))], "lookup-time"),
        (
            "too many",
            &number,
            Duration::ZERO,
            [(Audit, &many), (Enforce, &ask(&["a", "c"]))],
            "lookups",
        ),
        ("after the other", &time, slow, [(Enforce, &ask(&["a"])), (Audit, &ask(&["a", "b"]))], ""),
    ];
    each(rows.map(|row| (row.0, row)), |(_, limits, delay, chain, limit)| {
        let reviewed = lookers(limits.clone(), chain.into_iter())
            .review_with(policy::small_job(), StandIn::new(delay));
        assert!(reviewed.result.is_ok(), "{:?}", reviewed.result);
        let audited = reviewed.reviews().iter().find(|review| review.mode == Audit);
        let verdict = format!("{:?}", audited.expect("a review").verdict);
        assert!(
            verdict.contains(limit) && verdict.contains("Broke") != limit.is_empty(),
            "{verdict}"
        );
    });
}

/// A cluster changes between two answers: the enforced policies see one of them, and a replay gives
/// each policy its own.
#[test]
fn answers_of_an_audited_policy_are_its_own() {
    let ask =
        json!({"ask": [["text", "v1", "ConfigMap", "team", "rules", "/data/pool"]], "label": true});
    let rows: [(&str, &[Mode], &[&str]); 4] = [
        ("audited first", &[Audit, Enforce], &["1", "2", "1"]),
        ("two audited first", &[Audit, Audit, Enforce], &["1", "2", "3", "1", "2"]),
        ("audited last", &[Enforce, Audit], &["1", "1"]),
        ("between", &[Enforce, Audit, Enforce], &["1", "1", "1"]),
    ];
    each(rows.map(|row| (row.0, row)), |(_, modes, expected)| {
        let chain = lookers(Limits::default(), modes.iter().map(|mode| (*mode, &ask)));
        let reviewed = chain.review_with(policy::small_job(), Arc::new(Counting::default()));
        assert_eq!(log(&reviewed), expected);
        let mut recording = Recording::new(&[], &Limits::default()).expect("no files are read");
        recording.add(&reviewed);
        let replayed = Replay::read(&recording.to_string()).expect("a recording").review(&chain);
        assert_eq!(replayed[0].deviation, None);
        assert_eq!(log(&replayed[0].reviewed), expected);
    });
}
