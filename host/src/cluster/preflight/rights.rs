//! The permissions that a run needs.

use super::{Check, CheckResult};
use crate::cluster::events::UNREAD;
use crate::cluster::{Cluster, ClusterError};
use futures::future::{try_join, try_join_all};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::Api;
use kube::api::PostParams;

/// A permission: verb, group, resource, sub-resource.
pub(super) type Right = (&'static str, &'static str, &'static str, &'static str);

/// Without these nothing is submitted.
const NEEDED: [Right; 6] = [
    ("create", "batch", "jobs", ""),
    ("list", "batch", "jobs", ""),
    ("watch", "batch", "jobs", ""),
    ("list", "", "pods", ""),
    ("watch", "", "pods", ""),
    ("get", "", "pods", "log"),
];
/// Without these no data is carried. The first alone was enough before Kubernetes 1.35.
const CARRYING: [Right; 2] = [("get", "", "pods", "exec"), ("create", "", "pods", "exec")];
/// Without these less is told.
const OF_USE: [Right; 2] = [("list", "", "events", ""), ("watch", "", "events", "")];

impl Cluster {
    pub(super) async fn check_rights(&self) -> Result<(Check, Check), ClusterError> {
        let (lacks, lacks_of_use) = try_join(self.lacking(&NEEDED), self.lacking(&OF_USE)).await?;
        let namespace = self.namespace().to_string();
        let needed = if lacks.is_empty() {
            let names: Vec<_> = NEEDED.iter().map(name).collect();
            CheckResult::Fine(names.join(", "))
        } else {
            CheckResult::Refused(ClusterError::NoRights { namespace, missing: lacks })
        };
        let of_use = if lacks_of_use.is_empty() {
            let names: Vec<_> = OF_USE.iter().map(name).collect();
            CheckResult::Fine(names.join(", "))
        } else if lacks_of_use.iter().any(|right| right.contains("events")) {
            let hint = "ask the cluster's administrator for a role with these verbs".into();
            CheckResult::Warning { message: UNREAD.into(), hint, command: None }
        } else {
            CheckResult::Open(format!("missing, but not needed: {}", lacks_of_use.join(", ")))
        };
        Ok((Check::new("rights", needed), Check::new("events", of_use)))
    }

    /// Check the permissions that carrying data needs besides.
    pub async fn check_carrying(&self) -> Result<(), ClusterError> {
        let missing = self.lacking(&CARRYING).await?;
        if missing.is_empty() {
            return Ok(());
        }
        Err(ClusterError::NoRights { namespace: self.namespace().to_string(), missing })
    }

    /// Which of some rights are missing, in words.
    pub(super) async fn lacking(&self, rights: &[Right]) -> Result<Vec<String>, ClusterError> {
        let answers = try_join_all(rights.iter().map(|right| self.has_right(*right))).await?;
        let lacking = rights.iter().zip(answers).filter(|(_, has)| !has);
        Ok(lacking.map(|(right, _)| name(right)).collect())
    }

    async fn has_right(&self, right: Right) -> Result<bool, ClusterError> {
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
}

/// A right in words.
fn name((verb, group, resource, subresource): &Right) -> String {
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
