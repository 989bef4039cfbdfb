//! The queries to the cluster during one review. Each is sent once and its response kept, for the
//! next policy that sends the same, and for a recording.

use crate::policy::cluster_query::{ClusterReader, Lookup, Query, Response};
use crate::policy::{Exceeded, Limit, Limits};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The queries of all policies while one Job is reviewed.
pub struct SharedQueries {
    reader: Arc<dyn ClusterReader>,
    asked: Mutex<Vec<Arc<Lookup>>>,
}

impl SharedQueries {
    /// No queries yet.
    pub fn new(reader: Arc<dyn ClusterReader>) -> Arc<Self> {
        Arc::new(Self { reader, asked: Mutex::default() })
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
        let mut response = self.reader.query(query, within);
        if let Response::Found(found) = &mut response {
            query.hide(found);
        }
        asked.push(Arc::new(Lookup { query: query.clone(), response }));
        Arc::clone(&asked[asked.len() - 1])
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
