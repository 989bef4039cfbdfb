//! The queries to the cluster during one review. Each is sent once and its response kept, for the
//! next policy that sends the same, and for a recording.

use crate::job::PolicyId;
use crate::policy::cluster_query::{ClusterReader, Lookup, Query, Response};
use crate::policy::{Exceeded, Limit, Limits};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The queries of policies while one Job is reviewed: of all that are enforced, or of one that is
/// audited.
pub struct SharedQueries {
    reader: Arc<dyn ClusterReader>,
    asked: Mutex<Vec<Arc<Lookup>>>,
    /// The audited policy, and the queries of the enforced ones.
    apart: Option<(PolicyId, Arc<Self>)>,
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
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn ask(&self, query: &Query, within: Duration) -> Arc<Lookup> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = asked.iter().find(|known| known.query == *query) {
            return Arc::clone(known);
        }
        let (policy, mut response) = match &self.apart {
            None => (None, self.reader.query(query, within)),
            Some((policy, others)) => {
                if let Some(known) = others.known(query) {
                    return known;
                }
                let response = self.reader.query_apart(policy, query, within);
                (Some(policy.to_string()), response)
            }
        };
        if let Response::Found(found) = &mut response {
            query.hide(found);
        }
        asked.push(Arc::new(Lookup { query: query.clone(), response, policy }));
        Arc::clone(&asked[asked.len() - 1])
    }

    fn known(&self, query: &Query) -> Option<Arc<Lookup>> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().find(|known| known.query == *query).cloned()
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
        let lookup = shared.ask(&query, left);
        self.spent += began.elapsed();
        match lookup.response {
            Response::TooLate => Err(limits.exceeded(Limit::LookupTime, None)),
            _ => Ok(Some(lookup)),
        }
    }
}
