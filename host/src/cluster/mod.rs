//! The cluster: connecting, answering policies, submitting an admitted Job once, watching it to its end. kube is used in this room alone.

mod connect;
mod error;
mod facts;
mod logs;
mod lookup;
mod observe;
mod preflight;
mod submit;

pub use connect::{Cluster, ClusterTarget};
pub use error::ClusterError;
pub use observe::Patience;
pub use submit::Submitted;
