//! The queries to the cluster during one review. Each is sent once and its response kept, for the
//! next policy that sends the same, and for a recording.

use crate::job::PolicyId;
use crate::policy::cluster_query::{ClusterReader, Lookup, Query, Response};
use crate::policy::{Exceeded, Limit, Limits};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The queries of policies while one Job is reviewed: of all that are enforced, or of one that is
/// audited.
pub struct SharedQueries {
    reader: Arc<dyn ClusterReader>,
    asked: Mutex<Asked>,
    /// The audited policy, and the queries of the enforced ones.
    apart: Option<(PolicyId, Arc<Self>)>,
}

/// The queries so far, and the bytes of their responses: equal ones are kept once.
#[derive(Default)]
struct Asked {
    lookups: Vec<Arc<Lookup>>,
    bytes: usize,
}

impl SharedQueries {
    /// No queries yet.
    pub fn new(reader: Arc<dyn ClusterReader>) -> Arc<Self> {
        Arc::new(Self { reader, asked: Mutex::default(), apart: None })
    }

    /// The queries of a policy that is audited. It sees the responses of the others, and they never
    /// see one of its own: it must not matter to them.
    pub fn apart_for(self: &Arc<Self>, policy: PolicyId) -> Arc<Self> {
        let apart = Some((policy, Arc::clone(self)));
        Arc::new(Self { reader: Arc::clone(&self.reader), asked: Mutex::default(), apart })
    }

    /// All queries so far, in their order.
    pub fn asked(&self) -> Vec<Arc<Lookup>> {
        self.lock().lookups.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The response to a query, as it was kept or as the cluster gives it within a time. All
    /// responses that a policy can see stay within a limit together: those of an audited policy
    /// with those of the enforced ones before it, which it takes nothing from.
    fn ask(
        &self,
        query: &Query,
        within: Duration,
        limits: &Limits,
    ) -> Result<Arc<Lookup>, Exceeded> {
        let mut asked = self.lock();
        if let Some(known) = asked.find(query) {
            return Ok(known);
        }
        let most = limits.count(Limit::LookupBytes);
        let (policy, others, mut response) = match &self.apart {
            None => {
                let left = most.saturating_sub(asked.bytes);
                (None, 0, self.reader.query_bounded(query, within, left))
            }
            Some((policy, others)) => {
                let others = others.lock();
                if let Some(known) = others.find(query) {
                    return Ok(known);
                }
                let left = most.saturating_sub(asked.bytes.saturating_add(others.bytes));
                let response = self.reader.query_apart(policy, query, within, left);
                (Some(policy.to_string()), others.bytes, response)
            }
        };
        if let Response::Found(found) = &mut response {
            query.hide(found);
        }
        let lookup = asked.keep(query.clone(), response, policy);
        limits.check(Limit::LookupBytes, asked.bytes.saturating_add(others))?;
        Ok(lookup)
    }
}

impl Asked {
    fn find(&self, query: &Query) -> Option<Arc<Lookup>> {
        self.lookups.iter().find(|known| known.query == *query).cloned()
    }

    fn keep(&mut self, query: Query, response: Response, policy: Option<String>) -> Arc<Lookup> {
        let equal = self.lookups.iter().find(|known| *known.response == response);
        let response = match equal {
            Some(known) => Arc::clone(&known.response),
            None => {
                self.bytes = self.bytes.saturating_add(response.bytes());
                Arc::new(response)
            }
        };
        let lookup = Arc::new(Lookup { query, response, policy });
        self.lookups.push(Arc::clone(&lookup));
        lookup
    }
}

/// The queries of one policy, under its limits.
#[derive(Default)]
pub struct Queries {
    shared: Option<Arc<SharedQueries>>,
    asked: HashSet<Query>,
    spent: Duration,
}

impl Queries {
    /// The queries of a policy that may query the cluster.
    pub fn new(shared: &Arc<SharedQueries>) -> Self {
        Self { shared: Some(Arc::clone(shared)), ..Self::default() }
    }

    /// The time spent in queries.
    pub fn spent(&self) -> Duration {
        self.spent
    }

    /// Send a query; none if this policy may not query the cluster now.
    pub fn ask(&mut self, query: Query, limits: &Limits) -> Result<Option<Arc<Lookup>>, Exceeded> {
        let Some(shared) = &self.shared else { return Ok(None) };
        self.asked.insert(query.clone());
        limits.check(Limit::Lookups, self.asked.len())?;
        let began = Instant::now();
        let left = limits.time(Limit::LookupTime).saturating_sub(self.spent);
        let lookup = shared.ask(&query, left, limits);
        self.spent += began.elapsed();
        let lookup = lookup?;
        match *lookup.response {
            Response::TooLate => Err(limits.exceeded(Limit::LookupTime, None)),
            Response::TooLarge => Err(limits.exceeded(Limit::LookupBytes, None)),
            _ => Ok(Some(lookup)),
        }
    }
}
