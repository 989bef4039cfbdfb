//! Why a claim is not created: the answer of the API server.

use super::{Finding, creation, quota};
use crate::diagnosis::words::quoted;

/// A rule of the cluster that refuses the creation of a claim; none if it is no known one.
pub fn refused(claim: &str, message: &str) -> Option<Finding> {
    let who = format!("claim {}", quoted(claim));
    let remedied = |finding: Finding, remedy: &str| Finding { remedy: remedy.into(), ..finding };
    let smaller = "choose a smaller `--size`, delete claims that are no longer needed, or have the \
                   quota raised";
    let other = "choose another `--size`";
    let rule = "choose another `--storage-class`, `--size` or `--access-mode` if it asks for that; \
                the rule itself is the administrator's";
    quota::exceeded(message, &who)
        .map(|finding| remedied(finding, smaller))
        .or_else(|| creation::limit_range(message).map(|finding| remedied(finding, other)))
        .or_else(|| creation::denied(message, &who).map(|finding| remedied(finding, rule)))
        .or_else(|| creation::terminating(message))
}
