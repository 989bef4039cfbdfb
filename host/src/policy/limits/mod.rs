//! The limits of policies. Every limit is on by default, all are in one table with their reasons,
//! and a policy that exceeds one ends with an error that names the limit, its value, what was asked
//! for, and how to raise it.

/// Every limit with its default, and the reason for it.
mod table;

pub use table::{Limit, Row, TABLE, Unit};

use crate::k8s::Quantity;
use crate::text;
use std::fmt;
use std::time::Duration;

impl Limit {
    /// Its row in the table.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

/// The bounds of one call into a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limits([u64; TABLE.len()]);

impl Default for Limits {
    fn default() -> Self {
        Self(TABLE.map(|row| row.default))
    }
}

impl Limits {
    /// The value of a limit, in the unit of its row.
    pub fn get(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// The value of a limit of bytes or of a number.
    pub fn count(&self, limit: Limit) -> usize {
        usize::try_from(self.get(limit)).unwrap_or(usize::MAX)
    }

    /// The value of a limit of time.
    pub fn time(&self, limit: Limit) -> Duration {
        Duration::from_millis(self.get(limit))
    }

    /// Foreign text as one line, fit for a terminal and cut at the limit.
    pub fn clean(&self, text: &str) -> String {
        text::sentence(text, self.count(Limit::Text))
    }

    /// Foreign text with its lines, fit for a terminal and cut at the limit. `missing` bytes of it
    /// were cut before.
    pub fn clean_lines(&self, text: &str, missing: usize) -> String {
        text::lines(text, self.count(Limit::Text), missing)
    }

    /// These limits with another value for one.
    #[must_use]
    pub fn with(mut self, limit: Limit, value: u64) -> Self {
        self.0[limit as usize] = value;
        self
    }

    /// Set a limit by name: `memory` to `128Mi`, `wall` to `5s`, `edits` to `2000`, at most to its
    /// ceiling. The error is a sentence.
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), String> {
        let row = TABLE.iter().find(|row| row.key == key).ok_or_else(|| {
            let known = TABLE.map(|row| format!("`{}`", row.key)).join(", ");
            format!("`{key}` is not a limit: expected one of {known}")
        })?;
        let value = row.unit.read(text).filter(|value| *value > 0).ok_or_else(|| {
            format!("`{text}` is not a value for the limit `{key}`: write {}", row.unit.form())
        })?;
        if value > row.ceiling {
            let most = row.unit.write(row.ceiling);
            return Err(format!(
                "`{text}` is too much for the limit `{key}`: write at most `{most}`"
            ));
        }
        self.0[row.limit as usize] = value;
        Ok(())
    }

    /// The limits that differ from the defaults, by name.
    pub fn changed(&self) -> impl Iterator<Item = (&'static Row, u64)> {
        TABLE.iter().zip(self.0).filter(|(row, value)| row.default != *value)
    }

    /// An error unless `used` stays within a limit.
    pub fn check(&self, limit: Limit, used: usize) -> Result<(), Exceeded> {
        if used <= self.count(limit) {
            Ok(())
        } else {
            Err(self.exceeded(limit, Some(used as u64)))
        }
    }

    /// The error for a limit that was exceeded.
    pub fn exceeded(&self, limit: Limit, used: Option<u64>) -> Exceeded {
        Exceeded { limit, value: self.get(limit), used }
    }
}

impl Unit {
    /// A value as people write it.
    pub fn write(self, value: u64) -> String {
        let scaled = |steps: [(u64, &str); 3]| {
            let step =
                steps.into_iter().find(|(size, _)| value >= *size && value.is_multiple_of(*size));
            step.map_or_else(|| value.to_string(), |(size, unit)| format!("{}{unit}", value / size))
        };
        match self {
            Self::Count => value.to_string(),
            Self::Bytes => scaled([(1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")]),
            Self::Time => scaled([(60_000, "m"), (1_000, "s"), (1, "ms")]),
        }
    }

    fn read(self, text: &str) -> Option<u64> {
        let bytes = || u64::try_from(Quantity::parse(text).ok()?.whole()?).ok();
        let time = || u64::try_from(text.parse::<jiff::SignedDuration>().ok()?.as_millis()).ok();
        match self {
            Self::Count => text.parse().ok(),
            Self::Bytes => bytes(),
            Self::Time => time(),
        }
    }

    fn form(self) -> &'static str {
        match self {
            Self::Count => "a whole number above 0",
            Self::Bytes => "an amount of bytes like `128Mi`",
            Self::Time => "a time like `5s` or `500ms`",
        }
    }
}

/// A limit that was exceeded, its value, and the amount that was asked for, if known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// The limit.
    pub limit: Limit,
    /// Its value.
    pub value: u64,
    /// The amount that was asked for; none if the call was stopped when it had used all.
    pub used: Option<u64>,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { key, unit, .. } = self.limit.row();
        write!(f, "`{key}` limit of {}: ", unit.write(self.value))?;
        match self.used {
            Some(used) => write!(f, "it asked for {}", unit.write(used)),
            None => write!(f, "it used all of it"),
        }
    }
}

impl std::error::Error for Exceeded {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.limit as usize, index, "{}", row.key);
            assert!(row.default < row.ceiling, "{}", row.key);
        }
    }

    #[test]
    fn limits_are_read_as_they_are_written() {
        let rows = [
            ("memory", "128Mi", Ok(128 << 20)),
            ("memory", "1000", Ok(1000)),
            ("wall", "1500ms", Ok(1500)),
            ("wall", "2m", Ok(120_000)),
            ("edits", "5", Ok(5)),
            (
                "edits",
                "0",
                Err("`0` is not a value for the limit `edits`: write a whole number above 0"),
            ),
            (
                "memory",
                "much",
                Err("`much` is not a value for the limit `memory`: \
                     write an amount of bytes like `128Mi`"),
            ),
            ("stack", "1Mi", Ok(1 << 20)),
            (
                "stack",
                "1048577",
                Err("`1048577` is too much for the limit `stack`: write at most `1Mi`"),
            ),
            (
                "fuel",
                "18446744073709551615",
                Err("`18446744073709551615` is too much for the limit `fuel`: \
                     write at most `1000000000000`"),
            ),
            (
                "wall",
                "2",
                Err("`2` is not a value for the limit `wall`: write a time like `5s` or `500ms`"),
            ),
        ];
        for (key, text, expected) in rows {
            let mut limits = Limits::default();
            let set = limits.set(key, text);
            let row = TABLE.iter().find(|row| row.key == key).expect("a row");
            assert_eq!(
                set.map(|()| limits.get(row.limit)),
                expected.map_err(str::to_owned),
                "{key} {text}"
            );
        }
        assert!(
            Limits::default()
                .set("size", "1")
                .is_err_and(|why| why.contains("expected one of `fuel`, `wall`"))
        );
    }

    #[test]
    fn an_error_says_the_limit_and_the_use() {
        let limits = Limits::default();
        let rows = [
            (
                limits.exceeded(Limit::Memory, Some(80 << 20)),
                "`memory` limit of 32Mi: it asked for 80Mi",
            ),
            (limits.exceeded(Limit::Fuel, None), "`fuel` limit of 100000000: it used all of it"),
            (limits.exceeded(Limit::Wall, None), "`wall` limit of 2s: it used all of it"),
        ];
        for (exceeded, text) in rows {
            assert_eq!(exceeded.to_string(), text);
        }
    }
}
