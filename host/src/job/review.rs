//! The review of a Job as a value. A Job is admitted only by [`UnderReview::admit`], after every
//! review was recorded, and changed only by the edits in the reviews.

use super::edit::{Conflicts, conflicts};
use super::{Edit, Job, PolicyId};
use serde_json::Value;
use std::fmt;

/// The review of the Job by one policy.
#[derive(Clone, Debug)]
pub struct Review {
    /// The policy.
    pub policy: PolicyId,
    /// The digest of its file: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Whether it is enforced or audited.
    pub mode: Mode,
    /// The round in which it was asked: 1, or more if it was asked again.
    pub round: u32,
    /// The policy that changed the Job after its turn, so that it was asked again.
    pub after: Option<PolicyId>,
    /// Admit, warn or reject.
    pub verdict: Verdict,
    /// The edits that it made, in order; if it is only audited, those that it would have made.
    pub edits: Vec<Edit>,
    /// The lines that it logged, in order.
    pub log: Vec<LogLine>,
    /// The fuel it used: a deterministic count of the work done in the guest, in wasmtime's units.
    pub fuel: u64,
}

/// Whether a policy is enforced or audited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Its edits are made, and its rejection stops the Job.
    #[default]
    Enforce,
    /// It reviews the Job, and its verdict and edits are only reported.
    Audit,
}

/// The name in a policies file.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enforce => "enforce",
            Self::Audit => "audit",
        })
    }
}

/// The verdict: whether the Job may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may, with the edits made.
    Admit,
    /// It may, with the edits made, and everyone should see these sentences.
    Warn(Vec<String>),
    /// It must not.
    Reject(Rejection),
    /// There is none: the policy trapped or exceeded a limit. Unless it is only audited, this ends
    /// the review.
    Broke(String),
}

/// Why a Job must not run, in the policy's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The fault of the Job.
    pub reason: String,
    /// The remedy for the author of the Job, which may have several lines.
    pub remedy: Option<String>,
}

/// A line that a policy logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its level.
    pub level: LogLevel,
    /// The line, or lines with line feeds between them, free of other control characters.
    pub message: String,
}

/// The level of a line of a policy, from the lowest to the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For the policy's author.
    Debug,
    /// For users who want to know why.
    Info,
    /// For everyone: a warning.
    Warn,
}

impl LogLevel {
    /// The level in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
        }
    }
}

impl Review {
    /// The warnings that everyone should see: the lines at level `warn`, and the sentences of the
    /// verdict.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        let lines = self
            .log
            .iter()
            .filter(|line| line.level == LogLevel::Warn)
            .map(|line| line.message.as_str());
        let sentences =
            if let Verdict::Warn(sentences) = &self.verdict { sentences.as_slice() } else { &[] };
        lines.chain(sentences.iter().map(String::as_str))
    }
}

/// A Job between two policies.
#[derive(Clone, Debug)]
pub struct UnderReview {
    job: Job,
    reviews: Vec<Review>,
}

/// A Job that a policy rejected.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The policy that rejected it.
    pub policy: PolicyId,
    /// The reason.
    pub rejection: Rejection,
    /// The reviews up to and including the rejection.
    pub reviews: Vec<Review>,
}

impl UnderReview {
    /// A Job that no policy has reviewed yet.
    pub fn new(job: Job) -> Self {
        Self { job, reviews: Vec::new() }
    }

    /// The Job with all edits so far.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// The reviews so far.
    pub fn reviews(&self) -> &[Review] {
        &self.reviews
    }

    /// Hand the Job to the next policy. It comes back by [`Self::record`]: copying it would cost
    /// more than most reviews.
    pub fn lend(&mut self) -> Job {
        std::mem::replace(&mut self.job, Job(Value::Null))
    }

    /// Add the review of the policy that the Job was lent to. `edited` is that Job with the edits
    /// of the review made. A rejection stops the Job.
    pub fn record(mut self, review: Review, edited: Job) -> Result<Self, Rejected> {
        let policy = review.policy.clone();
        let verdict = review.verdict.clone();
        self.reviews.push(review);
        match verdict {
            Verdict::Reject(rejection) => {
                Err(Rejected { policy, rejection, reviews: self.reviews })
            }
            _ => Ok(Self { job: edited, ..self }),
        }
    }

    /// Add the review of a policy that is only audited: it is kept and has no other effect.
    pub fn note(&mut self, review: Review) {
        self.reviews.push(review);
    }

    /// End the review without a verdict, and give the reviews so far.
    pub fn abandon(self) -> Vec<Review> {
        self.reviews
    }

    /// End the review: no policy of the chain rejected the Job.
    pub fn admit(self) -> Admitted {
        Admitted { job: self.job, reviews: self.reviews }
    }
}

/// A Job that no enforced policy rejected: the only kind that can be submitted.
#[derive(Clone, Debug)]
pub struct Admitted {
    job: Job,
    reviews: Vec<Review>,
}

impl Admitted {
    /// The Job as it is to be submitted.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// The Job as a manifest: under a name that follows from its content, or with the
    /// `generateName` of the draft.
    pub fn manifest(&self, keep_generate_name: bool) -> Value {
        if keep_generate_name {
            self.stamped().json().clone()
        } else {
            self.stamped().named_by_content().json().clone()
        }
    }

    /// The reviews, in the order in which they were made.
    pub fn reviews(&self) -> &[Review] {
        &self.reviews
    }

    /// All edits in the order in which they were made.
    pub fn edits(&self) -> impl DoubleEndedIterator<Item = &Edit> + Clone {
        self.reviews
            .iter()
            .filter(|review| review.mode == Mode::Enforce)
            .flat_map(|review| &review.edits)
    }

    /// The conflicts between policies.
    pub fn conflicts(&self) -> Conflicts {
        conflicts(|| self.original(), self.edits())
    }

    /// The Job as it was before the first policy.
    pub fn original(&self) -> Job {
        let mut job = self.job.clone();
        self.edits().rev().for_each(|edit| job.undo(&edit.change));
        job
    }
}
