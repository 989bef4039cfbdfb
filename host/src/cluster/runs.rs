//! The runs in a namespace, from whatever machine: found by the label that each Job carries, and by
//! rights that watching a run needs too.

use super::watches::pods_of;
use super::{Cluster, ClusterError, Submitted, facts};
use crate::event::JobRef;
use crate::job::{HELPER, PREFIX, Place, RUN};
use crate::outcome::JobFacts;
use crate::yaml::nearest;
use jiff::Timestamp;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

/// The Jobs of one response.
const PAGE: u32 = 500;
/// The most runs that are listed.
const MOST: usize = 5_000;
/// What is done when the Pods of a Job are listed.
pub const LIST_PODS: &str = "list the Pods of the Job";

/// A run, as its Job has it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The name of the Job.
    pub job: String,
    /// Its namespace.
    pub namespace: String,
    /// Its unique id.
    pub uid: String,
    /// The cube.
    pub cube: String,
    /// The task.
    pub task: String,
    /// How far it is.
    pub state: RunState,
    /// Why it failed, in a word of Kubernetes.
    pub reason: Option<String>,
    /// Why it failed, in a sentence.
    pub message: Option<String>,
    /// When the Job was created.
    pub created: Option<Timestamp>,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Where its outputs are.
    #[serde(skip)]
    pub outputs: Vec<Place>,
    /// Its Job, to be watched.
    #[serde(skip)]
    pub submitted: Submitted,
}

/// A Pod of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RunPod {
    /// Its name.
    pub name: String,
    /// Its phase, or why it waits.
    pub phase: String,
    /// Its node.
    pub node: Option<String>,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Its Job is suspended.
    Queued,
    /// No Pod of it is ready yet.
    Pending,
    /// A Pod of it is ready.
    Running,
    /// Its end is decided, and its Pods are ending; or its Job is being removed.
    Ending,
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
}

impl RunState {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Ending => "ending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing of it runs any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }

    fn of(job: &Job, facts: &JobFacts) -> Self {
        let status = job.status.as_ref();
        let is_ready = status.and_then(|status| status.ready).is_some_and(|count| count > 0);
        let has = |kind| facts.condition(kind).is_some();
        match () {
            () if has("Complete") => Self::Succeeded,
            () if has("Failed") => Self::Failed,
            () if facts.is_deleting || has("SuccessCriteriaMet") || has("FailureTarget") => {
                Self::Ending
            }
            () if facts.suspended => Self::Queued,
            () if is_ready => Self::Running,
            () => Self::Pending,
        }
    }
}

impl Run {
    fn of(job: &Job) -> Option<Self> {
        let metadata = &job.metadata;
        let label = metadata.labels.as_ref().and_then(|labels| labels.get(&key(RUN)));
        label?;
        let note = |name: &str| {
            let notes = metadata.annotations.as_ref();
            notes.and_then(|notes| notes.get(&key(name))).cloned().unwrap_or_default()
        };
        let facts = facts::job(job);
        let status = job.status.as_ref();
        let failed = ["Failed", "FailureTarget"].into_iter().find_map(|kind| facts.condition(kind));
        let time = |time: Option<&Time>| time.map(|time| time.0);
        let end = facts.conditions.iter().find(|one| one.is_true && one.kind == "Failed");
        let end = end.and(status).and_then(|status| {
            let conditions = status.conditions.iter().flatten();
            conditions
                .filter(|one| one.type_ == "Failed")
                .find_map(|one| time(one.last_transition_time.as_ref()))
        });
        Some(Self {
            outputs: Place::outputs_of(&facts::draft(job)),
            submitted: Submitted::of(job.clone())?,
            job: metadata.name.clone()?,
            namespace: metadata.namespace.clone()?,
            uid: metadata.uid.clone()?,
            cube: note("cube"),
            task: note("task"),
            state: RunState::of(job, &facts),
            reason: failed.map(|one| one.reason.clone()),
            message: failed.map(|one| one.message.clone()),
            created: time(metadata.creation_timestamp.as_ref()),
            started: time(status.and_then(|status| status.start_time.as_ref())),
            ended: time(status.and_then(|status| status.completion_time.as_ref())).or(end),
        })
    }
}

/// Why a Pod waits, in a word, if it does.
fn waiting(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let conditions = status.conditions.iter().flatten();
    let mut conditions =
        conditions.filter(|one| one.type_ == "PodScheduled" && one.status == "False");
    let unscheduled = conditions.next().and_then(|condition| condition.reason.clone());
    let containers = status.init_container_statuses.iter().chain(&status.container_statuses);
    let reasons = containers
        .flatten()
        .filter_map(|container| container.state.as_ref()?.waiting.as_ref()?.reason.clone());
    unscheduled.or(reasons.into_iter().next())
}

fn key(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// What selects the Jobs of runs: those that carry data to them are none.
fn selector() -> String {
    format!("{},!{}", key(RUN), key(HELPER))
}

impl Cluster {
    /// The runs in the namespace, the newest first.
    pub async fn runs(&self) -> Result<Vec<Run>, ClusterError> {
        let mut params = ListParams::default().labels(&selector()).limit(PAGE);
        let mut runs = Vec::new();
        loop {
            let page = self.jobs().list(&params).await;
            let page = page.map_err(|error| self.error("list the Jobs of runs", error))?;
            runs.extend(page.items.iter().filter_map(Run::of));
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) if runs.len() < MOST => params = params.continue_token(&token),
                _ => break,
            }
        }
        runs.sort_by_key(|run| std::cmp::Reverse(run.created));
        Ok(runs)
    }

    /// The run of a name, if it is there.
    pub async fn find_run(&self, name: &str) -> Result<Option<Run>, ClusterError> {
        let params = ListParams::default().fields(&format!("metadata.name={name}"));
        let found = self.jobs().list(&params).await;
        let found = found.map_err(|error| self.error(format!("look for Job `{name}`"), error))?;
        Ok(found.items.first().and_then(Run::of))
    }

    /// The Job of a run as it is now, if it is there.
    pub(super) async fn job_of(&self, job: &Submitted) -> kube::Result<Option<Job>> {
        let params = ListParams::default().fields(&format!("metadata.name={}", job.name()));
        let found = self.jobs().list(&params).await?.items.into_iter().next();
        Ok(found.filter(|found| found.metadata.uid.as_deref() == Some(job.uid())))
    }

    /// The run of a name; the error names the nearest, and lists what there is.
    pub async fn run(&self, name: &str) -> Result<Run, ClusterError> {
        if let Some(run) = self.find_run(name).await? {
            return Ok(run);
        }
        let runs = self.runs().await?;
        let known = runs.iter().map(|run| run.job.as_str());
        let hint = nearest::advice(name, known);
        Err(self.no_run(format!("there is no run `{name}`"), hint))
    }

    /// The error of a run that is not there, with the runs that are.
    pub async fn no_such_run(&self, what: String) -> ClusterError {
        let runs = self.runs().await.unwrap_or_default();
        let known: Vec<_> = runs.iter().map(|run| run.job.as_str()).collect();
        let hint = (!known.is_empty()).then(|| nearest::expected(&known));
        self.no_run(what, hint)
    }

    fn no_run(&self, what: String, hint: Option<String>) -> ClusterError {
        ClusterError::NoRun { what, namespace: self.namespace().to_string(), hint }
    }

    /// The Pods of a run, the oldest first.
    pub(super) async fn pods_of(&self, job: &Submitted) -> kube::Result<Vec<Pod>> {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), job.namespace());
        let mut pods = api.list(&ListParams::default().labels(&pods_of(job))).await?.items;
        pods.sort_by_key(|pod| pod.metadata.creation_timestamp.clone());
        Ok(pods)
    }

    /// How far the Pods of a run are.
    pub async fn run_pods(&self, job: &Submitted) -> Result<Vec<RunPod>, ClusterError> {
        let of = |pod: &Pod| {
            let phase = pod.status.as_ref().and_then(|status| status.phase.clone());
            let waiting = waiting(pod).filter(|reason| !reason.is_empty());
            RunPod {
                name: pod.metadata.name.clone().unwrap_or_default(),
                phase: waiting.or(phase).unwrap_or_default(),
                node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
            }
        };
        let pods = self.pods_of(job).await.map_err(|error| self.error(LIST_PODS, error))?;
        Ok(pods.iter().map(of).collect())
    }

    /// A run by name, and the way back to it.
    pub fn reference_of(&self, run: &Run) -> JobRef {
        JobRef {
            namespace: run.namespace.clone(),
            name: run.job.clone(),
            uid: run.uid.clone(),
            task: run.task.clone(),
            outputs: run.outputs.clone(),
            back: self.way_back(&run.job),
        }
    }

    pub(super) fn jobs(&self) -> Api<Job> {
        Api::namespaced(self.client.clone(), self.namespace().as_str())
    }
}
