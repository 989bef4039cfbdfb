//! Creating the claims that Jobs name and the namespace does not have. A claim is created under its
//! name or found under it, so an answer that is lost, unclear or passing is cleared up by the next.

use super::answer::{self, Answer};
use super::interrupt::Interrupts;
use super::pace::{Bounds, Pace};
use super::{Cluster, ClusterError};
use crate::diagnosis::{Diagnosis, Diagnostics, Fact, Source, Subject};
use crate::event::Event;
use crate::job::{Admitted, Claim, ClaimState, NewClaims, RunId, claims_of};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::Api;
use kube::api::PostParams;
use tokio::time::timeout;

impl Cluster {
    /// Create the claims that the Jobs name and the namespace does not have; each is told, created
    /// or found. Gives whether all are there: they are not if a signal came before, after which
    /// none is created.
    ///
    /// # Errors
    /// [`ClusterError::UncertainClaim`] if it is not known whether one was created; with any other
    /// error it was not.
    pub async fn create_claims(
        &self,
        jobs: &[Admitted],
        new: &NewClaims,
        interrupts: Interrupts,
        mut emit: impl FnMut(Event),
    ) -> Result<bool, ClusterError> {
        for name in claims_of(jobs) {
            let Some((claim, state)) = self.claim(name, new, interrupts, &mut emit).await? else {
                return Ok(false);
            };
            emit(Event::Claim { claim, state });
        }
        Ok(true)
    }

    /// Find a claim or create it; none if a signal came before.
    async fn claim(
        &self,
        name: &str,
        new: &NewClaims,
        interrupts: Interrupts,
        emit: &mut impl FnMut(Event),
    ) -> Result<Option<(Claim, ClaimState)>, ClusterError> {
        // Who may create claims need not be allowed to read them: then the creation finds out.
        if let Ok(Some(found)) = self.look_for_claim(name).await {
            return Ok(Some((seen(&found), ClaimState::Found)));
        }
        let (creation, client) = (RunId::random(), self.client_without_retries());
        let mut pace = Pace::new(Bounds::default(), interrupts);
        let mut is_unclear = false;
        loop {
            if interrupts.signal().is_some() {
                return Ok(None);
            }
            let request = self.claim_creation(name, new, &creation, false);
            let request = request.map_err(|error| self.claim_refused(name, error))?;
            let attempt = Answer::to(&client, request, read);
            let (error, after) = match pace.answer(attempt).await {
                Answer::Created(claim) => return Ok(Some((seen(&claim), ClaimState::Created))),
                Answer::Exists(_) => return Ok(Some(self.existing(name, &creation).await)),
                Answer::Refused(error) if !is_unclear => {
                    return Err(self.claim_refused(name, error));
                }
                Answer::NotNow(error, after) => (error, after),
                // A request before this one decides.
                Answer::Refused(error) => (error, None),
                Answer::Unclear(error, after) => {
                    is_unclear = true;
                    (error, after)
                }
            };
            pace.wait(&format!("claim `{name}`"), &error, after, emit).await;
            if is_unclear && let Ok(Some(found)) = self.look_for_claim(name).await {
                return Ok(Some((seen(&found), whose(&found, &creation))));
            }
            match (pace.is_over(), interrupts.signal()) {
                (true, _) if is_unclear => return Err(self.uncertain(name, error)),
                (true, None) => return Err(self.claim_refused(name, error)),
                _ => {}
            }
        }
    }

    /// A claim that is there already.
    async fn existing(&self, name: &str, creation: &RunId) -> (Claim, ClaimState) {
        match self.look_for_claim(name).await {
            Ok(Some(found)) => (seen(&found), whose(&found, creation)),
            // It may not be read.
            _ => (Claim { name: name.to_owned(), ..Claim::default() }, ClaimState::Found),
        }
    }

    pub(super) async fn look_for_claim(
        &self,
        name: &str,
    ) -> kube::Result<Option<PersistentVolumeClaim>> {
        let api: Api<PersistentVolumeClaim> =
            Api::namespaced(self.client.clone(), self.namespace().as_str());
        let looking = timeout(Bounds::default().answer, api.get_opt(name));
        looking.await.unwrap_or_else(|_| Err(answer::silence()))
    }

    /// A dry run of the creation of a claim; gives it as the cluster would store it.
    pub(super) async fn try_claim(
        &self,
        name: &str,
        new: &NewClaims,
    ) -> kube::Result<PersistentVolumeClaim> {
        let request = self.claim_creation(name, new, &RunId::random(), true)?;
        self.client_without_retries().request(request).await
    }

    /// The request that creates a claim.
    fn claim_creation(
        &self,
        name: &str,
        new: &NewClaims,
        creation: &RunId,
        dry_run: bool,
    ) -> kube::Result<http::Request<Vec<u8>>> {
        let path = format!("/api/v1/namespaces/{}/persistentvolumeclaims", self.namespace());
        let body = new.manifest(name, creation).to_string().into_bytes();
        let params = PostParams { dry_run, ..PostParams::default() };
        let request = kube::core::Request::new(path).create(&params, body);
        request.map_err(kube::Error::BuildRequest)
    }

    /// The error of a claim that is not created: a rule of the cluster if it is one.
    pub(super) fn claim_refused(&self, name: &str, error: kube::Error) -> ClusterError {
        if let kube::Error::Api(status) = &error
            && let Some(diagnosis) = refusal(name, &status.message)
        {
            let Diagnosis { cause, summary: why, remedy, command, .. } = diagnosis;
            let command = command.map(|words| self.kubectl(&words));
            return ClusterError::NotAdmitted { cause: cause.as_str(), why, remedy, command };
        }
        self.error(format!("create the claim `{name}`"), error)
    }

    fn uncertain(&self, name: &str, error: kube::Error) -> ClusterError {
        let look = self.kubectl(&format!("get persistentvolumeclaims {name}"));
        let why = super::words::why(&error);
        ClusterError::UncertainClaim { claim: name.to_owned(), why, look, source: error.into() }
    }
}

/// A claim in the answer to its creation.
fn read(bytes: &[u8]) -> serde_json::Result<PersistentVolumeClaim> {
    let claim: PersistentVolumeClaim = serde_json::from_slice(bytes)?;
    let has_name = claim.metadata.name.is_some();
    has_name.then_some(claim).ok_or_else(|| serde::de::Error::custom("no name"))
}

/// What a refusal to create a claim says of a rule of the cluster.
fn refusal(name: &str, message: &str) -> Option<Diagnosis> {
    Diagnostics::default().observe(&Fact {
        about: Subject::PersistentVolumeClaim(name.to_owned()),
        source: Source::Event,
        reason: "FailedCreate".into(),
        message: message.to_owned(),
    })
}

/// A claim as it is in the cluster.
pub(super) fn seen(claim: &PersistentVolumeClaim) -> Claim {
    let name = claim.metadata.name.clone().unwrap_or_default();
    let Some(spec) = &claim.spec else { return Claim { name, ..Claim::default() } };
    let asked = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let has = claim.status.as_ref().and_then(|status| status.capacity.as_ref());
    let size = has.and_then(|all| all.get("storage"));
    let size = size.or_else(|| asked.and_then(|all| all.get("storage")));
    Claim {
        name,
        size: size.map(|size| size.0.clone()),
        class: spec.storage_class_name.clone().filter(|class| !class.is_empty()),
        access_modes: spec.access_modes.clone().unwrap_or_default(),
    }
}

/// Whether a claim that is found was created by this attempt.
fn whose(claim: &PersistentVolumeClaim, creation: &RunId) -> ClaimState {
    let is_own = NewClaims::is_by(creation, &claim.metadata);
    if is_own { ClaimState::Created } else { ClaimState::Found }
}

/// A claim as it would be created, where the cluster does not say.
pub(super) fn planned(name: &str, new: &NewClaims) -> Claim {
    Claim {
        name: name.to_owned(),
        size: Some(new.size.to_string()),
        class: new.storage_class.clone().filter(|class| !class.is_empty()),
        access_modes: vec![new.access_mode.as_str().to_owned()],
    }
}
