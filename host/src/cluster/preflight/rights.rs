//! The permissions that a run needs.

use super::{Check, CheckResult};
use crate::cluster::events::UNREAD;
use crate::cluster::{Cluster, ClusterError};
use futures::future::try_join_all;
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
        let all = NEEDED.into_iter().chain(OF_USE);
        let answers = try_join_all(all.map(|right| self.has_right(right))).await?;
        let (needed, of_use) = answers.split_at(NEEDED.len());
        let missing = |rights: &[Right], answers: &[bool]| -> Vec<String> {
            let missing = rights.iter().zip(answers).filter(|(_, has)| !**has);
            missing.map(|(right, _)| name(right)).collect()
        };
        let namespace = self.namespace().to_string();
        let lacks = missing(&NEEDED, needed);
        let needed = if lacks.is_empty() {
            let names: Vec<_> = NEEDED.iter().map(name).collect();
            CheckResult::Fine(names.join(", "))
        } else {
            CheckResult::Refused(ClusterError::NoRights { namespace, missing: lacks })
        };
        let lacks = missing(&OF_USE, of_use);
        let of_use = if lacks.is_empty() {
            let names: Vec<_> = OF_USE.iter().map(name).collect();
            CheckResult::Fine(names.join(", "))
        } else if lacks.iter().any(|right| right.contains("events")) {
            let hint = "ask the cluster's administrator for a role with these verbs".into();
            CheckResult::Warning { message: UNREAD.into(), hint, command: None }
        } else {
            CheckResult::Open(format!("missing, but not needed: {}", lacks.join(", ")))
        };
        Ok((Check::new("rights", needed), Check::new("events", of_use)))
    }

    /// Check the permissions that carrying data needs besides.
    pub async fn check_carrying(&self) -> Result<(), ClusterError> {
        let answers = try_join_all(CARRYING.map(|right| self.has_right(right))).await?;
        let lacks = CARRYING.iter().zip(answers).filter(|(_, has)| !has);
        let missing: Vec<_> = lacks.map(|(right, _)| name(right)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(ClusterError::NoRights { namespace: self.namespace().to_string(), missing })
    }

    pub(super) async fn has_right(&self, right: Right) -> Result<bool, ClusterError> {
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
pub(super) fn name((verb, group, resource, subresource): &Right) -> String {
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
