//! The review of a Job as a value. A Job gets through only by [`UnderReview::admit`], after every review was recorded, and
//! only through the edits that stand in the reviews.

use super::conflict::{Conflict, conflicts};
use super::{Edit, Job, PolicyId};
use serde_json::Value;

/// What one policy said of the Job.
#[derive(Clone, Debug)]
pub struct Review {
    /// Which policy.
    pub policy: PolicyId,
    /// The digest of its file: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Whether its word counts.
    pub mode: Mode,
    /// Admit, warn or reject.
    pub verdict: Verdict,
    /// What it changed, in order; would have changed, where it is only audited.
    pub edits: Vec<Edit>,
    /// What it wrote, in order.
    pub log: Vec<LogLine>,
    /// The fuel it used: a deterministic count of the work done in the guest, in wasmtime's units.
    pub fuel: u64,
}

/// Whether the word of a policy counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Its edits are made, and its rejection ends the way of the Job.
    #[default]
    Enforce,
    /// It is asked, and what it would have done is told.
    Audit,
}

/// Whether the Job may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may, with the edits made.
    Admit,
    /// It may, with the edits made, and everyone should see these sentences.
    Warn(Vec<String>),
    /// It must not.
    Reject(Rejection),
    /// The policy could not say: it trapped or met a limit. Only of a policy that is audited is this a verdict.
    Broke(String),
}

/// Why a Job must not run, in the policy's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What is wrong with the Job.
    pub reason: String,
    /// What its author can do.
    pub remedy: Option<String>,
}

/// A line that a policy wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// The line, free of control characters.
    pub message: String,
}

/// How much a line of a policy matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// For the policy's author.
    Debug,
    /// For who asks why.
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
    /// What everyone should see: the lines at that level, and the sentences of the verdict.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        let lines = self.log.iter().filter(|line| line.level == LogLevel::Warn).map(|line| line.message.as_str());
        let sentences = if let Verdict::Warn(sentences) = &self.verdict { sentences.as_slice() } else { &[] };
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
    /// Who rejected it.
    pub policy: PolicyId,
    /// Why.
    pub rejection: Rejection,
    /// What was said up to and with the rejection.
    pub reviews: Vec<Review>,
}

impl UnderReview {
    /// A Job that nobody has seen yet.
    pub fn new(job: Job) -> Self {
        Self { job, reviews: Vec::new() }
    }

    /// The Job with all edits so far.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Hand the Job to the next policy. It comes back by [`Self::record`]: copying it would cost more than most reviews.
    pub fn lend(&mut self) -> Job {
        std::mem::replace(&mut self.job, Job(Value::Null))
    }

    /// Add what the policy said to which the Job was lent. `edited` is that Job with the edits of the review made. A
    /// rejection ends the way of this Job.
    pub fn record(mut self, review: Review, edited: Job) -> Result<Self, Rejected> {
        let (policy, verdict) = (review.policy.clone(), review.verdict.clone());
        self.reviews.push(review);
        match verdict {
            Verdict::Reject(rejection) => Err(Rejected { policy, rejection, reviews: self.reviews }),
            _ => Ok(Self { job: edited, ..self }),
        }
    }

    /// Add the word of a policy that is only audited: it is kept, and nothing else.
    pub fn note(&mut self, review: Review) {
        self.reviews.push(review);
    }

    /// End the review: every policy of the chain has said yes.
    pub fn admit(self) -> Admitted {
        Admitted { job: self.job, reviews: self.reviews }
    }
}

/// A Job that every policy agreed to: the only thing that can be submitted.
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

    /// The Job as a manifest: under a name that follows from its content, or with the `generateName` of the draft.
    pub fn manifest(&self, keep_generate_name: bool) -> Value {
        match keep_generate_name {
            true => self.stamped().json().clone(),
            false => self.stamped().named_by_content().json().clone(),
        }
    }

    /// What the policies said, in their order.
    pub fn reviews(&self) -> &[Review] {
        &self.reviews
    }

    /// All edits in the order in which they were made.
    pub fn edits(&self) -> impl DoubleEndedIterator<Item = &Edit> {
        self.reviews.iter().filter(|review| review.mode == Mode::Enforce).flat_map(|review| &review.edits)
    }

    /// Where policies got in each other's way.
    pub fn conflicts(&self) -> Vec<Conflict> {
        conflicts(self.original(), self.edits())
    }

    /// The Job as it was before the first policy.
    pub fn original(&self) -> Job {
        let mut job = self.job.clone();
        self.edits().rev().for_each(|edit| job.undo(&edit.change));
        job
    }
}
