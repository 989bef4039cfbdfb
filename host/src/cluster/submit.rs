//! Creating the Job: once. The Job gets a name of its own before it is sent, so that a lost
//! response can be resolved by looking for that name; the create call itself is never repeated.

use super::{Cluster, ClusterError};
use crate::event::JobRef;
use crate::job::{Admitted, Job, Origin, Output, RunId};
use k8s_openapi::api::batch::v1 as batch;
use kube::Api;
use kube::api::PostParams;
use serde_json::Value;

/// A Job that is in the cluster.
#[derive(Clone, Debug)]
pub struct Submitted {
    name: String,
    namespace: String,
    uid: String,
    /// As it was when it was created.
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

    /// Whether its Pods run one after the other, and one that succeeds is enough.
    pub fn is_one_pod(&self) -> bool {
        let spec = self.job.spec.as_ref();
        let pods = spec.into_iter().flat_map(|spec| [spec.parallelism, spec.completions]);
        pods.flatten().all(|count| count <= 1)
    }
}

impl Submitted {
    /// The Job by name, and the task that it runs.
    pub fn reference(&self, admitted: &Admitted) -> JobRef {
        let Self { name, namespace, uid, .. } = self.clone();
        let job = admitted.job();
        JobRef { namespace, name, uid, task: Origin::task_of(job), outputs: Output::all_of(job) }
    }
}

impl Cluster {
    /// Create the Job, exactly once.
    pub async fn submit(&self, admitted: &Admitted) -> Result<Submitted, ClusterError> {
        let run = RunId::random();
        let job = admitted.stamped().named_for(&run);
        match self.create(&job, false).await {
            Ok(created) => Ok(submitted(created)),
            Err(error) if is_lost(&error) => self.find(job.name(), &run, error).await,
            Err(error) => Err(self.error(format!("create Job `{}`", job.name()), error)),
        }
    }

    /// A server-side dry run: the API server checks, defaults and admits the Job without storing
    /// it; gives the Job as it would have been stored.
    pub async fn dry_run(&self, admitted: &Admitted) -> Result<Value, ClusterError> {
        let job = admitted.stamped().named_for(&RunId::random());
        let created = self
            .create(&job, true)
            .await
            .map_err(|error| self.error("admit the Job in a dry run", error))?;
        Ok(serde_json::to_value(created).expect("a Job is JSON"))
    }

    async fn create(&self, job: &Job, dry_run: bool) -> Result<batch::Job, kube::Error> {
        let mut request = kube::core::Request::new(format!(
            "/apis/batch/v1/namespaces/{}/jobs",
            self.namespace()
        ))
        .create(
            &PostParams { dry_run, ..PostParams::default() },
            job.json().to_string().into_bytes(),
        )
        .map_err(kube::Error::BuildRequest)?;
        // Without this the API server drops a field that it does not know, as a misspelt one of a
        // patch, without a word (<https://kubernetes.io/docs/reference/using-api/api-concepts/>).
        let strict = format!("{}&fieldValidation=Strict", request.uri());
        *request.uri_mut() = strict.parse().expect("a parameter more is still an address");
        self.client_without_retries().request(request).await
    }

    /// Resolve a lost response: check whether a Job of this name and run exists.
    async fn find(
        &self,
        name: &str,
        run: &RunId,
        lost: kube::Error,
    ) -> Result<Submitted, ClusterError> {
        let api: Api<batch::Job> = Api::namespaced(self.client.clone(), self.namespace().as_str());
        match api.get_opt(name).await {
            Ok(Some(job)) if run.is_on(&job.metadata) => Ok(submitted(job)),
            Ok(_) => Err(self.error(format!("create Job `{name}`; nothing was created"), lost)),
            Err(error) => Err(ClusterError::Uncertain {
                name: name.to_owned(),
                namespace: self.namespace().to_string(),
                why: super::words::why(&error),
                source: error.into(),
            }),
        }
    }
}

fn submitted(job: batch::Job) -> Submitted {
    let metadata = job.metadata.clone();
    Submitted {
        name: metadata.name.unwrap_or_default(),
        namespace: metadata.namespace.unwrap_or_default(),
        uid: metadata.uid.unwrap_or_default(),
        job: Box::new(job),
    }
}

/// Whether the request may have been carried out although it failed: no response, or one from a
/// proxy before the API server.
fn is_lost(error: &kube::Error) -> bool {
    match error {
        kube::Error::Api(status) => {
            matches!(status.code, 500 | 502 | 503 | 504) || status.code == 409
        }
        _ => true,
    }
}
