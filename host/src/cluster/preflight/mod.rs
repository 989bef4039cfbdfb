//! Checks before anything is submitted: a Job that could never run is better refused now than
//! pending for ever. All are made at once; what may not be asked is left open.

mod admission;
mod claims;
mod new_claims;
mod places;
mod quotas;
mod rights;

use super::{Cluster, ClusterError};
use crate::job::{Admitted, Claim, MissingClaims, Origin};
use futures::future::{join_all, try_join5};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;

/// What webhooks that cannot be asked without effect are answered with.
const NO_DRY_RUN: &str = "does not support dry run";

/// What is said of a Job before it is submitted.
#[derive(Debug)]
pub struct Preflight {
    /// The namespace.
    pub namespace: String,
    /// The checks, in the order in which they count.
    pub checks: Vec<Check>,
}

/// A check.
#[derive(Debug)]
pub struct Check {
    /// What is checked, in a word.
    pub name: &'static str,
    /// The task whose Job it is about; none for what all need.
    pub task: Option<String>,
    /// What came of it.
    pub result: CheckResult,
}

/// The result of a check.
#[derive(Debug)]
pub enum CheckResult {
    /// All is well, in a sentence.
    Fine(String),
    /// This claim would be created.
    Planned(Claim),
    /// It may not be asked, or cannot be known.
    Open(String),
    /// It may go wrong.
    Warning {
        /// What, in a sentence.
        message: String,
        /// What to do.
        hint: String,
        /// A command that helps.
        command: Option<String>,
    },
    /// It would go wrong.
    Refused(ClusterError),
}

impl Preflight {
    /// The warnings, and the error that counts if there is one.
    pub fn verdict(self) -> (Vec<String>, Result<(), ClusterError>) {
        let (mut warnings, mut refused) = (Vec::new(), Ok(()));
        for check in self.checks {
            match check.result {
                CheckResult::Warning { message, hint, .. } => {
                    warnings.push(format!("{message}: {hint}"));
                }
                CheckResult::Refused(error) if refused.is_ok() => refused = Err(error),
                _ => {}
            }
        }
        (warnings, refused)
    }

    /// The claims that would be created.
    pub fn planned(&self) -> impl Iterator<Item = &Claim> {
        self.checks.iter().filter_map(|check| match &check.result {
            CheckResult::Planned(claim) => Some(claim),
            _ => None,
        })
    }

    /// Whether no check has refused.
    pub fn is_passed(&self) -> bool {
        !self.checks.iter().any(|check| matches!(check.result, CheckResult::Refused(_)))
    }
}

impl Check {
    fn new(name: &'static str, result: CheckResult) -> Self {
        Self { name, task: None, result }
    }

    fn of(name: &'static str, job: &Admitted, result: CheckResult) -> Self {
        Self { name, task: Some(Origin::task_of(job.job())), result }
    }
}

impl Cluster {
    /// Check that the Jobs can be submitted, watched, and run, as far as it can be known, and that
    /// missing claims can be created if they are to be.
    pub async fn preflight(
        &self,
        jobs: &[Admitted],
        missing: &MissingClaims,
    ) -> Result<Preflight, ClusterError> {
        let namespace = self.namespace().to_string();
        let common = try_join5(
            self.check_namespace(),
            self.check_rights(),
            self.check_claims(jobs, missing),
            self.check_quotas(jobs),
            self.check_nodes(jobs),
        );
        let each = join_all(jobs.iter().map(|job| self.check_admission(job)));
        let (common, each) = futures::future::join(common, each).await;
        let (exists, rights, claims, quotas, nodes) = common?;
        if matches!(exists.result, CheckResult::Refused(_)) {
            // Nothing that was asked of it has a meaning.
            return Ok(Preflight { namespace, checks: vec![exists] });
        }
        let mut checks = vec![exists, rights.0, rights.1];
        checks.extend(claims);
        checks.extend(quotas);
        for admission in each {
            checks.extend(admission?);
        }
        checks.extend(nodes);
        Ok(Preflight { namespace, checks })
    }

    async fn check_namespace(&self) -> Result<Check, ClusterError> {
        let name = self.namespace();
        let api: Api<Namespace> = Api::all(self.client.clone());
        let result = match api.get_opt(name.as_str()).await {
            Ok(Some(found)) if found.metadata.deletion_timestamp.is_some() => {
                let namespace = name.to_string();
                CheckResult::Refused(ClusterError::NoNamespace { namespace, is_deleting: true })
            }
            Ok(Some(_)) => CheckResult::Fine(format!("`{name}` exists")),
            Ok(None) => {
                let namespace = name.to_string();
                CheckResult::Refused(ClusterError::NoNamespace { namespace, is_deleting: false })
            }
            Err(kube::Error::Api(status)) if status.code == 403 => {
                CheckResult::Open(format!("`{name}` may not be looked at"))
            }
            Err(error) => return Err(self.error(format!("look for the namespace `{name}`"), error)),
        };
        Ok(Check::new("namespace", result))
    }
}
