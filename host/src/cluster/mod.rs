//! The cluster: connecting, answering the queries of policies, submitting an admitted Job once,
//! watching it to its end. kube is used in this room alone.

mod access;
mod answer;
mod claims;
mod client;
mod connect;
mod connections;
mod error;
mod events;
mod facts;
mod interrupt;
mod logs;
mod nodes;
mod observe;
mod outage;
mod pace;
mod patience;
mod preflight;
mod query;
mod removal;
mod requests;
mod runs;
mod staging;
mod submit;
mod warnings;
mod watches;
mod way_back;
mod words;

pub use connect::{Cluster, ClusterTarget};
pub use error::ClusterError;
pub use interrupt::{Interrupts, Signal};
pub use logs::{Logs, LogsOf};
pub use observe::Observed;
pub use pace::Bounds;
pub use patience::Patience;
pub use preflight::{Check, CheckResult, Preflight};
pub use removal::RemovalOrder;
pub use runs::{Run, RunPod, RunState};
pub use staging::{Carried, HelperJobs, KEEPER, Load, Output, Outputs};
pub use submit::{Submission, Submitted};
