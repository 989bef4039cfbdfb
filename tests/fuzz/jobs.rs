//! Owns arbitrary Jobs and settings: sound ones in which anything stands at some places.
//! Invariant: a seed gives the same Job and settings in every run.

use mlcube_k8s::job::Job;
use serde_json::{Value, json};

use crate::support::dice::Dice;
use crate::support::policy::{self, Limits, PolicyChain, PolicyHost, PolicySource, ReviewError};

/// The policies as they are shipped, each with settings that are sound.
pub struct Shipped {
    host: PolicyHost,
    policies: Vec<PolicySource>,
}

impl Shipped {
    pub fn new() -> Self {
        let rows = [
            (
                "node-selector",
                json!({"tasks": {"*": {"pool": "gpu"}, "train": {"a/b": "c"}}, "on-conflict": "replace"}),
            ),
            ("gpu-resources", json!({"count": {"train": 2, "*": 1}, "max": 3})),
            (
                "pvc-remap",
                json!({"claims": {"a": {"claim": "b", "sub-path": "x/y", "read-only": true}}}),
            ),
        ];
        let policies =
            rows.into_iter().map(|(name, settings)| policy::source(name, settings)).collect();
        let host = policy::host(Limits::default());
        let shipped = Self { host, policies };
        // What a sound one takes is taken before anything is measured.
        (0..10).for_each(|seed| drop(shipped.try_one(seed)));
        shipped
    }

    /// Load a policy with some settings and ask it about some Jobs; in a few words what came of it.
    pub fn try_one(&self, seed: u64) -> String {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut source = dice.pick(&self.policies).clone();
        if dice.below(2) == 0 {
            odd(&mut dice, &mut source.settings);
        }
        let policy = match policy::load(&self.host, source) {
            Ok(policy) => policy,
            Err(error) => return format!("not loaded: {error}"),
        };
        let chain = policy::chain(vec![policy]);
        let told: Vec<_> = (0..20).map(|_| review(&chain, job(&mut dice))).collect();
        told.join(", ")
    }
}

fn review(chain: &PolicyChain, job: Option<Job>) -> String {
    let Some(job) = job else { return "no Job".into() };
    match chain.review(job.clone()) {
        Ok(admitted) => {
            assert_eq!(admitted.original(), job, "undoing the edits gives the Job back");
            format!("{} edits", admitted.edits().count())
        }
        Err(ReviewError::Rejected(_)) => "rejected".into(),
        // What a view cannot read ends the review.
        Err(ReviewError::Broken(error)) if error.to_string().contains(": cannot read the ") => {
            "unreadable".into()
        }
        Err(ReviewError::Broken(error)) => {
            panic!("a shipped policy broke: {error}\n{}", job.json())
        }
    }
}

fn job(dice: &mut Dice) -> Option<Job> {
    let mut json = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "j", "labels": {"a": "b"}, "annotations": {
            "mlcube-k8s.dev/task": "train", "mlcube-k8s.dev/platform": "{\"accelerator_count\": 2}",
            "kubectl.kubernetes.io/default-container": "main",
        }},
        "spec": {"backoffLimit": 0, "template": {"metadata": {"labels": {}}, "spec": {
            "nodeSelector": {"pool": "cpu"},
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
            "initContainers": [{"name": "side", "restartPolicy": "Always"}],
            "containers": [{
                "name": "main", "image": "i", "volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": "s"}],
                "resources": {"limits": {"nvidia.com/gpu": "1"}, "requests": {"cpu": "500m"}},
            }],
            "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "a"}}, {"name": "w", "emptyDir": {}}],
        }}},
    });
    for _ in 0..=dice.below(4) {
        odd(dice, &mut json);
    }
    Job::from_json(json).ok()
}

/// Put something else at some place.
fn odd(dice: &mut Dice, json: &mut Value) {
    let deeper = dice.below(6) > 0;
    match json {
        Value::Object(members) if deeper && !members.is_empty() => {
            let keys: Vec<String> = members.keys().cloned().collect();
            let key = dice.pick(&keys).clone();
            match dice.below(10) {
                0 => drop(members.shift_remove(&key)),
                1 => drop(members.insert(text(dice), anything(dice, 0))),
                _ => odd(dice, &mut members[&key]),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = dice.below(items.len());
            match dice.below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(anything(dice, 0)),
                2 => items.extend_from_within(at..),
                _ => odd(dice, &mut items[at]),
            }
        }
        place => *place = anything(dice, 0),
    }
}

fn anything(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(8) {
        0 => Value::Null,
        1 => json!(dice.below(2) == 0),
        2 => json!(*dice.pick(&[0, 1, -1, 3, i64::MAX, i64::MIN])),
        3 => json!(*dice.pick(&[0.5, -0.0, 1e308, 5e-324])),
        4 if depth < 5 => (0..dice.below(4)).map(|_| anything(dice, depth + 1)).collect(),
        5 if depth < 5 => {
            (0..dice.below(4)).map(|_| (text(dice), anything(dice, depth + 1))).collect()
        }
        _ => json!(text(dice)),
    }
}

fn text(dice: &mut Dice) -> String {
    const WORDS: [&str; 20] = [
        "",
        "a",
        "b",
        "main",
        "v",
        "0",
        "-",
        "/",
        "~",
        "~1",
        "..",
        "x/y",
        "name",
        "nvidia.com/gpu",
        "1Gi",
        "claimName",
        "\u{1b}[2J",
        "\u{202e}",
        "é",
        "*",
    ];
    match dice.below(30) {
        0 => "x".repeat(dice.below(100_000)),
        _ => (*dice.pick(&WORDS)).to_owned(),
    }
}
