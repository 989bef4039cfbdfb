//! The watches of a Job and of its Pods. A server ends each watch before a dead connection could be
//! taken for a silent one; it is taken up where it ended.

use super::Submitted;
use futures::{Stream, StreamExt, TryFutureExt, TryStreamExt, stream};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{WatchEvent, WatchParams};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client};
use std::collections::HashSet;
use std::future::ready;

/// The seconds after which the server ends a watch. One that is silent for five more is given up
/// for a new one.
pub const WATCH: u32 = 25;

/// A sight of the Job.
pub enum Sight {
    /// It is there.
    There(Box<Job>),
    /// Its deletion was seen.
    Gone,
    /// It is no longer there, and what happened before was not seen.
    Missing,
}

/// The Job whenever it changes, from the version on that was seen first.
pub fn job(
    client: &Client,
    submitted: &Submitted,
) -> impl Stream<Item = watcher::Result<Sight>> + use<> {
    let jobs: Api<Job> = Api::namespaced(client.clone(), submitted.namespace());
    let name = format!("metadata.name={}", submitted.name());
    let version = submitted.job().metadata.resource_version.clone().unwrap_or_default();
    let first = Sight::There(Box::new(submitted.job().clone()));
    stream::once(ready(Ok(first)))
        .chain(since(jobs.clone(), name.clone(), version))
        .chain(from_list(jobs, &name))
}

/// The Job as it is now, and whenever it changes.
pub fn job_anew(
    client: &Client,
    submitted: &Submitted,
) -> impl Stream<Item = watcher::Result<Sight>> + use<> {
    let jobs: Api<Job> = Api::namespaced(client.clone(), submitted.namespace());
    from_list(jobs, &format!("metadata.name={}", submitted.name()))
}

/// The changes of a Job since a version of it, until the server ends the watch.
fn since(
    jobs: Api<Job>,
    name: String,
    version: String,
) -> impl Stream<Item = watcher::Result<Sight>> {
    let params = WatchParams::default().fields(&name).timeout(WATCH);
    let changes = async move { jobs.watch(&params, &version).await.map(StreamExt::boxed) };
    let changes = changes.map_err(watcher::Error::WatchStartFailed);
    let changes = changes.map_ok(|changes| changes.map_err(watcher::Error::WatchFailed));
    changes.try_flatten_stream().filter_map(|change| {
        ready(match change {
            Ok(WatchEvent::Added(job) | WatchEvent::Modified(job)) => {
                Some(Ok(Sight::There(Box::new(job))))
            }
            Ok(WatchEvent::Deleted(_)) => Some(Ok(Sight::Gone)),
            Ok(WatchEvent::Bookmark(_)) => None,
            Ok(WatchEvent::Error(status)) => Some(Err(watcher::Error::WatchError(status))),
            Err(error) => Some(Err(error)),
        })
    })
}

/// A Job as it is now, and its changes from there on, for ever.
fn from_list(jobs: Api<Job>, name: &str) -> impl Stream<Item = watcher::Result<Sight>> + use<> {
    let config = watcher::Config::default().fields(name).timeout(WATCH);
    let mut is_there = false;
    watcher(jobs, config).default_backoff().filter_map(move |event| {
        ready(match event {
            Ok(watcher::Event::Init) => {
                is_there = false;
                None
            }
            Ok(watcher::Event::InitApply(job) | watcher::Event::Apply(job)) => {
                is_there = true;
                Some(Ok(Sight::There(Box::new(job))))
            }
            Ok(watcher::Event::Delete(_)) => Some(Ok(Sight::Gone)),
            Ok(watcher::Event::InitDone) => (!is_there).then_some(Ok(Sight::Missing)),
            Err(error) => Some(Err(error)),
        })
    })
}

/// What happens to the Pods of a Job.
pub fn pods(
    client: &Client,
    submitted: &Submitted,
) -> impl Stream<Item = watcher::Result<watcher::Event<Pod>>> + use<> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), submitted.namespace());
    let config = watcher::Config::default().labels(&pods_of(submitted)).timeout(WATCH);
    watcher(pods, config).default_backoff()
}

/// The label of the Pods of a Job.
pub fn pods_of(submitted: &Submitted) -> String {
    format!("batch.kubernetes.io/controller-uid={}", submitted.uid())
}

/// The Pods that exist. A watch that starts again lists them: of those that it does not list it has
/// missed the end.
#[derive(Default)]
pub struct Present {
    pods: HashSet<String>,
    /// Of a list that is not complete: the Pods that it has not shown.
    unlisted: HashSet<String>,
}

impl Present {
    /// A Pod was seen.
    pub fn insert(&mut self, name: String) {
        self.unlisted.remove(&name);
        self.pods.insert(name);
    }

    /// A Pod is gone.
    pub fn remove(&mut self, name: &str) {
        self.pods.remove(name);
    }

    /// All Pods are listed from here on.
    pub fn list_again(&mut self) {
        self.unlisted = std::mem::take(&mut self.pods);
    }

    /// The list is complete: gives the Pods that it did not show.
    pub fn not_listed(&mut self) -> Vec<String> {
        self.unlisted.drain().collect()
    }
}
