//! Questions of policies to the cluster. While one Job is reviewed each question is asked once and its answer kept: for who
//! asks again, and for a recording. What Secrets hold never gets past here.

use super::{Exceeded, Limit, Limits};
use crate::k8s as rules;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The longest label selector; those that people write have some tens of bytes.
const LONGEST_SELECTOR: usize = 2_000;
/// What policies do not see of a Secret: the object, and the key in it. kubectl keeps a copy of all in an annotation.
const HIDDEN: [(&str, &str); 3] =
    [("", "data"), ("", "stringData"), ("/metadata/annotations", "kubectl.kubernetes.io/last-applied-configuration")];

/// Who answers the questions of policies.
pub trait Lookups: Send + Sync {
    /// Answer a question within a time. This blocks.
    fn look(&self, question: &Question, within: Duration) -> Answer;
}

/// What is asked of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// `v1`, `batch/v1`…
    pub api_version: String,
    /// `ConfigMap`, `Node`…
    pub kind: String,
    /// None for the namespace of the run, and for kinds that have no namespaces.
    pub namespace: Option<String>,
    /// Which objects of this kind.
    #[serde(flatten)]
    pub which: Which,
}

/// Which objects are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// The one with this name.
    Name(String),
    /// All that a label selector selects; all there are where it is empty.
    Labels(String),
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// The object, or null where it is not there; the list of the objects.
    Found(Value),
    /// Why there is no answer, as a sentence.
    Refused(String),
    /// The time was over.
    TooLate,
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lookup {
    /// What was asked.
    #[serde(flatten)]
    pub question: Question,
    /// What came of it.
    pub answer: Answer,
}

impl Question {
    /// An error unless this can be asked: most of it becomes a path, so nothing in it may lead elsewhere.
    pub fn check(&self) -> Result<(), String> {
        let (version, kind) = (&self.api_version, &self.kind);
        let is_version = match version.split_once('/') {
            Some((group, version)) => rules::dns_subdomain(group).and_then(|()| rules::dns_label(version)).is_ok(),
            None => rules::dns_label(version).is_ok(),
        };
        if !is_version {
            return Err(format!("`{version}` is no version like `v1` or `batch/v1`"));
        }
        if kind.is_empty() || !kind.bytes().all(|c| c.is_ascii_alphanumeric()) {
            return Err(format!("`{kind}` is no kind like `ConfigMap`"));
        }
        self.namespace.as_deref().map_or(Ok(()), rules::dns_label)?;
        match &self.which {
            Which::Name(name) => rules::dns_subdomain(name),
            Which::Labels(labels) if labels.len() > LONGEST_SELECTOR => {
                Err(format!("the label selector has more than {LONGEST_SELECTOR} bytes"))
            }
            Which::Labels(_) => Ok(()),
        }
    }

    /// Whether policies do not see a place of what is asked for.
    pub fn hides(&self, pointer: &str) -> bool {
        let is_within =
            |place: String| pointer.strip_prefix(&place).is_some_and(|r| r.is_empty() || r.starts_with('/'));
        self.is_of_secrets()
            && HIDDEN.iter().any(|(parent, key)| is_within(format!("{parent}/{}", key.replace('/', "~1"))))
    }

    fn is_of_secrets(&self) -> bool {
        (self.api_version.as_str(), self.kind.as_str()) == ("v1", "Secret")
    }

    /// Take out of what was found what policies do not see.
    fn hide(&self, found: &mut Value) {
        let objects = match found {
            Value::Array(objects) => objects.as_mut_slice(),
            object => std::slice::from_mut(object),
        };
        for object in objects.iter_mut().filter(|_| self.is_of_secrets()) {
            for (parent, key) in HIDDEN {
                if let Some(parent) = object.pointer_mut(parent).and_then(Value::as_object_mut) {
                    parent.shift_remove(key);
                }
            }
        }
    }
}

/// What all policies ask while one Job is reviewed.
pub struct Inquiry {
    lookups: Arc<dyn Lookups>,
    asked: Mutex<Vec<Arc<Lookup>>>,
}

impl Inquiry {
    /// Nothing was asked yet.
    pub fn new(lookups: Arc<dyn Lookups>) -> Arc<Self> {
        Arc::new(Self { lookups, asked: Mutex::default() })
    }

    /// All questions so far, in their order.
    pub fn asked(&self) -> Vec<Arc<Lookup>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn ask(&self, question: &Question, within: Duration) -> Arc<Lookup> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = asked.iter().find(|known| known.question == *question) {
            return Arc::clone(known);
        }
        let mut answer = self.lookups.look(question, within);
        if let Answer::Found(found) = &mut answer {
            question.hide(found);
        }
        asked.push(Arc::new(Lookup { question: question.clone(), answer }));
        Arc::clone(&asked[asked.len() - 1])
    }
}

/// One policy's part in an inquiry, under its limits.
#[derive(Default)]
pub struct Asking {
    inquiry: Option<Arc<Inquiry>>,
    asked: HashSet<Question>,
    spent: Duration,
}

impl Asking {
    /// A policy that may ask.
    pub fn new(inquiry: &Arc<Inquiry>) -> Self {
        Self { inquiry: Some(Arc::clone(inquiry)), ..Self::default() }
    }

    /// The time that went by in questions.
    pub fn spent(&self) -> Duration {
        self.spent
    }

    /// Ask; none where this policy may not.
    pub fn ask(&mut self, question: Question, limits: &Limits) -> Result<Option<Arc<Lookup>>, Exceeded> {
        let Some(inquiry) = &self.inquiry else { return Ok(None) };
        self.asked.insert(question.clone());
        limits.check(Limit::Lookups, self.asked.len())?;
        let began = Instant::now();
        let lookup = inquiry.ask(&question, limits.time(Limit::LookupTime).saturating_sub(self.spent));
        self.spent += began.elapsed();
        match lookup.answer {
            Answer::TooLate => Err(limits.exceeded(Limit::LookupTime, None)),
            _ => Ok(Some(lookup)),
        }
    }
}

/// Where there is no cluster to ask.
pub struct NoCluster;

impl Lookups for NoCluster {
    fn look(&self, _: &Question, _: Duration) -> Answer {
        Answer::Refused("there is no cluster to ask: `render` has none, `run --dry-run=client` has one".into())
    }
}
