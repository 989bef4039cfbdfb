//! The decimal number of a quantity, exact whatever its length, turned into billionths.

/// Billionths of a unit.
pub const NANO: u128 = 1_000_000_000;
/// Decimal places of a billionth.
pub const PLACES: i64 = 9;
/// More decimal digits than the largest amount has in billionths.
const DIGITS: i64 = 30;

/// A decimal number as its digits, without zeros in front.
pub struct Number<'t> {
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Number<'t> {
    /// Read a number without a sign.
    pub fn of(text: &'t str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        Some(Self {
            whole: whole.trim_start_matches('0'),
            fraction: fraction.trim_end_matches('0'),
        })
    }

    /// This times a power of ten in billionths, where a rest finer than one is rounded up, as the
    /// API server does; none if it is too large.
    pub fn times_power(&self, power: i64) -> Option<u128> {
        let digits = [self.whole, self.fraction].concat();
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Some(0);
        }
        let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
        let power = power.saturating_add(PLACES).saturating_sub(length(self.fraction));
        let places = length(digits).saturating_add(power);
        if places > DIGITS {
            return None;
        }
        if places <= 0 {
            return Some(1);
        }
        if power >= 0 {
            let factor = 10u128.checked_pow(u32::try_from(power).ok()?)?;
            return digits.parse::<u128>().ok()?.checked_mul(factor);
        }
        let (kept, rest) = digits.split_at(usize::try_from(places).ok()?);
        Some(kept.parse::<u128>().ok()? + u128::from(rest.bytes().any(|digit| digit != b'0')))
    }

    /// This times a factor of at most `Ei`, in billionths.
    pub fn times(&self, factor: u128) -> Option<u128> {
        let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u128>().ok() };
        let whole = digits(self.whole)?.checked_mul(factor)?.checked_mul(NANO)?;
        // The fraction in parts of 10^18: finer ones are rounded up.
        let (kept, rest) = self.fraction.split_at(self.fraction.len().min(18));
        let parts = digits(&format!("{kept:0<18}"))? + u128::from(!rest.is_empty());
        whole.checked_add((parts * factor).div_ceil(NANO))
    }
}
