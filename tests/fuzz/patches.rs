//! Owns arbitrary JSON patches: short ones that copy, move and insert much. Invariant: a seed gives
//! the same patches in every run.

use mlcube_k8s::job::{
    Edit, Fault, Job, Meter, Mode, PolicyId, Review, Spent, UnderReview, Verdict, weight,
};
use serde_json::{Value, json};

use crate::support::dice::Dice;

/// The most work that may be done for all patches of a seed, and the most edits.
const MOST: usize = 16 << 20;
const EDITS: usize = 1000;
/// Values up to this size are not counted.
const SMALL: usize = 1 << 10;

/// Counts what is announced.
#[derive(Default)]
struct Counter {
    work: usize,
    edits: usize,
}

impl Meter for Counter {
    fn work(&mut self, bytes: usize) -> Result<(), Spent> {
        let work = self.work.checked_add(bytes).filter(|work| *work <= MOST).ok_or(Spent)?;
        self.work = work;
        Ok(())
    }

    fn edit(&mut self, _: usize) -> Result<(), Spent> {
        self.edits += 1;
        if self.edits > EDITS { Err(Spent) } else { Ok(()) }
    }
}

/// Apply some patches; in a few words what came of it.
pub fn try_one(seed: u64) -> String {
    let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let start = start();
    let mut under_review = UnderReview::new(start.clone());
    let mut meter = Counter::default();
    let mut told = String::new();
    for number in 0..1 + dice.below(12) {
        let patch = patch(&mut dice);
        let before = under_review.job().clone();
        let mut job = before.clone();
        let (work, edits) = (meter.work, meter.edits);
        let changes = match job.patch(&patch, &mut meter) {
            Ok(changes) => changes,
            Err(Fault::Refused(why)) => {
                assert_eq!(job, before, "what is refused changes nothing: {why}");
                told = why;
                continue;
            }
            Err(Fault::Spent) => {
                told = "spent".into();
                break;
            }
        };
        assert_eq!(meter.edits - edits, changes.len(), "each change is an edit");
        let copied: usize = changes
            .iter()
            .flat_map(|change| &change.after)
            .map(weight)
            .filter(|it| *it > SMALL)
            .sum();
        assert!(copied <= meter.work - work, "{copied} bytes for {}", meter.work - work);
        let policy = PolicyId::parse(["a", "b", "c"][number % 3]).expect("a name");
        let edits = changes.into_iter().map(|change| Edit {
            policy: policy.clone(),
            change,
            reason: String::new(),
        });
        let review = review(policy.clone(), edits.collect());
        under_review = under_review.record(review, job).expect("nobody rejects it");
    }
    let admitted = under_review.admit();
    let conflicts = admitted.conflicts();
    assert_eq!(admitted.original(), start, "undoing the edits gives the Job back");
    format!("{} edits, {} conflicts, {told}", meter.edits, conflicts.first.len() + conflicts.more)
}

fn review(policy: PolicyId, edits: Vec<Edit>) -> Review {
    Review {
        policy,
        digest: String::new(),
        mode: Mode::Enforce,
        round: 1,
        after: None,
        verdict: Verdict::Admit,
        edits,
        log: Vec::new(),
        fuel: 0,
    }
}

fn start() -> Job {
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
        "spec": {"x": {"a": [1, 2, {"b": null}], "b": "text"}, "l": [0, [], {}], "template": {"spec": {
            "containers": [{"name": "main"}],
        }}},
    });
    Job::from_json(job).expect("a Job")
}

fn patch(dice: &mut Dice) -> String {
    let mut operations: Vec<Value> = Vec::new();
    for _ in 0..1 + dice.below(6) {
        let operation = operation(dice);
        // Short ones are made often: a patch is a short text.
        let is_short = operation.to_string().len() < 100;
        let times = if is_short && dice.below(3) == 0 { 1 + dice.below(400) } else { 1 };
        operations.extend(std::iter::repeat_n(operation, times));
    }
    json!(operations).to_string()
}

fn operation(dice: &mut Dice) -> Value {
    let (from, path) = (place(dice), place(dice));
    match dice.below(8) {
        0 => json!({"op": "remove", "path": path}),
        1 => json!({"op": "replace", "path": path, "value": value(dice)}),
        2 => json!({"op": "move", "from": from, "path": path}),
        3 | 4 => json!({"op": "copy", "from": from, "path": path}),
        5 if dice.below(8) == 0 => json!({"op": "test", "path": path, "value": value(dice)}),
        _ => json!({"op": "add", "path": path, "value": value(dice)}),
    }
}

fn place(dice: &mut Dice) -> String {
    const PLACES: [&str; 14] = [
        "/spec/x",
        "/spec/y",
        "/spec/x/a",
        "/spec/x/a/0",
        "/spec/x/a/-",
        "/spec/x/b",
        "/spec/y/b",
        "/spec/l",
        "/spec/l/0",
        "/spec/l/1",
        "/spec/l/-",
        "/spec/l/1/0",
        "/spec/x/~1",
        "/spec",
    ];
    (*dice.pick(&PLACES)).to_owned()
}

/// A value that is short as text, and sometimes large in memory.
fn value(dice: &mut Dice) -> Value {
    let count = if dice.below(6) == 0 { dice.below(6000) } else { dice.below(4) };
    match dice.below(7) {
        0 => json!(dice.below(3)),
        1 => json!("x".repeat(count)),
        2 => vec![0; count].into(),
        3 => vec![json!({"": 0}); count].into(),
        4 => (0..count)
            .map(|n| (n.to_string(), json!(n % 3)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        5 => json!({"a": vec![json!([]); count], "b": {"c": count}}),
        _ => Value::Null,
    }
}
