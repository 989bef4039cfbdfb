//! Checks before anything is submitted: the user has the permissions, and the claims exist. A Job
//! that could never run is better refused now than pending for ever.

use super::{Cluster, ClusterError};
use crate::job::Admitted;
use futures::future::try_join_all;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::Api;
use kube::api::{ListParams, PostParams};

/// The permissions that a run needs: verb, group, resource, sub-resource.
const RIGHTS: [(&str, &str, &str, &str); 5] = [
    ("create", "batch", "jobs", ""),
    ("list", "batch", "jobs", ""),
    ("watch", "batch", "jobs", ""),
    ("watch", "", "pods", ""),
    ("get", "", "pods", "log"),
];

impl Cluster {
    /// Check that the Jobs can be submitted and watched, and that their claims exist.
    pub async fn preflight(&self, jobs: &[Admitted]) -> Result<(), ClusterError> {
        self.check_rights().await?;
        for claim in jobs.iter().flat_map(|admitted| admitted.job().claims()) {
            self.check_claim(claim).await?;
        }
        Ok(())
    }

    async fn check_rights(&self) -> Result<(), ClusterError> {
        let answers = try_join_all(RIGHTS.map(|right| self.has_right(right))).await?;
        let missing: Vec<String> = RIGHTS
            .iter()
            .zip(answers)
            .filter(|(_, has)| !has)
            .map(|(right, _)| name(right))
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(ClusterError::NoRights { namespace: self.namespace().to_string(), missing })
        }
    }

    async fn has_right(&self, right: (&str, &str, &str, &str)) -> Result<bool, ClusterError> {
        let (verb, group, resource, subresource) = right;
        let attributes = ResourceAttributes {
            namespace: Some(self.namespace().to_string()),
            verb: Some(verb.into()),
            group: Some(group.into()),
            resource: Some(resource.into()),
            subresource: Some(subresource.to_owned()).filter(|name| !name.is_empty()),
            ..ResourceAttributes::default()
        };
        let spec = SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..Default::default()
        };
        let review = SelfSubjectAccessReview { spec, ..Default::default() };
        let api: Api<SelfSubjectAccessReview> = Api::all(self.client.clone());
        match api.create(&PostParams::default(), &review).await {
            Ok(review) => Ok(review.status.is_some_and(|status| status.allowed)),
            // A cluster that forbids this query will answer the real request.
            Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404) => Ok(true),
            Err(error) => Err(self.error("check the permissions", error)),
        }
    }

    async fn check_claim(&self, claim: &str) -> Result<(), ClusterError> {
        let api: Api<PersistentVolumeClaim> =
            Api::namespaced(self.client.clone(), self.namespace().as_str());
        match api.get_opt(claim).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => {
                let claims = api
                    .list(&ListParams::default().limit(20))
                    .await
                    .map(|list| list.items)
                    .unwrap_or_default();
                let known = claims.into_iter().filter_map(|claim| claim.metadata.name).collect();
                Err(ClusterError::NoClaim {
                    claim: claim.to_owned(),
                    namespace: self.namespace().to_string(),
                    known,
                })
            }
            // Without the permission to read claims, the Pod's own events will show the fault.
            Err(kube::Error::Api(status)) if status.code == 403 => Ok(()),
            Err(error) => Err(self.error(format!("look for the claim `{claim}`"), error)),
        }
    }
}

fn name((verb, group, resource, subresource): &(&str, &str, &str, &str)) -> String {
    let resource = if subresource.is_empty() {
        (*resource).to_owned()
    } else {
        format!("{resource}/{subresource}")
    };
    if group.is_empty() {
        format!("`{verb} {resource}`")
    } else {
        format!("`{verb} {resource}.{group}`")
    }
}
