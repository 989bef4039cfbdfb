//! Why a Job does not get on: facts of the cluster become a cause, the evidence in the cluster's own
//! words, and a remedy. The same facts in the same order always give the same diagnoses; nothing
//! here reads a clock or asks a cluster.

mod cause;
mod fact;
mod read;
mod words;

pub use cause::{Cause, Outlook, Settling, Step};
pub use fact::{Exit, Fact, Node, Source, Subject, Wants};

use crate::text;
use read::{Finding, read};

/// The longest evidence, in bytes: the message of an event has at most 1024.
const EVIDENCE: usize = 600;
/// The most diagnoses that are remembered, so that none is told twice.
const REMEMBERED: usize = 64;

/// Why a Job does not get on.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The cause.
    pub cause: Cause,
    /// The cause in a sentence, with the names of this Job.
    pub summary: String,
    /// The fact that it follows from, as the cluster says it.
    pub fact: Fact,
    /// What to do, in a sentence.
    pub remedy: String,
    /// The words behind `kubectl` of a command that helps.
    pub command: Option<String>,
}

impl Diagnosis {
    /// The cluster's own words, on one line and of a bounded length.
    pub fn evidence(&self) -> String {
        let Fact { reason, message, .. } = &self.fact;
        let separator = if reason.is_empty() || message.is_empty() { "" } else { ": " };
        text::sentence(&format!("{reason}{separator}{message}"), EVIDENCE)
    }
}

/// Makes diagnoses of one Job while its facts come in, each once.
#[derive(Debug, Default)]
pub struct Diagnostics {
    wants: Wants,
    nodes: Vec<Node>,
    told: Vec<Told>,
}

/// A diagnosis that was given, by what makes it the same as another.
#[derive(Debug, PartialEq)]
struct Told {
    cause: Cause,
    summary: String,
    container: Option<String>,
}

impl Diagnostics {
    /// Learn what the Job asks for.
    pub fn set_wants(&mut self, wants: Wants) {
        self.wants = wants;
    }

    /// Whether the Job uses a claim.
    pub fn wants_claim(&self, claim: &str) -> bool {
        self.wants.claims.iter().any(|wanted| wanted == claim)
    }

    /// Learn the nodes of the cluster, as far as they may be read.
    pub fn set_nodes(&mut self, nodes: Vec<Node>) {
        self.nodes = nodes;
    }

    /// Take the next fact; gives a diagnosis if it says anything new.
    pub fn observe(&mut self, fact: &Fact) -> Option<Diagnosis> {
        let Finding { cause, summary, remedy, command } = read(fact, &self.wants, &self.nodes)?;
        let container = fact.source.container().map(str::to_owned);
        let told = Told { cause, summary: summary.clone(), container };
        if self.is_known(&told) {
            return None;
        }
        if self.told.len() == REMEMBERED {
            self.told.remove(0);
        }
        self.told.push(told);
        Some(Diagnosis { cause, summary, fact: fact.clone(), remedy, command })
    }

    /// Take a diagnosis back that was not told: it did not last.
    pub fn forget(&mut self, diagnosis: &Diagnosis) {
        let Diagnosis { cause, summary, .. } = diagnosis;
        self.told.retain(|told| told.cause != *cause || told.summary != *summary);
    }

    /// Whether a diagnosis was given before, or a more exact one: once a pull has failed for a
    /// reason, the pause before the next says less.
    fn is_known(&self, now: &Told) -> bool {
        let is_vaguer =
            |told: &Told| now.cause.is_vaguer_than(told.cause) && now.container == told.container;
        self.told.iter().any(|told| told == now || is_vaguer(told))
    }
}
