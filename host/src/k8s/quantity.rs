//! Kubernetes quantities (`500m`, `16Gi`, `2e3`), compared exactly and written as Kubernetes does.
//! Grammar: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.

use super::names::quoted;
use super::number::{NANO, Number, PLACES};
use std::cmp::Ordering;
use std::fmt;

/// A quantity of a resource, not negative, counted in billionths so that `1n` and `4Ei` are both
/// exact. Quantities are equal when they are the same amount, however they were written.
#[derive(Clone, Debug)]
pub struct Quantity {
    nanos: u128,
    form: Form,
}

/// The family of suffixes in which a quantity was written, and is written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `m`, `k`, `M`…
    Decimal,
    /// `Ki`, `Mi`…
    Binary,
    /// `e3`.
    Exponent,
}

/// The largest amount of Kubernetes, in billionths: it counts in 64 bits.
const LARGEST: u128 = i64::MAX as u128 * NANO;
/// The suffixes of powers of a thousand, from the billionth up.
const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
/// The suffixes of powers of 1024.
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self { nanos: 0, form: Form::Decimal };

    /// Read a quantity. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let end =
            unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let read = Number::of(number).zip(scale(suffix));
        let (number, scale) = read.ok_or_else(|| {
            format!("{} is not a quantity like `500m`, `4` or `16Gi`", quoted(text))
        })?;
        let (form, nanos) = match scale {
            Scale::Power(form, power) => (form, number.times_power(power)),
            Scale::Binary(factor) => (Form::Binary, number.times(factor)),
        };
        let nanos = nanos.filter(|nanos| *nanos <= LARGEST);
        let nanos = nanos.ok_or_else(|| format!("{} is too large", quoted(text)))?;
        if text.starts_with('-') && nanos > 0 {
            return Err(format!("{} is negative", quoted(text)));
        }
        Ok(Self { nanos, form })
    }

    /// The whole units, if there is no fraction.
    pub fn whole(&self) -> Option<u128> {
        self.nanos.is_multiple_of(NANO).then_some(self.nanos / NANO)
    }

    /// The whole units, with a fraction rounded up.
    pub fn units(&self) -> u64 {
        u64::try_from(self.nanos.div_ceil(NANO)).unwrap_or(u64::MAX)
    }

    /// The amount as a decimal number, without a suffix: `0.128` for `128m`.
    pub fn decimal(&self) -> String {
        let (whole, rest) = (self.nanos / NANO, self.nanos % NANO);
        if rest == 0 {
            return whole.to_string();
        }
        let rest = format!("{rest:09}");
        format!("{whole}.{}", rest.trim_end_matches('0'))
    }

    /// Both together; none if that is more than Kubernetes can count.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let nanos = self.nanos.checked_add(other.nanos).filter(|nanos| *nanos <= LARGEST)?;
        let form = if self.nanos == 0 { other.form } else { self.form };
        Some(Self { nanos, form })
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

/// The canonical form of Kubernetes: no fraction, and the largest suffix of its family.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.form == Form::Binary && self.nanos >= 1024 * NANO {
            let mut number = self.nanos.div_ceil(NANO);
            let mut power = 0;
            while number.is_multiple_of(1024) && power + 1 < BINARY.len() {
                number /= 1024;
                power += 1;
            }
            return write!(f, "{number}{}", BINARY[power]);
        }
        let mut number = self.nanos;
        let mut power = 0;
        while number > 0 && number.is_multiple_of(1000) && power + 1 < DECIMAL.len() {
            number /= 1000;
            power += 1;
        }
        match (number, power) {
            (0, _) => f.write_str("0"),
            (_, 3) => write!(f, "{number}"),
            (_, power) if self.form == Form::Exponent => {
                write!(f, "{number}e{}", 3 * power as i64 - PLACES)
            }
            (_, power) => write!(f, "{number}{}", DECIMAL[power]),
        }
    }
}

enum Scale {
    /// A power of ten.
    Power(Form, i64),
    /// A factor that is a power of 1024.
    Binary(u128),
}

fn scale(suffix: &str) -> Option<Scale> {
    if let Some(power) = DECIMAL.iter().position(|known| *known == suffix) {
        return Some(Scale::Power(Form::Decimal, 3 * i64::try_from(power).ok()? - PLACES));
    }
    if let Some(power) = BINARY.iter().position(|known| *known == suffix) {
        return Some(Scale::Binary(1 << (10 * power)));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let most = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(Scale::Power(Form::Exponent, exponent.parse().unwrap_or(most)))
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
            ("8", "8e0"),
            ("8", "8E+0"),
            ("8", "0.008k"),
            ("8", "80000000e-7"),
            ("8", "00000000000000000000000000000000000000000008.000"),
            ("1n", "1e-400"),
            ("2n", "1.1n"),
            ("0", "0e400"),
            ("0", "-0"),
            ("1e-99999999999999999999", "1n"),
        ];
        for (left, right) in equal {
            assert_eq!(
                Quantity::parse(left).expect(left),
                Quantity::parse(right).expect(right),
                "{left} {right}"
            );
        }
        let less = [
            ("1n", "1u"),
            ("999m", "1"),
            ("1G", "1Gi"),
            ("1e-3", "2m"),
            ("4E", "4Ei"),
            ("9", "10"),
        ];
        for (left, right) in less {
            assert!(Quantity::parse(left) < Quantity::parse(right), "{left} {right}");
        }
    }

    #[test]
    fn what_is_not_a_quantity_is_refused() {
        for text in
            ["", "1,5", "1.2.3", "Gi", "4 Gi", "1gi", "e3", "1e", "1e+", ".", "+", "--1", "٣"]
        {
            let error = Quantity::parse(text).expect_err(text);
            assert!(error.contains("is not a quantity"), "{text}: {error}");
        }
        for text in
            ["1e99", "1e400", "9e99999999999999999999", "10E", "8Ei", "9223372036854775807.1"]
        {
            let error = Quantity::parse(text).expect_err(text);
            assert!(error.contains("is too large"), "{text}: {error}");
        }
        for text in ["-1", "-1n", "-1e-400", "-4Gi"] {
            let error = Quantity::parse(text).expect_err(text);
            assert!(error.contains("is negative"), "{text}: {error}");
        }
    }

    /// What Kubernetes' own `Quantity` writes for these.
    #[test]
    fn quantities_are_written_in_canonical_form() {
        let rows = [
            ("8000m", "8"),
            ("8e0", "8"),
            ("0.008k", "8"),
            ("+8", "8"),
            ("8.0", "8"),
            ("0", "0"),
            ("0Ki", "0"),
            ("0.5", "500m"),
            ("1500m", "1500m"),
            ("1000", "1k"),
            ("1024", "1024"),
            ("12000000", "12M"),
            ("1e3", "1e3"),
            ("1500e-3", "1500e-3"),
            ("100e6", "100e6"),
            ("8192Ki", "8Mi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Ki", "512"),
            ("0.3Ki", "307200m"),
            ("1.1Ki", "1127"),
            ("9E", "9E"),
            ("4Ei", "4Ei"),
            ("9223372036854775807", "9223372036854775807"),
        ];
        for (text, expected) in rows {
            assert_eq!(Quantity::parse(text).expect(text).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn quantities_add_up() {
        let quantity = |text| Quantity::parse(text).expect(text);
        assert_eq!(Quantity::ZERO.plus(&quantity("1Gi")).expect("a sum").to_string(), "1Gi");
        assert_eq!(quantity("1500m").plus(&quantity("1")).expect("a sum").units(), 3);
        assert_eq!(quantity("9E").plus(&quantity("9E")), None);
    }
}
