//! A claim as a session sees it: its lock, and what lies on it.

use super::fault::Fault;
use super::progress::Progress;
use super::session::{Locked, Session};
use crate::staging::{Digest, Listing, sums_of};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The pause between two looks at a lock.
const PAUSE: Duration = Duration::from_secs(1);
/// A lock that does not change for so long belongs to nobody.
const STALE: Duration = Duration::from_secs(90);

/// The most paths of one command.
pub const PATHS: usize = 1000;

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

/// The digests of some files of a folder on the claim; none for one that cannot be read.
pub async fn sums(
    session: &mut Session,
    folder: &str,
    paths: &[&str],
) -> Result<Vec<Option<Digest>>, Fault> {
    let mut sums = Vec::with_capacity(paths.len());
    for paths in paths.chunks(PATHS) {
        let lines = session.sums(folder, paths).await?;
        let names: Vec<_> = paths.iter().map(|path| format!("./{path}")).collect();
        sums.extend(sums_of(&lines, names.iter().map(String::as_str)));
    }
    Ok(sums)
}
