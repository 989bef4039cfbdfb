//! Creating the Job: once. It has its name before anything is sent, so an answer that is lost,
//! unclear or passing is cleared up, or the request is sent again: under one name there is one Job.

use super::answer::{self, Answer};
use super::interrupt::Interrupts;
use super::pace::{Bounds, Pace};
use super::{Cluster, ClusterError, facts};
use crate::event::{Event, JobRef};
use crate::job::{Admitted, Job, Origin, Place, RunId};
use k8s_openapi::api::batch::v1 as batch;
use kube::Api;
use kube::api::{ListParams, PostParams};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// A Job under the name that it will have in the cluster: whatever happens to a request or its
/// answer, the name says whether it is there.
#[derive(Clone, Debug)]
pub struct Submission {
    job: Job,
    run: RunId,
    bounds: Bounds,
}

impl Submission {
    /// A new name for an admitted Job.
    pub fn new(admitted: &Admitted) -> Self {
        let run = RunId::random();
        let job = admitted.stamped().named_for(&run);
        Self { job, run, bounds: Bounds::default() }
    }

    /// A new name for a Job that carries data; it asks for no device.
    pub fn of_helper(admitted: &Admitted) -> Self {
        let submission = Self::new(admitted);
        Self { job: submission.job.without_devices(), ..submission }
    }

    /// With other bounds than usual.
    pub fn within(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// The Job as it is sent.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// The time in which the Job cannot have come and gone again by itself, so that to send it
    /// again cannot run it twice.
    fn safe(&self) -> Duration {
        let after_end = self.job.json().pointer("/spec/ttlSecondsAfterFinished");
        after_end.and_then(Value::as_u64).map_or(Duration::MAX, Duration::from_secs)
    }
}

/// A Job that is in the cluster.
#[derive(Clone, Debug)]
pub struct Submitted {
    name: String,
    namespace: String,
    uid: String,
    /// As it was when it was first seen.
    job: Box<batch::Job>,
}

impl Submitted {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Its unique id.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// The Job as it was first seen.
    pub fn job(&self) -> &batch::Job {
        &self.job
    }

    /// The Job as it was first seen, with what this program does not know.
    pub fn draft(&self) -> Job {
        facts::draft(&self.job)
    }

    /// Whether its Pods run one after the other, and one that succeeds is enough.
    pub fn is_one_pod(&self) -> bool {
        let spec = self.job.spec.as_ref();
        let pods = spec.into_iter().flat_map(|spec| [spec.parallelism, spec.completions]);
        pods.flatten().all(|count| count <= 1)
    }

    /// A Job in the answer to its creation.
    pub(super) fn read(bytes: &[u8]) -> serde_json::Result<Self> {
        let job = serde_json::from_slice(bytes)?;
        Self::of(job).ok_or_else(|| serde::de::Error::custom("no name"))
    }

    /// A Job as the API server has it.
    pub(super) fn of(job: batch::Job) -> Option<Self> {
        let metadata = job.metadata.clone();
        let (name, namespace) = (metadata.name?, metadata.namespace?);
        Some(Self { name, namespace, uid: metadata.uid?, job: Box::new(job) })
    }
}

/// The Job of a submission's name.
enum Found {
    Ours(Submitted),
    Foreign,
    Nothing,
}

impl Cluster {
    /// A Job that is about to be sent, and has no unique id yet.
    pub fn reference(&self, Submission { job, .. }: &Submission) -> JobRef {
        let (namespace, name) = (self.namespace().to_string(), job.name().to_owned());
        let (task, back) = (Origin::task_of(job), self.way_back(&name));
        JobRef { namespace, name, uid: String::new(), task, outputs: Place::outputs_of(job), back }
    }

    /// Create the Job, exactly once; none if a signal came before it was created. After a signal
    /// nothing is sent that would create it.
    ///
    /// # Errors
    /// [`ClusterError::Uncertain`] if it is not known whether it was created; with any other error
    /// it was not.
    pub async fn submit(
        &self,
        submission: &Submission,
        interrupts: Interrupts,
        mut emit: impl FnMut(Event),
    ) -> Result<Option<Submitted>, ClusterError> {
        let Bounds { total, grace, .. } = submission.bounds;
        let client = self.client_without_retries();
        let mut pace = Pace::new(submission.bounds, interrupts);
        // When the first request was sent that may have been carried out.
        let mut unclear: Option<Instant> = None;
        loop {
            let sent = Instant::now();
            let request = self.creation(&submission.job)?;
            let attempt = Answer::to(&client, request, Submitted::read);
            let (error, after) = match pace.answer(attempt).await {
                Answer::Created(submitted) => return Ok(Some(submitted)),
                Answer::Refused(error) if unclear.is_none() => {
                    return Err(self.not_created(submission, error));
                }
                Answer::NotNow(error, after) => (error, after),
                // A request before this one decides.
                Answer::Refused(error) => {
                    return self.settle(submission, grace, error).await.map(Some);
                }
                Answer::Exists(error) => {
                    return self.settle(submission, total, error).await.map(Some);
                }
                Answer::Unclear(error, after) => {
                    unclear.get_or_insert(sent);
                    (error, after)
                }
            };
            if unclear.is_some()
                && let Ok(Found::Ours(submitted)) = self.find(submission).await
            {
                return Ok(Some(submitted));
            }
            pace.wait("the Job", &error, after, &mut emit).await;
            let is_over = pace.is_over();
            match unclear {
                None if interrupts.signal().is_some() => return Ok(None),
                None if is_over => return Err(self.not_created(submission, error)),
                Some(_) if is_over => {
                    return self.settle(submission, Duration::ZERO, error).await.map(Some);
                }
                Some(sent) if sent.elapsed() >= submission.safe() => {
                    return self.settle(submission, pace.left(), error).await.map(Some);
                }
                _ => {}
            }
        }
    }

    /// A server-side dry run: the API server checks, defaults and admits the Job without storing
    /// it; gives the Job as it would have been stored.
    pub async fn dry_run(&self, admitted: &Admitted) -> Result<Value, ClusterError> {
        let job = admitted.stamped().named_for(&RunId::random());
        let mut request = self.creation(&job)?;
        let uri = format!("{}&dryRun=All", request.uri());
        *request.uri_mut() = uri.parse().expect("a parameter more is still an address");
        let client = self.client_without_retries();
        let created = client.request::<batch::Job>(request).await;
        let created = created.map_err(|error| self.error("admit the Job in a dry run", error))?;
        Ok(serde_json::to_value(created).expect("a Job is JSON"))
    }

    /// The request that creates a Job.
    fn creation(&self, job: &Job) -> Result<http::Request<Vec<u8>>, ClusterError> {
        let path = format!("/apis/batch/v1/namespaces/{}/jobs", self.namespace());
        let body = job.json().to_string().into_bytes();
        let mut request = kube::core::Request::new(path)
            .create(&PostParams::default(), body)
            .map_err(|error| self.error("create the Job", kube::Error::BuildRequest(error)))?;
        // Without this the API server drops a field that it does not know, as a misspelt one of a
        // patch, without a word (<https://kubernetes.io/docs/reference/using-api/api-concepts/>).
        let strict = format!("{}&fieldValidation=Strict", request.uri());
        *request.uri_mut() = strict.parse().expect("a parameter more is still an address");
        Ok(request)
    }

    /// Find out what a request did that may have been carried out, for so long and once at least.
    async fn settle(
        &self,
        submission: &Submission,
        longest: Duration,
        lost: kube::Error,
    ) -> Result<Submitted, ClusterError> {
        let (start, mut pause) = (Instant::now(), submission.bounds.pause);
        loop {
            let found = self.find(submission).await;
            let look = match found {
                Ok(Found::Ours(submitted)) => return Ok(submitted),
                Ok(Found::Foreign) => return Err(self.not_created(submission, lost)),
                Ok(Found::Nothing) => "no Job of this name is there so far".to_owned(),
                Err(error) => format!("it cannot be looked for: {}", super::words::why(&error)),
            };
            if start.elapsed() >= longest {
                let name = submission.job.name().to_owned();
                let why = format!("{}, and {look}", super::words::why(&lost));
                let (back, source) = (Box::new(self.way_back(&name)), Box::new(lost));
                return Err(ClusterError::Uncertain { name, why, back, source });
            }
            sleep(pause).await;
            pause = (pause * 2).min(submission.bounds.pause * 16);
        }
    }

    /// Look for the Job of a submission, by a right that watching needs too.
    async fn find(&self, submission: &Submission) -> kube::Result<Found> {
        let api: Api<batch::Job> = Api::namespaced(self.client.clone(), self.namespace().as_str());
        let name = format!("metadata.name={}", submission.job.name());
        let listing = timeout(submission.bounds.answer, async {
            api.list(&ListParams::default().fields(&name)).await
        });
        let found = listing.await.map_err(|_| answer::silence())??.items.pop();
        Ok(match found {
            Some(job) if submission.run.is_on(&job.metadata) => {
                Submitted::of(job).map_or(Found::Nothing, Found::Ours)
            }
            Some(_) => Found::Foreign,
            None => Found::Nothing,
        })
    }

    fn not_created(&self, submission: &Submission, error: kube::Error) -> ClusterError {
        self.error(format!("create Job `{}`", submission.job.name()), error)
    }
}
