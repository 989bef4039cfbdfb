//! The claims of Jobs: they exist, and have a volume or get one when a Pod comes.

use super::{Check, CheckResult};
use crate::cluster::{Cluster, ClusterError};
use crate::job::{Admitted, MissingClaims, claims_of};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::api::storage::v1::StorageClass;
use kube::Api;
use kube::api::ListParams;

/// The name that stands for no provisioner at all.
const NOBODY: &str = "kubernetes.io/no-provisioner";

/// What there is of a claim.
enum Look {
    There(Box<PersistentVolumeClaim>),
    Missing,
    Forbidden,
}

impl Cluster {
    pub(super) async fn check_claims(
        &self,
        jobs: &[Admitted],
        missing: &MissingClaims,
    ) -> Result<Vec<Check>, ClusterError> {
        let claims = claims_of(jobs);
        let looks = try_join_all(claims.iter().map(|claim| self.look(claim))).await?;
        let (mut checks, mut lacking) = (Vec::new(), Vec::new());
        for (claim, look) in claims.iter().copied().zip(looks) {
            match (look, missing) {
                (Look::There(found), _) => {
                    checks.push(Check::new("claim", self.state(claim, &found).await?));
                }
                (Look::Missing | Look::Forbidden, MissingClaims::Created(_)) => lacking.push(claim),
                (Look::Missing, MissingClaims::Refused { creating }) => {
                    let refused = self.no_claim(claim, creating.clone()).await;
                    checks.push(Check::new("claim", CheckResult::Refused(refused)));
                }
                // The Pod's own events will show the fault.
                (Look::Forbidden, MissingClaims::Refused { .. }) => {
                    let open = CheckResult::Open(format!("`{claim}` may not be looked at"));
                    checks.push(Check::new("claim", open));
                }
            }
        }
        if let MissingClaims::Created(new) = missing {
            checks.extend(self.check_new_claims(&claims, &lacking, new).await?);
        }
        Ok(checks)
    }

    async fn look(&self, claim: &str) -> Result<Look, ClusterError> {
        match self.look_for_claim(claim).await {
            Ok(Some(found)) => Ok(Look::There(Box::new(found))),
            Ok(None) => Ok(Look::Missing),
            Err(kube::Error::Api(status)) if status.code == 403 => Ok(Look::Forbidden),
            Err(error) => Err(self.error(format!("look for the claim `{claim}`"), error)),
        }
    }

    async fn no_claim(&self, claim: &str, creating: Option<String>) -> ClusterError {
        let api: Api<PersistentVolumeClaim> =
            Api::namespaced(self.client.clone(), self.namespace().as_str());
        let claims = api.list(&ListParams::default().limit(20)).await;
        let claims = claims.map(|list| list.items).unwrap_or_default();
        let known = claims.into_iter().filter_map(|claim| claim.metadata.name).collect();
        let (claim, namespace) = (claim.to_owned(), self.namespace().to_string());
        ClusterError::NoClaim { claim, namespace, known, creating }
    }

    async fn state(
        &self,
        claim: &str,
        found: &PersistentVolumeClaim,
    ) -> Result<CheckResult, ClusterError> {
        let command = Some(self.kubectl(&format!("describe persistentvolumeclaims {claim}")));
        let warning = |what: &str, hint: &str| CheckResult::Warning {
            message: format!("claim `{claim}` {what}"),
            hint: hint.into(),
            command: command.clone(),
        };
        if found.metadata.deletion_timestamp.is_some() {
            return Ok(warning("is being deleted", "use another claim"));
        }
        let phase = found.status.as_ref().and_then(|status| status.phase.as_deref());
        match phase {
            Some("Bound") => return Ok(CheckResult::Fine(format!("`{claim}` is bound"))),
            Some("Lost") => {
                return Ok(warning("has lost its volume", "use another claim"));
            }
            _ => {}
        }
        let class = found.spec.as_ref().and_then(|spec| spec.storage_class_name.clone());
        let Some(class) = class.filter(|class| !class.is_empty()) else {
            let hint = "a volume that fits must be made by hand: it has no storage class";
            return Ok(warning("is not bound", hint));
        };
        let classes: Api<StorageClass> = Api::all(self.client.clone());
        Ok(match classes.get_opt(&class).await {
            Ok(Some(found))
                if found.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer") =>
            {
                CheckResult::Fine(format!("`{claim}` gets its volume when the Pod comes"))
            }
            Ok(Some(found)) if found.provisioner == NOBODY => warning(
                "is not bound",
                "its storage class makes no volumes: one that fits must be made by hand",
            ),
            Ok(Some(_)) => warning("is not bound", "its storage class has not made a volume yet"),
            Ok(None) => {
                warning("is not bound", &format!("its storage class `{class}` does not exist"))
            }
            Err(kube::Error::Api(_)) => CheckResult::Open(format!(
                "`{claim}` is not bound, and its class may not be looked at"
            )),
            Err(error) => {
                return Err(self.error(format!("look for the storage class `{class}`"), error));
            }
        })
    }
}
