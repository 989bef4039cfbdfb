//! Records of policies: their digests, capabilities and settings ([`Lock`]), and everything that
//! their reviews saw and answered ([`Recording`], and its [`Replay`]).

mod deviation;
mod lock;
mod recording;
mod replay;
mod size;

pub use deviation::Deviation;
pub use lock::{Difference, Lock};
pub use recording::Recording;
pub use replay::{Replay, Replayed};
