//! Dry runs: of the Job, with strict fields, and of its Pod, which meets quotas, ranges, Pod Security
//! and webhooks only when it is created.

use super::{Check, CheckResult, NO_DRY_RUN};
use crate::cluster::{Cluster, ClusterError};
use crate::diagnosis::{Cause, Diagnosis, Diagnostics, Fact, Source, Subject, Wants};
use crate::job::Admitted;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::PostParams;
use serde_json::{Value, json};

impl Cluster {
    pub(super) async fn check_admission(
        &self,
        admitted: &Admitted,
    ) -> Result<[Check; 2], ClusterError> {
        let (job, pod) =
            futures::future::join(self.try_job(admitted), self.try_pod(admitted)).await;
        Ok([Check::of("pod", admitted, pod?), Check::of("job", admitted, job?)])
    }

    async fn try_job(&self, admitted: &Admitted) -> Result<CheckResult, ClusterError> {
        match self.dry_run(admitted).await {
            Ok(_) => Ok(CheckResult::Fine("the cluster admits it".into())),
            Err(ClusterError::Refused { why, .. }) if why.contains(NO_DRY_RUN) => {
                Ok(CheckResult::Open(format!("it cannot be tried: {why}")))
            }
            // Who may not look at the namespace learns of it here.
            Err(ClusterError::Refused { code: 404, why, .. }) if why.starts_with("namespaces ") => {
                let namespace = self.namespace().to_string();
                let error = ClusterError::NoNamespace { namespace, is_deleting: false };
                Ok(CheckResult::Refused(error))
            }
            Err(error @ ClusterError::Refused { .. }) => Ok(CheckResult::Refused(error)),
            Err(error) => Err(error),
        }
    }

    /// Try the Job's Pod as this user, who often may not create Pods, and may be ruled otherwise
    /// than the controller of Jobs.
    async fn try_pod(&self, admitted: &Admitted) -> Result<CheckResult, ClusterError> {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), self.namespace().as_str());
        let Ok(pod) = serde_json::from_value(pod(admitted.job().json())) else {
            return Ok(CheckResult::Open("it cannot be tried".into()));
        };
        let params = PostParams { dry_run: true, ..PostParams::default() };
        let status = match api.create(&params, &pod).await {
            Ok(_) => return Ok(CheckResult::Fine("the cluster admits it".into())),
            Err(kube::Error::Api(status)) => status,
            Err(error) => return Err(self.error("admit the Pod in a dry run", error)),
        };
        let why = &status.message;
        if why.contains("cannot create resource") || why.contains(NO_DRY_RUN) || status.code == 404
        {
            return Ok(CheckResult::Open("it may not be tried".into()));
        }
        let fact = Fact {
            about: Subject::Job,
            source: Source::Event,
            reason: "FailedCreate".into(),
            message: format!("Error creating: {why}"),
        };
        let mut diagnostics = Diagnostics::default();
        diagnostics.set_wants(Wants::new(admitted.job()));
        let Some(diagnosis) = diagnostics.observe(&fact) else {
            return Ok(CheckResult::Open(why.clone()));
        };
        let Diagnosis { cause, summary, remedy, command, .. } = diagnosis;
        let command = command.map(|words| self.kubectl(&words));
        let is_certain = matches!(
            cause,
            Cause::QuotaTooSmall
                | Cause::ResourcesDemanded
                | Cause::LimitRange
                | Cause::PodSecurity
        );
        Ok(if is_certain {
            let cause = cause.as_str();
            let error = ClusterError::NotAdmitted { cause, why: summary, remedy, command };
            CheckResult::Refused(error)
        } else {
            CheckResult::Warning { message: summary, hint: remedy, command }
        })
    }
}

/// The Pod that a Job makes.
fn pod(job: &Value) -> Value {
    let template = &job["spec"]["template"];
    let mut metadata = template["metadata"].clone();
    if !metadata.is_object() {
        metadata = json!({});
    }
    metadata["generateName"] = "mlcube-".into();
    json!({"metadata": metadata, "spec": template["spec"]})
}
