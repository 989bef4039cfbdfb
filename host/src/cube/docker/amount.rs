//! Amounts as docker reads them: its units are powers of 1024 in upper and lower case.

use crate::k8s::Quantity;

/// An amount of memory that was typed for docker.
pub struct Amount {
    /// The same amount as Kubernetes writes it.
    pub quantity: String,
    /// The unit as typed, where Kubernetes reads another into it: its `m` is a thousandth and its
    /// `M` a million.
    pub ambiguous: Option<String>,
}

/// Read `12g`, `512m` or `8Gi`; none where it is no amount.
pub fn docker_amount(text: &str) -> Option<Amount> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start();
    let quantity = match binary(unit) {
        Some(suffix) => format!("{number}{suffix}"),
        None => text.to_owned(),
    };
    Quantity::parse(&quantity).ok()?;
    let is_ambiguous = matches!(unit, "m" | "k" | "M" | "G" | "T" | "P");
    Some(Amount { quantity, ambiguous: is_ambiguous.then(|| unit.to_owned()) })
}

/// The suffix of a unit that docker knows: `m`, `mb`, `mib` in any case.
fn binary(unit: &str) -> Option<&'static str> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "" | "b" => "",
        "k" | "kb" | "ki" | "kib" => "Ki",
        "m" | "mb" | "mi" | "mib" => "Mi",
        "g" | "gb" | "gi" | "gib" => "Gi",
        "t" | "tb" | "ti" | "tib" => "Ti",
        "p" | "pb" | "pi" | "pib" => "Pi",
        _ => return None,
    })
}
