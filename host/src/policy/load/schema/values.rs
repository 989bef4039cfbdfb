//! Values by what they mean: numbers are equal whether they are written with a fraction or not.

use super::node::is_whole;
use serde_json::{Number, Value};
use std::cmp::Ordering;

/// Numbers are equal by value: `1` and `1.0`.
pub fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compare(one, other) == Ordering::Equal,
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let same = |(key, value): (&String, &Value)| {
                other.get(key).is_some_and(|other| equal(value, other))
            };
            one.len() == other.len() && one.iter().all(same)
        }
        _ => one == other,
    }
}

/// The order of two numbers.
pub fn compare(one: &Number, other: &Number) -> Ordering {
    match (exact(one), exact(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => float(one).partial_cmp(&float(other)).unwrap_or(Ordering::Less),
    }
}

fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

/// A number without a fraction, exactly.
fn exact(number: &Number) -> Option<i128> {
    let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    whole.or_else(|| number.as_f64().filter(|_| is_whole(number)).map(|float| float as i128))
}

/// Whether a number is a multiple of another.
pub fn is_multiple(number: &Number, divisor: &Number) -> bool {
    if let (Some(number), Some(divisor)) = (exact(number), exact(divisor)) {
        return number % divisor == 0;
    }
    let quotient = float(number) / float(divisor);
    (quotient - quotient.round()).abs() < 1e-9
}

/// A value as text that is the same for equal values.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) => match exact(number) {
            Some(whole) => whole.to_string(),
            None => number.to_string(),
        },
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::String(key.clone()), canonical(value)));
            let mut members: Vec<_> = members.collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        plain => plain.to_string(),
    }
}
