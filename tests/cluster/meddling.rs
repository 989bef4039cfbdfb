//! What is done to a Job on its way, by the data of a case, and undone afterwards.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::api::storage::v1::VolumeAttachment;
use kube::api::{DeleteParams, EvictParams, ListParams, Patch, PatchParams};
use kube::{Api, Client};
use mlcube_k8s::cluster::Submitted;
use serde_json::json;

use crate::diagnosis::create;
use crate::support::cluster::until;
use crate::support::diagnosis::{Act, Stage, Then};

/// Wait until a Pod of the Job has come so far, and do it.
pub async fn meddle(client: &Client, job: &Submitted, Then { when, act }: Then) {
    let pods: Api<Pod> = Api::namespaced(client.clone(), job.namespace());
    let events: Api<Event> = Api::namespaced(client.clone(), job.namespace());
    let refused = ListParams::default().fields("reason=FailedMount");
    let pod = until("a Pod has come so far", async || {
        let found = of(&pods, job).await;
        let refused = match when {
            Stage::Refused => events.list(&refused).await.expect("events can be listed").items,
            _ => Vec::new(),
        };
        let is_refused =
            |pod: &Pod| refused.iter().any(|one| one.involved_object.uid == pod.metadata.uid);
        let has_come = |pod: &Pod| match when {
            Stage::Scheduled => pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some()),
            Stage::Refused => is_refused(pod),
            Stage::Running => {
                let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
                phase == Some("Running")
            }
        };
        found.into_iter().find(has_come)?.metadata.name
    })
    .await;
    match act {
        Act::EvictPod => {
            pods.evict(&pod, &EvictParams::default()).await.expect("it can be evicted");
        }
        Act::DeletePod => {
            pods.delete(&pod, &DeleteParams::default()).await.expect("it can be deleted");
        }
        Act::DeleteJob => {
            let jobs: Api<Job> = Api::namespaced(client.clone(), job.namespace());
            let how = DeleteParams::background();
            jobs.delete(job.name(), &how).await.expect("it can be deleted");
        }
        Act::Create(objects) => create(&objects),
        Act::Attach(node) => attach(client, &node).await,
    }
}

/// Say of a volume what the driver of its storage would.
async fn attach(client: &Client, node: &str) {
    let all: Api<VolumeAttachment> = Api::all(client.clone());
    let name = until("a volume is to be attached", async || {
        let found = all.list(&ListParams::default()).await.expect("they can be listed").items;
        found.into_iter().find(|one| one.spec.node_name == node)?.metadata.name
    })
    .await;
    let attached = Patch::Merge(json!({"status": {"attached": true}}));
    let patched = all.patch_status(&name, &PatchParams::default(), &attached).await;
    patched.expect("it can be told to be attached");
}

/// Let go of a Job and its Pods, whatever keeps them.
pub async fn let_go(client: &Client, job: &Submitted) {
    let jobs: Api<Job> = Api::namespaced(client.clone(), job.namespace());
    let pods: Api<Pod> = Api::namespaced(client.clone(), job.namespace());
    let (how, none) =
        (PatchParams::default(), Patch::Merge(json!({"metadata": {"finalizers": null}})));
    let _ = jobs.patch(job.name(), &how, &none).await;
    for pod in of(&pods, job).await {
        let foreign =
            pod.metadata.finalizers.iter().flatten().any(|one| one.starts_with("example"));
        if let Some(name) = pod.metadata.name.filter(|_| foreign) {
            let _ = pods.patch(&name, &how, &none).await;
        }
    }
}

async fn of(pods: &Api<Pod>, job: &Submitted) -> Vec<Pod> {
    let mine = ListParams::default().labels(&format!("job-name={}", job.name()));
    pods.list(&mine).await.expect("Pods can be listed").items
}
