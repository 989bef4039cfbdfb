//! The Pod beside the claims: started as a Job, waited for, spoken with, and removed. Should this
//! program be killed, it ends by itself a minute later, and is removed.

use super::exec::Exec;
use super::session::{self, Session};
use super::wire::Trouble;
use crate::cluster::words;
use crate::cluster::{
    Cluster, ClusterError, Logs, LogsOf, Patience, RemovalOrder, RunPod, Submission, Submitted,
};
use crate::diagnosis::Cause;
use crate::event::{ContainerRun, Event};
use crate::job::Admitted;
use crate::outcome::{self, Outcome, Part};
use kube::Client;
use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

/// The script of its main process.
pub const SCRIPT: &str = include_str!("keep.sh");

/// The longest wait for its removal to be accepted.
const REMOVAL: Duration = Duration::from_secs(10);

/// A Pod that runs beside claims.
pub struct Helper<'a> {
    cluster: &'a Cluster,
    client: Client,
    submitted: Submitted,
    run: Arc<ContainerRun>,
}

/// Why there is no such Pod.
pub enum NoHelper {
    /// Its image has no shell.
    NoShell(String),
    /// A signal came.
    Interrupted,
    /// Anything else.
    Error(ClusterError),
}

impl From<ClusterError> for NoHelper {
    fn from(error: ClusterError) -> Self {
        Self::Error(error)
    }
}

impl<'a> Helper<'a> {
    /// Start it, and wait until it runs. What keeps it from that is told as for any Job.
    pub async fn start(
        cluster: &'a Cluster,
        job: &Admitted,
        patience: Patience,
        mut emit: impl FnMut(Event),
    ) -> Result<Self, NoHelper> {
        let submission = Submission::of_helper(job);
        let submitted = cluster.submit(&submission, patience.interrupts, &mut emit).await?;
        let Some(submitted) = submitted else { return Err(NoHelper::Interrupted) };
        match wait(cluster, &submitted, patience, &mut emit).await {
            Ok(run) => Ok(Self { cluster, client: cluster.client_for_watches()?, submitted, run }),
            Err(error) => {
                remove(cluster, &submitted).await;
                Err(error)
            }
        }
    }

    /// Begin a session with its shell.
    pub async fn session(&self) -> Result<Session, Trouble> {
        let pod = &*self.run.pod;
        let at = (self.submitted.namespace(), pod, &*self.run.container);
        let command = ["sh", "-c", session::SCRIPT, "mlcube-k8s"];
        match Exec::start(&self.client, at, &command).await {
            Ok(exec) => Session::with(exec).await,
            Err(error @ kube::Error::Api(_)) if is_refusal(&error) => {
                let action = format!("run a command in Pod `{pod}`");
                Err(Trouble::Refused(self.cluster.error(action, error)))
            }
            Err(error) => Err(Trouble::Lost(words::why(&error))),
        }
    }

    /// Whether it still runs; none if that cannot be asked.
    pub async fn is_running(&self) -> Option<bool> {
        let pods = self.cluster.run_pods(&self.submitted).await.ok()?;
        let is_it = |pod: &RunPod| pod.name == self.run.pod && pod.phase == "Running";
        Some(pods.iter().any(is_it))
    }

    /// Remove it. That it cannot be removed is no failure: it ends by itself.
    pub async fn end(self) {
        remove(self.cluster, &self.submitted).await;
    }
}

async fn remove(cluster: &Cluster, submitted: &Submitted) {
    let _ = timeout(REMOVAL, cluster.remove(submitted, RemovalOrder::PodsAfter, |_| {})).await;
}

/// Watch the Job until its container runs.
async fn wait(
    cluster: &Cluster,
    submitted: &Submitted,
    patience: Patience,
    emit: &mut impl FnMut(Event),
) -> Result<Arc<ContainerRun>, NoHelper> {
    let started: RefCell<Option<Arc<ContainerRun>>> = RefCell::default();
    let notify = Notify::new();
    let logs = Logs { of: LogsOf::None, times: false };
    let observed = cluster.observe(submitted, patience, logs, |event| match event {
        Event::ContainerStarted(run) if run.part == Part::Main => {
            *started.borrow_mut() = Some(run);
            notify.notify_one();
        }
        // One that could not be started is told to have been, and to have ended, in one breath.
        Event::ContainerEnded(_) => *started.borrow_mut() = None,
        // The image has no shell: what is done about that is told in its place.
        Event::Diagnosed(one) if one.cause == Cause::CommandNotFound => {}
        Event::Suspended
        | Event::Resumed
        | Event::Diagnosed(_)
        | Event::Outage { .. }
        | Event::OutageOver { .. }
        | Event::Warning(_) => {
            emit(event);
        }
        _ => {}
    });
    let mut observed = pin!(observed);
    let observed = loop {
        tokio::select! {
            biased;
            observed = &mut observed => break observed?,
            () = notify.notified() => {
                if let Some(run) = started.borrow_mut().take() {
                    return Ok(run);
                }
            }
        }
    };
    let why = match observed.outcome {
        Outcome::Detached => return Err(NoHelper::Interrupted),
        Outcome::TimedOut { after_seconds } => {
            let after = Duration::from_secs(after_seconds);
            return Err(ClusterError::TimeOver { after }.into());
        }
        Outcome::NotStarted { after_seconds } => {
            format!("it did not start within {after_seconds} s (`--start-timeout`)")
        }
        Outcome::Failed(cause) => match no_shell(&cause) {
            Some(why) => return Err(NoHelper::NoShell(why)),
            None => ended(&cause),
        },
        Outcome::Stuck(stuck) => stuck.summary,
        Outcome::Deleted | Outcome::Unknown => "it was deleted".into(),
        Outcome::DeadlineExceeded { message } => message,
        Outcome::Succeeded => "it ended before it was used".into(),
    };
    Err(ClusterError::NoStagingPod { job: submitted.name().to_owned(), why }.into())
}

/// Why a container that could not start has no shell.
fn no_shell(cause: &outcome::Cause) -> Option<String> {
    let container = cause.container.as_ref()?;
    let is_start = matches!(&*container.reason, "StartError" | "ContainerCannotRun");
    (is_start || matches!(container.exit_code, 126..=128)).then(|| "lacks sh".to_owned())
}

fn ended(cause: &outcome::Cause) -> String {
    match &cause.container {
        Some(container) => format!("its container ended with exit code {}", container.exit_code),
        None => cause.message.clone(),
    }
}

fn is_refusal(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 401 | 403))
}
