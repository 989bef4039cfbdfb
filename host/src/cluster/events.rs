//! The events of a namespace that are no usual ones, and those of claims, as facts about a Job, its
//! Pods and its claims: watches of which nothing is kept.

use super::Submitted;
use super::watches::WATCH;
use crate::diagnosis::{Fact, Source, Subject};
use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::core::v1::Event;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client};

/// The events to look at. Their field selector can name one object only, and the Pods of a Job are
/// not known before: so all but the usual ones are looked at.
const UNUSUAL: &str = "type!=Normal";
/// Those of claims are usual ones where a volume is waited for.
const OF_CLAIMS: &str = "type=Normal,involvedObject.kind=PersistentVolumeClaim";

/// What is told where events may not be read.
pub const UNREAD: &str = "the events of the namespace may not be read (`list events`, `watch \
    events`): what keeps a Job from starting is told as far as its Pods show it";

/// A fact that an event tells.
#[derive(Clone, Debug)]
pub struct Told {
    /// The unique id of the object.
    pub uid: String,
    /// When it was last so, in seconds since 1970.
    pub at: i64,
    /// The fact.
    pub fact: Fact,
}

/// What events tell of a Job, its Pods and its claims.
pub fn facts(
    client: &Client,
    submitted: &Submitted,
) -> impl Stream<Item = watcher::Result<Told>> + use<> {
    let unusual = watched(client, submitted, UNUSUAL);
    if has_claims(submitted) {
        let of_claims = watched(client, submitted, OF_CLAIMS);
        return stream::select(unusual, of_claims).left_stream();
    }
    unusual.right_stream()
}

fn has_claims(submitted: &Submitted) -> bool {
    let pod = submitted.job().spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    let mut volumes = pod.into_iter().flat_map(|pod| pod.volumes.iter().flatten());
    volumes.any(|volume| volume.persistent_volume_claim.is_some())
}

fn watched(
    client: &Client,
    submitted: &Submitted,
    fields: &str,
) -> impl Stream<Item = watcher::Result<Told>> + use<> {
    let events: Api<Event> = Api::namespaced(client.clone(), submitted.namespace());
    let config = watcher::Config::default().fields(fields).timeout(WATCH);
    watcher(events, config).default_backoff().filter_map(|event| {
        std::future::ready(match event {
            Ok(watcher::Event::InitApply(event) | watcher::Event::Apply(event)) => {
                told(event).map(Ok)
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    })
}

/// Whether an error says that the events of the namespace may not be read.
pub fn is_forbidden(error: &watcher::Error) -> bool {
    match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status))
        | watcher::Error::WatchError(status) => matches!(status.code, 401 | 403),
        _ => false,
    }
}

fn told(event: Event) -> Option<Told> {
    let object = event.involved_object;
    let name = object.name.unwrap_or_default();
    let about = match object.kind.as_deref()? {
        "Job" => Subject::Job,
        "Pod" => Subject::Pod(name),
        "PersistentVolumeClaim" => Subject::PersistentVolumeClaim(name),
        _ => return None,
    };
    let series = event.series.and_then(|series| series.last_observed_time).map(|time| time.0);
    let last = event.last_timestamp.map(|time| time.0);
    let first = event.event_time.map(|time| time.0);
    let created = event.metadata.creation_timestamp.map(|time| time.0);
    let at = series.or(last).or(first).or(created);
    Some(Told {
        uid: object.uid.unwrap_or_default(),
        at: at.map_or(0, |at| at.as_second()),
        fact: Fact {
            about,
            source: Source::Event,
            reason: event.reason.unwrap_or_default(),
            message: event.message.unwrap_or_default(),
        },
    })
}
