//! Carrying data to claims and back, through a Pod beside them that is spoken to through the API
//! server alone. Every attempt finds out anew what is left to do, so whatever breaks off is gone on
//! with by the next, of this command or of another.

mod claim;
mod download;
mod exec;
mod fault;
mod helper;
mod local;
mod progress;
mod session;
mod upload;
mod wire;

use super::outage::{self, Outage};
use super::{Cluster, ClusterError, Patience};
use crate::event::{Event, Way};
use crate::files::{Digests, LocalEntry};
use crate::job::Admitted;
use crate::text::within;
use claim::lock;
pub use download::{Output, Outputs};
use fault::Fault;
pub use helper::SCRIPT as KEEPER;
use helper::{Helper, NoHelper};
use progress::Progress;
use session::Session;
use tokio::time::{Instant, sleep_until, timeout_at};
use upload::Upload;
use wire::Trouble;

/// The Pod that carries data, as the policies admitted it.
pub struct HelperJobs {
    /// The name by which it locks claims.
    pub name: String,
    /// With the image that was asked for, or else the task's.
    pub first: Admitted,
    /// With the usual image, for when that of the task has no shell or lacks a tool.
    pub second: Option<Admitted>,
}

impl HelperJobs {
    /// A path on a claim, as the Pod sees it: a policy may show it only a folder of the claim.
    pub fn path(&self, claim: &str, path: &str) -> Result<String, ClusterError> {
        let mounted = self.first.job().mounted(claim);
        let seen = mounted.and_then(|(_, folder)| within(path, folder));
        seen.map(str::to_owned).ok_or_else(|| fault::not_there(claim, path))
    }
}

/// What goes to a claim.
pub struct Load {
    /// The claim.
    pub claim: String,
    /// The paths below which it goes, as the Pod sees the claim.
    pub roots: Vec<String>,
    /// The files, folders and links, each below one of the roots.
    pub local: Vec<LocalEntry>,
}

impl Load {
    fn roots(&self) -> impl Iterator<Item = &str> {
        self.roots.iter().map(String::as_str)
    }
}

/// Whether the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// All of it.
    All,
    /// A signal came.
    Interrupted,
}

/// The Pod and the patience of a piece of work.
struct Carrier<'a> {
    cluster: &'a Cluster,
    jobs: &'a HelperJobs,
    patience: Patience,
    helper: Option<Helper<'a>>,
    /// Whether the first image was found not to do.
    uses_second: bool,
    outage: Outage,
}

impl Cluster {
    /// Bring loads to their claims. With `prune` what earlier staging put there, and is no longer
    /// among them, is removed.
    pub async fn stage(
        &self,
        jobs: &HelperJobs,
        loads: &[Load],
        prune: bool,
        digests: &mut Digests,
        patience: Patience,
        emit: &mut dyn FnMut(Event),
    ) -> Result<Carried, ClusterError> {
        let mut carrier = Carrier::new(self, jobs, patience);
        let work = async |carrier: &mut Carrier<'_>| {
            for load in loads {
                let mut progress = Progress::new(Way::ToClaim, &load.claim, emit);
                let root = carrier.folder(&load.claim)?;
                let attempt = async |session: &mut Session, progress: &mut Progress<'_>| {
                    session.root(&root).await?;
                    lock(session, &load.claim, &jobs.name, progress).await?;
                    let mut upload = Upload { session, load, digests, progress };
                    let prepared = upload.prepare(prune).await?;
                    upload.progress.begin(prepared.files(), prepared.bytes(), prepared.kept());
                    let removed = prepared.removed();
                    upload.carry_out(prepared).await?;
                    upload.session.unlock(&jobs.name).await?;
                    Ok(removed)
                };
                let removed = carrier.attempts(&load.claim, &mut progress, attempt).await?;
                progress.end(removed);
            }
            Ok(())
        };
        carrier.carry(work).await
    }

    /// Bring outputs from their claims.
    pub async fn fetch(
        &self,
        jobs: &HelperJobs,
        outputs: &[Outputs],
        force: bool,
        patience: Patience,
        emit: &mut dyn FnMut(Event),
    ) -> Result<Carried, ClusterError> {
        let mut carrier = Carrier::new(self, jobs, patience);
        let work = async |carrier: &mut Carrier<'_>| {
            for outputs in outputs {
                let mut progress = Progress::new(Way::FromClaim, &outputs.claim, emit);
                let root = carrier.folder(&outputs.claim)?;
                let attempt = async |session: &mut Session, progress: &mut Progress<'_>| {
                    session.root(&root).await?;
                    download::fetch(session, outputs, force, progress).await
                };
                carrier.attempts(&outputs.claim, &mut progress, attempt).await?;
                progress.end(0);
            }
            Ok(())
        };
        carrier.carry(work).await
    }
}

impl<'a> Carrier<'a> {
    fn new(cluster: &'a Cluster, jobs: &'a HelperJobs, patience: Patience) -> Self {
        let outage = Outage::new(patience.longest_outage.unwrap_or(outage::LONGEST));
        Self { cluster, jobs, patience, helper: None, uses_second: false, outage }
    }

    /// Do the work within the patience of the command; the Pod never outlives it.
    async fn carry(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<(), ClusterError>,
    ) -> Result<Carried, ClusterError> {
        let patience = self.patience;
        let done = tokio::select! {
            biased;
            _ = patience.interrupts.first() => Ok(Carried::Interrupted),
            done = timeout_at(patience.end(), work(self)) => match done {
                Ok(done) => done.map(|()| Carried::All),
                Err(_) => patience.check().map(|()| Carried::Interrupted),
            },
        };
        self.end_helper().await;
        done
    }

    /// Where a claim is mounted in the Pod.
    fn folder(&self, claim: &str) -> Result<String, ClusterError> {
        let mounted = self.job().job().mounted(claim);
        mounted.map(|(folder, _)| folder.to_owned()).ok_or_else(|| fault::not_there(claim, ""))
    }

    fn job(&self) -> &'a Admitted {
        let second = self.jobs.second.as_ref().filter(|_| self.uses_second);
        second.unwrap_or(&self.jobs.first)
    }

    /// Try until it is done, as long as something comes of it.
    async fn attempts<T>(
        &mut self,
        claim: &str,
        progress: &mut Progress<'_>,
        mut attempt: impl AsyncFnMut(&mut Session, &mut Progress<'_>) -> Result<T, Fault>,
    ) -> Result<T, ClusterError> {
        loop {
            let before = progress.carried();
            let mut session = None;
            let done = match self.session(progress).await {
                Ok(begun) => attempt(session.insert(begun), progress).await,
                Err(fault) => Err(fault),
            };
            let why = match done {
                Ok(done) => {
                    self.works(progress);
                    return Ok(done);
                }
                Err(Fault::Trouble(Trouble::Lost(why))) => why,
                Err(Fault::Trouble(Trouble::Failed(words))) if self.turns_to_second(&words) => {
                    progress.warn(fault::turned(&words));
                    continue;
                }
                Err(fault) => return Err(fault.into_error(claim, progress.way())),
            };
            if progress.carried() > before {
                self.works(progress);
            }
            let verdict = self.outage.fails(Instant::now());
            match verdict {
                outage::Verdict::Wait => {}
                outage::Verdict::Tell(left) => {
                    progress.broken(why, left);
                }
                outage::Verdict::GiveUp(lasted) => {
                    return Err(fault::lost(claim, progress.way(), lasted, &why));
                }
            }
            if let Some(next) = self.outage.next_probe() {
                sleep_until(next).await;
            }
        }
    }

    fn works(&mut self, progress: &mut Progress<'_>) {
        if let Some(lasted) = self.outage.ends(Instant::now()) {
            progress.resumed(lasted);
        }
    }

    /// Whether another image may do what this one does not.
    fn turns_to_second(&mut self, words: &str) -> bool {
        let turns = words.starts_with("lacks ") && !self.uses_second && self.jobs.second.is_some();
        if turns {
            self.uses_second = true;
        }
        turns
    }

    /// A session in the Pod, which is started if it does not run.
    async fn session(&mut self, progress: &mut Progress<'_>) -> Result<Session, Fault> {
        if let Some(helper) = &self.helper {
            let begun = helper.session().await;
            let is_gone =
                matches!(begun, Err(Trouble::Lost(_))) && helper.is_running().await == Some(false);
            if !is_gone {
                return self.begun(begun).await;
            }
            self.end_helper().await;
        }
        let job = self.job();
        let started = Helper::start(self.cluster, job, self.patience, |event| progress.emit(event));
        match started.await {
            Ok(helper) => {
                let begun = self.helper.insert(helper).session().await;
                self.begun(begun).await
            }
            Err(NoHelper::NoShell(why)) => Err(Trouble::Failed(why).into()),
            Err(NoHelper::Interrupted) => std::future::pending().await,
            // That is waited for as a lost session is.
            Err(NoHelper::Error(
                error @ (ClusterError::Unreachable { .. }
                | ClusterError::Uncertain { .. }
                | ClusterError::Lost { .. }),
            )) => Err(Fault::lost(error.to_string())),
            Err(NoHelper::Error(error)) => Err(error.into()),
        }
    }

    /// A session; a Pod in which none can work is of no more use.
    async fn begun(&mut self, begun: Result<Session, Trouble>) -> Result<Session, Fault> {
        if matches!(begun, Err(Trouble::Failed(_))) {
            self.end_helper().await;
        }
        Ok(begun?)
    }

    async fn end_helper(&mut self) {
        if let Some(helper) = self.helper.take() {
            helper.end().await;
        }
    }
}
