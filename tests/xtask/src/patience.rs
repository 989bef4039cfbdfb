//! How long a start may take. The limits are made for machines like a laptop; the environment
//! variable `MLCUBE_K8S_PATIENCE` multiplies them on a slower one.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::env;
use std::time::Duration;

const VARIABLE: &str = "MLCUBE_K8S_PATIENCE";
/// What to do about a limit that was too low.
pub const HINT: &str =
    "on a slow machine, `MLCUBE_K8S_PATIENCE=3` makes every limit three times as long";

/// The factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Patience(f64);

impl Patience {
    /// What the environment asks for, or a factor of one.
    pub fn find() -> Result<Self> {
        env::var(VARIABLE).map_or(Ok(Patience(1.0)), |text| parse(&text))
    }

    /// A limit of so many seconds on a machine like a laptop.
    pub fn seconds(self, seconds: u64) -> Duration {
        Duration::from_secs(seconds).mul_f64(self.0)
    }
}

fn parse(text: &str) -> Result<Patience> {
    match text.trim().parse() {
        Ok(factor) if (0.1..=1000.0).contains(&factor) => Ok(Patience(factor)),
        _ => Err(Error::new(format!(
            "expected a number from 0.1 to 1000 in `{VARIABLE}`, found `{text}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_is_a_number_within_reason() {
        let rows = [
            ("whole", "3", Some(30.0)),
            ("a fraction", " 1.5 ", Some(15.0)),
            ("nothing", "", None),
            ("negative", "-1", None),
            ("endless", "inf", None),
            ("not a number", "NaN", None),
            ("a time", "3m", None),
        ];
        for (name, text, expected) in rows {
            let limit = parse(text).ok().map(|patience| patience.seconds(10).as_secs_f64());
            assert_eq!(limit, expected, "{name}");
        }
    }
}
