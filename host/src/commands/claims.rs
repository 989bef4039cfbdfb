//! Creating the claims that reviewed Jobs lack, before data or a Job goes to the cluster.

use crate::cluster::{Cluster, Interrupts};
use crate::console::Console;
use crate::error::Error;
use crate::job::{Admitted, MissingClaims};

/// Create the claims that are missing, if they are to be. Gives whether the command goes on: it
/// does not if a signal came before all were there.
pub async fn create(
    cluster: &Cluster,
    claims: &MissingClaims,
    jobs: &[Admitted],
    interrupts: Interrupts,
    console: &mut Console,
) -> Result<bool, Error> {
    let MissingClaims::Created(new) = claims else { return Ok(true) };
    let created = cluster.create_claims(jobs, new, interrupts, |event| console.emit(event)).await;
    console.warn_all(cluster.take_warnings());
    Ok(created?)
}
