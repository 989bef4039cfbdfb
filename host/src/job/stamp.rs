//! The annotation that a Job carries of its review: the policies by digest, and the number of
//! edits. It is bounded, whatever the number of policies.

use super::{Admitted, Job, Mode, PREFIX};
use serde_json::{Value, json};

/// The name of the annotation, without its prefix.
const ANNOTATION: &str = "policies";
/// The most policies that are listed; the rest are counted. With names and digests this stays below
/// 4 KiB.
const LISTED: usize = 24;

impl Admitted {
    /// The Job with the annotation of its review; without one if no policy reviewed it.
    pub fn stamped(&self) -> Job {
        let mut job = self.job().clone();
        if self.reviews().is_empty() {
            return job;
        }
        let annotations = job.metadata_mut().entry("annotations").or_insert_with(|| json!({}));
        super::object(annotations)
            .insert(format!("{PREFIX}{ANNOTATION}"), json!(self.note().to_string()));
        job
    }

    fn note(&self) -> Value {
        let reviews: Vec<_> = self.reviews().iter().filter(|review| review.round == 1).collect();
        let policies = reviews.iter().take(LISTED).map(|review| {
            let mut policy = json!({"name": review.policy.as_str(), "digest": review.digest});
            if review.mode == Mode::Audit {
                policy["mode"] = json!("audit");
            }
            policy
        });
        let mut note =
            json!({"edits": self.edits().count(), "policies": policies.collect::<Vec<_>>()});
        if reviews.len() > LISTED {
            note["more"] = json!(reviews.len() - LISTED);
        }
        note
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{PolicyId, Review, UnderReview, Verdict};

    #[test]
    fn the_note_is_bounded_and_names_each_policy_once() {
        for (count, more) in [(0, None), (2, None), (24, None), (200, Some(176))] {
            let review = |index: usize| Review {
                policy: PolicyId::parse(&format!("{}-{index}", "p".repeat(59))).expect("a name"),
                digest: format!("sha256:{}", "0".repeat(64)),
                mode: if index == 1 { Mode::Audit } else { Mode::Enforce },
                round: 1,
                after: None,
                verdict: Verdict::Admit,
                edits: Vec::new(),
                log: Vec::new(),
                fuel: 1,
            };
            let record = |all: UnderReview, review| all.record(review, Job::empty());
            let under_review =
                (0..count).map(review).try_fold(UnderReview::new(Job::empty()), record);
            let again = |index| Review { round: 2, ..review(index) };
            let under_review = (0..count.min(2)).map(again).fold(under_review, |all, review| {
                all.and_then(|all| all.record(review, Job::empty()))
            });
            let admitted = under_review.expect("nobody says no").admit();
            let stamped = admitted.stamped();
            let Some(text) = stamped.annotation("mlcube-k8s.dev/policies") else {
                assert_eq!(count, 0);
                continue;
            };
            let note: Value = serde_json::from_str(text).expect("the note is JSON");
            assert!(text.len() < 4096, "{}", text.len());
            assert_eq!(note["more"].as_u64(), more);
            assert_eq!(note["policies"].as_array().map(Vec::len), Some(count.min(LISTED)));
            assert_eq!(note["policies"][1]["mode"], json!("audit"));
        }
    }
}
