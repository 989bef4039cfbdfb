//! Kubernetes quantities (`500m`, `16Gi`, `2e3`), compared exactly.
//! Grammar: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.

use super::names::quoted;
use std::fmt;

/// A quantity of a resource, not negative, counted in billionths so that `1n` and `1Ei` are both
/// exact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    nanos: u128,
}

impl Quantity {
    /// Read a quantity. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{} is not a quantity like `500m`, `4` or `16Gi`", quoted(text));
        if text.starts_with('-') {
            return Err(format!("{} is negative", quoted(text)));
        }
        let unsigned = text.strip_prefix('+').unwrap_or(text);
        let end =
            unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let nanos = billionths(number).ok_or_else(wrong)?;
        let nanos = match scale(suffix).ok_or_else(wrong)? {
            Scale::Times(factor) => nanos.checked_mul(factor),
            // A rest finer than a billionth is rounded up, as the API server does.
            Scale::Over(divisor) => Some(nanos.div_ceil(divisor)),
        };
        nanos.map(|nanos| Self { nanos }).ok_or_else(|| format!("{} is too large", quoted(text)))
    }

    /// The whole units, if there is no fraction.
    pub fn whole(&self) -> Option<u128> {
        self.nanos.is_multiple_of(NANO).then_some(self.nanos / NANO)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.nanos / NANO;
        let fraction = self.nanos % NANO;
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{fraction:09}").trim_end_matches('0'))
    }
}

const NANO: u128 = 1_000_000_000;

enum Scale {
    Times(u128),
    Over(u128),
}

/// A decimal number in billionths.
fn billionths(number: &str) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u128>().ok() };
    let fraction = format!("{fraction:0<9}");
    let (kept, rest) = fraction.split_at(9);
    let more = u128::from(rest.bytes().any(|digit| digit != b'0'));
    digits(whole)?.checked_mul(NANO)?.checked_add(digits(kept)? + more)
}

fn scale(suffix: &str) -> Option<Scale> {
    let times = |factor| Some(Scale::Times(factor));
    match suffix {
        "" => times(1),
        "n" => Some(Scale::Over(NANO)),
        "u" => Some(Scale::Over(1_000_000)),
        "m" => Some(Scale::Over(1_000)),
        "k" => times(10u128.pow(3)),
        "M" => times(10u128.pow(6)),
        "G" => times(10u128.pow(9)),
        "T" => times(10u128.pow(12)),
        "P" => times(10u128.pow(15)),
        "E" => times(10u128.pow(18)),
        "Ki" => times(1 << 10),
        "Mi" => times(1 << 20),
        "Gi" => times(1 << 30),
        "Ti" => times(1 << 40),
        "Pi" => times(1 << 50),
        "Ei" => times(1 << 60),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10u128.checked_pow(exponent.unsigned_abs())?;
            Some(if exponent < 0 { Scale::Over(power) } else { Scale::Times(power) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn quantities_compare_as_kubernetes_does() {
        let equal = [
            ("1", "1000m"),
            ("+1", "1"),
            ("1Ki", "1024"),
            ("0.5", "500m"),
            ("2e3", "2k"),
            (".5Gi", "512Mi"),
            ("1.", "1"),
        ];
        for (left, right) in equal {
            assert_eq!(Quantity::parse(left), Quantity::parse(right), "{left} {right}");
        }
        let less = [("1n", "1u"), ("999m", "1"), ("1G", "1Gi"), ("1e-3", "2m"), ("4E", "4Ei")];
        for (left, right) in less {
            assert!(Quantity::parse(left) < Quantity::parse(right), "{left} {right}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in ["", "-1", "1,5", "1.2.3", "Gi", "4 Gi", "1gi", "e3", "1e", ".", "1e99"] {
            assert!(Quantity::parse(text).is_err(), "{text}");
        }
    }
}
