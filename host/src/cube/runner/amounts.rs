//! Amounts that Kubernetes takes and nobody means: `memory: 128m` is a thousandth of 128 bytes, and
//! `cpu: 100M` is a hundred million CPUs.

use crate::k8s::Quantity;
use crate::yaml::{Node, quote};

/// Less memory means a forgotten unit, or one of docker's: no container runs with less.
const LEAST_MEMORY: &str = "6Mi";

/// No machine has more CPUs.
const MOST_CPUS: &str = "100k";

/// A warning about the amount of a resource; `label` says where it stands.
pub fn warning(label: &str, resource: &str, node: &Node) -> Option<String> {
    let text = node.as_typed()?;
    let amount = Quantity::parse(text).ok()?;
    let is = |known: &str| Quantity::parse(known).ok();
    let (meaning, example) = match resource {
        "memory" | "shmSize" | "ephemeral-storage" if amount < is(LEAST_MEMORY)? => {
            (format!("{} bytes", amount.decimal()), in_binary(text))
        }
        "cpu" if amount > is(MOST_CPUS)? => {
            (format!("{} CPUs", amount.decimal()), in_thousandths(text))
        }
        _ => return None,
    };
    if amount.whole() == Some(0) {
        return None;
    }
    Some(format!(
        "`{}`: {label} `{resource}`: `{}` is {meaning} to Kubernetes; write `{example}` if that is \
         meant",
        node.at,
        quote(text)
    ))
}

/// The number with docker's unit as Kubernetes writes it; without a unit, that of most limits.
fn in_binary(text: &str) -> String {
    let number = number(text);
    let suffix = match &text[number.len()..] {
        "k" | "K" | "Ki" => "Ki",
        "m" | "M" | "" => "Mi",
        _ => "Gi",
    };
    format!("{number}{suffix}")
}

fn in_thousandths(text: &str) -> String {
    format!("{}m", number(text))
}

fn number(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Position;

    #[test]
    fn amounts_that_nobody_means_are_told() {
        let rows = [
            ("memory", "128m", Some("`128m` is 0.128 bytes to Kubernetes; write `128Mi`")),
            ("memory", "8", Some("`8` is 8 bytes to Kubernetes; write `8Mi`")),
            ("memory", "64k", Some("`64k` is 64000 bytes to Kubernetes; write `64Ki`")),
            ("ephemeral-storage", "500m", Some("write `500Mi`")),
            ("shmSize", "12u", Some("write `12Gi`")),
            ("cpu", "100M", Some("`100M` is 100000000 CPUs to Kubernetes; write `100m`")),
            ("cpu", "4Gi", Some("write `4m`")),
            ("memory", "128M", None),
            ("memory", "0", None),
            ("memory", "134217728", None),
            ("cpu", "100m", None),
            ("cpu", "1k", None),
            ("nvidia.com/gpu", "8", None),
        ];
        for (resource, text, expected) in rows {
            let node = Node::text(text, &Position::whole("a row"));
            let found = warning("`limits`:", resource, &node);
            match expected {
                Some(words) => assert!(found.is_some_and(|text| text.contains(words)), "{text}"),
                None => assert_eq!(found, None, "{resource} {text}"),
            }
        }
    }
}
