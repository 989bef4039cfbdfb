//! What a quota says when it refuses a Pod: `exceeded quota: team, requested: pods=1,cpu=2, used:
//! pods=3,cpu=1, limited: pods=3,cpu=4`.

use super::Finding;
use crate::diagnosis::Cause;
use crate::diagnosis::words::{between, list, quoted, word_after};
use crate::k8s::Quantity;

/// A quota that is exceeded, or that demands what the Pod does not say.
pub fn refused(message: &str) -> Option<Finding> {
    exceeded(message, "the Pod").or_else(|| demanded(message))
}

/// A quota that is exceeded by what `who` asks for.
pub fn exceeded(message: &str, who: &str) -> Option<Finding> {
    let quota = word_after(message, "exceeded quota: ")?;
    let requested = amounts(between(message, "requested: ", ", used: ")?);
    let used = amounts(between(message, ", used: ", ", limited: ")?);
    let limited = amounts(message.split_once(", limited: ")?.1);
    let of = |all: &[(String, String)], name: &str| {
        all.iter().find(|(known, _)| known == name).map(|(_, amount)| amount.clone())
    };
    let too_large: Vec<_> = requested
        .iter()
        .filter_map(|(name, asked)| {
            let limit = of(&limited, name)?;
            let is_more = Quantity::parse(asked).ok()? > Quantity::parse(&limit).ok()?;
            is_more.then(|| format!("{} of {} in all", asked_for(name, asked), quoted(&limit)))
        })
        .collect();
    let finding = if too_large.is_empty() {
        let full: Vec<_> = requested
            .iter()
            .map(|(name, asked)| {
                let used = of(&used, name).unwrap_or_default();
                let limit = of(&limited, name).unwrap_or_default();
                format!("{}, and `{used}` of `{limit}` are in use", asked_for(name, asked))
            })
            .collect();
        Finding::new(
            Cause::QuotaExceeded,
            format!("quota {} is used up: {who} asks for {}", quoted(quota), full.join("; ")),
            "wait until others end, delete what is no longer needed, ask for less, or have the \
             quota raised",
        )
    } else {
        Finding::new(
            Cause::QuotaTooSmall,
            format!(
                "quota {} is too small: {who} asks for {}",
                quoted(quota),
                too_large.join("; ")
            ),
            "ask for less in the section `k8s.resources`, or have the quota raised",
        )
    };
    Some(finding.with(format!("describe resourcequota {quota}")))
}

fn asked_for(name: &str, amount: &str) -> String {
    format!("`{name}={amount}`")
}

/// `failed quota: team: must specify limits.cpu for: main; limits.memory for: main`.
fn demanded(message: &str) -> Option<Finding> {
    let quota = word_after(message, "failed quota: ")?;
    let demands = message.split_once("must specify ")?.1;
    let resources: Vec<_> = demands
        .split(';')
        .flat_map(|one| one.split(" for:").next().unwrap_or(one).split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let summary = format!(
        "quota {} demands that every container says its {}",
        quoted(quota),
        list(&resources)
    );
    let remedy = format!("set {} in the section `k8s.resources`", list(&resources));
    let command = format!("describe resourcequota {quota}");
    Some(Finding::new(Cause::ResourcesDemanded, summary, remedy).with(command))
}

/// `pods=1,requests.cpu=2` as pairs.
fn amounts(text: &str) -> Vec<(String, String)> {
    let pairs = text.split(',').filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(name, amount)| (name.to_owned(), amount.trim().to_owned())).collect()
}
