//! A property: whatever verbs a policy calls with whatever arguments, the edits account for all
//! that changed, undoing them gives the Job back to the last byte, and what is refused changes
//! nothing.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::caller::{functions, host, job, log, review};

/// Words of which some are right for each parameter.
const WORDS: [&str; 34] = [
    "a",
    "team",
    "X Y",
    "",
    "MODE",
    "TOKEN",
    "NET_ADMIN",
    "ALL",
    "KILL",
    "cpu",
    "memory",
    "nvidia.com/gpu",
    "1",
    "2Gi",
    "500m",
    "/data",
    "/x",
    "sub/path",
    "example.org/pool",
    "spot",
    "In",
    "NotIn",
    "Exists",
    "Gt",
    "NoExecute",
    "Always",
    "Unconfined",
    "Indexed",
    "OnFailure",
    "FailIndex",
    "Ignore",
    "Count",
    "DisruptionTarget",
    "learner",
];

#[test]
fn edits_account_for_everything() {
    let host = host();
    let (made, refused) = (RefCell::new(BTreeSet::new()), RefCell::new(BTreeSet::new()));
    let mut runner =
        TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let property = |calls: Vec<Value>| {
        let admitted = review(&host, &calls);
        prop_assert_eq!(admitted.original().json().to_string(), job().json().to_string(), "undone");
        let mut again = job();
        for edit in admitted.edits() {
            let change = &edit.change;
            let is_item =
                change.pointer.split_last().is_some_and(|(list, _)| !again.items(&list).is_empty());
            if change.before.is_some() || !is_item {
                prop_assert_eq!(
                    again.at(&change.pointer),
                    change.before.as_ref(),
                    "what was before"
                );
            }
            prop_assert_ne!(&change.before, &change.after, "an edit changes something");
            again.apply(change).expect("an edit can be made again");
        }
        prop_assert_eq!(again.json().to_string(), admitted.job().json().to_string(), "done again");
        let numbers: BTreeSet<_> =
            admitted.edits().map(|edit| edit.reason.trim_start_matches("call ")).collect();
        for line in log(&admitted) {
            let (number, _) =
                line.split_once(' ').expect("a line begins with the number of its call");
            prop_assert!(line.contains(" refused: ") && !numbers.contains(number), "{}", line);
            refused.borrow_mut().insert(name(&calls, number));
        }
        made.borrow_mut().extend(numbers.into_iter().map(|number| name(&calls, number)));
        Ok(())
    };
    runner.run(&prop::collection::vec(call(), 1..40), property).expect("the property holds");
    let verbs = functions().iter().filter(|function| function.changes).count();
    let (made, refused) = (made.take().len(), refused.take().len());
    assert!(
        made > verbs * 3 / 4 && refused > verbs / 2,
        "of {verbs} verbs {made} made edits, {refused} refused"
    );
}

fn name(calls: &[Value], number: &str) -> String {
    let call = &calls[number.parse::<usize>().expect("a number")];
    call[0].as_str().expect("a call has a name").to_owned()
}

/// A call of any verb.
fn call() -> impl Strategy<Value = Value> {
    let places = places();
    let verbs = functions().into_iter().filter(|function| function.changes).map(|verb| {
        let arguments: Vec<_> =
            verb.parameters.iter().map(|(name, kind)| argument(name, kind, &places)).collect();
        let name = json!(verb.name);
        arguments.prop_map(move |arguments| json!([vec![name.clone()], arguments].concat())).boxed()
    });
    Union::new(verbs)
}

fn argument(name: &str, kind: &str, places: &[String]) -> BoxedStrategy<Value> {
    match (name, kind) {
        ("operations", _) => prop::collection::vec(operation(places), 0..4)
            .prop_map(|all| json!(json!(all).to_string()))
            .boxed(),
        ("container", "option<string>") => {
            select(vec![json!(null), json!("trainer"), json!("proxy")]).boxed()
        }
        ("container", _) => {
            select(vec!["trainer", "watcher", "proxy", "nobody"]).prop_map(Value::from).boxed()
        }
        ("claim" | "target", _) => {
            select(vec!["datasets", "results", "more"]).prop_map(Value::from).boxed()
        }
        ("volume", _) => select(vec!["data", "out", "tmp", "more"]).prop_map(Value::from).boxed(),
        (_, "bool") => any::<bool>().prop_map(Value::from).boxed(),
        (_, "u8" | "u32") => prop_oneof![0u32..200, any::<u32>()].prop_map(Value::from).boxed(),
        (_, "list<s32>") => prop::collection::vec(-2i32..9, 0..5).prop_map(Value::from).boxed(),
        (_, "list<string>") => {
            prop::collection::vec(select(&WORDS[..]), 0..3).prop_map(Value::from).boxed()
        }
        (_, "option<string>") => {
            prop::option::of(select(&WORDS[..])).prop_map(|word| json!(word)).boxed()
        }
        _ => select(&WORDS[..]).prop_map(Value::from).boxed(),
    }
}

fn operation(places: &[String]) -> impl Strategy<Value = Value> + use<> {
    let place = || {
        let below = select(vec!["", "", "", "/new", "/0", "/1", "/-"]);
        (select(places.to_vec()), below).prop_map(|(place, below)| format!("{place}{below}"))
    };
    let value = select(vec![
        json!(null),
        json!(1),
        json!("text"),
        json!([1, {"a": []}]),
        json!({"a": 1, "b": {}}),
    ]);
    let op = select(vec!["add", "add", "remove", "replace", "move", "copy", "test"]);
    (op, place(), place(), value).prop_map(
        |(op, from, path, value)| json!({"op": op, "from": from, "path": path, "value": value}),
    )
}

/// Every place of the Job below its `spec`, and some that are fixed.
fn places() -> Vec<String> {
    fn walk(place: &str, value: &Value, all: &mut Vec<String>) {
        all.push(place.to_owned());
        if let Value::Object(object) = value {
            object.iter().for_each(|(key, value)| {
                walk(&format!("{place}/{}", key.replace('/', "~1")), value, all)
            });
        }
        if let Value::Array(items) = value {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| walk(&format!("{place}/{index}"), value, all));
        }
    }
    let mut all = vec![
        String::new(),
        "/metadata".into(),
        "/metadata/name".into(),
        "/metadata/labels/app".into(),
    ];
    walk("/spec", &job().json()["spec"], &mut all);
    all
}
