//! A claim as a session sees it: its lock, and what lies on it.

use super::fault::Fault;
use super::progress::Progress;
use super::session::{Locked, Session};
use crate::staging::Listing;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The pause between two looks at a lock.
const PAUSE: Duration = Duration::from_secs(1);
/// A lock that does not change for so long belongs to nobody.
const STALE: Duration = Duration::from_secs(90);

/// Wait until the claim is ours.
pub async fn lock(
    session: &mut Session,
    claim: &str,
    name: &str,
    progress: &mut Progress<'_>,
) -> Result<(), Fault> {
    let mut seen: Option<(String, String, Instant)> = None;
    loop {
        let (owner, beat) = match session.lock(name).await? {
            Locked::Ours => return Ok(()),
            Locked::Held(owner, beat) => (owner, beat),
        };
        match &seen {
            Some((known, last, since)) if *known == owner && *last == beat => {
                if since.elapsed() > STALE {
                    session.steal(&owner, name).await?;
                }
            }
            _ => {
                if seen.is_none() {
                    progress.waits(claim);
                }
                seen = Some((owner, beat, Instant::now()));
            }
        }
        sleep(PAUSE).await;
    }
}

/// What lies on the claim below some paths of a folder.
pub async fn listed(session: &mut Session, folder: &str, roots: &[&str]) -> Result<Listing, Fault> {
    let (names, stats) = session.list(folder, roots).await?;
    // Files come and go while they are listed.
    Listing::parse(&names, &stats).map_err(|error| Fault::lost(error.to_string()))
}
