//! Every view and verb of the contract, called by a real component: the rows lie in `tests/cases/verbs/`.

mod support;

use mlcube_k8s::job::{Admitted, Job, PolicyId};
use mlcube_k8s::policy::{Limits, PolicyChain, PolicyHost, PolicySource};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Calls, and the edits that they make: place, before, after.
#[derive(Deserialize)]
struct Edits {
    calls: Vec<Value>,
    edits: Vec<(String, Value, Value)>,
}

#[test]
fn views_answer() {
    let host = PolicyHost::new(Limits::default(), None).expect("an engine");
    for (call, expected) in rows::<(Vec<String>, String)>("views") {
        let admitted = review(&host, &[json!(call)]);
        assert_eq!(log(&admitted), [format!("{}: {expected}", call[0])], "{call:?}");
        assert_eq!(admitted.edits().count(), 0, "{call:?}");
    }
}

#[test]
fn verbs_edit() {
    let host = PolicyHost::new(Limits::default(), None).expect("an engine");
    for Edits { calls, edits } in rows::<Edits>("edits") {
        let admitted = review(&host, &calls);
        assert_eq!(log(&admitted), [""; 0], "{calls:?}");
        let made = admitted.edits().map(|edit| {
            let change = edit.change.clone();
            assert_eq!(edit.reason, "asked");
            (change.pointer.to_string(), change.before.unwrap_or_default(), change.after)
        });
        assert_eq!(made.collect::<Vec<_>>(), edits, "{calls:?}");
        assert_eq!(admitted.original(), job(), "{calls:?}");
    }
}

#[test]
fn verbs_refuse() {
    let host = PolicyHost::new(Limits::default(), None).expect("an engine");
    for (call, why) in rows::<(Vec<Value>, String)>("refusals") {
        let name = call[0].as_str().expect("a call has a name").to_owned();
        let admitted = review(&host, &[json!(call)]);
        assert_eq!(log(&admitted), [format!("{name} refused: {why}")], "{call:?}");
        assert_eq!(*admitted.job(), job(), "a refused verb changes nothing: {call:?}");
    }
}

fn review(host: &PolicyHost, calls: &[Value]) -> Admitted {
    let path = support::policy("caller");
    let bytes = std::fs::read(&path).expect("the policy is built");
    let name = PolicyId::parse("caller").expect("a name");
    let policy = host.load(PolicySource::new(name, path, bytes, json!({"calls": calls}))).expect("a policy");
    let chain = PolicyChain::new(vec![policy]).expect("a chain");
    chain.review(job()).unwrap_or_else(|error| unreachable!("{error:?}"))
}

fn log(admitted: &Admitted) -> Vec<&str> {
    admitted.reviews()[0].log.iter().map(|line| line.message.as_str()).collect()
}

fn job() -> Job {
    Job::from_json(read("job")).expect("a Job")
}

fn rows<T: DeserializeOwned>(name: &str) -> Vec<T> {
    read(name)
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = support::workspace().join("tests/cases/verbs").join(name).with_extension("yaml");
    let text = std::fs::read_to_string(&path).expect("the rows are there");
    serde_saphyr::from_str(&text).expect("the rows can be read")
}
