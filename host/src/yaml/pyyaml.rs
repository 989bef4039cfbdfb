//! Plain scalars as MLCube's own programs read them: YAML 1.1 as PyYAML resolves it, with
//! OmegaConf's floats and no timestamps. A plain scalar that matches no rule is text, exactly as
//! typed; so is a number that 64 bits do not hold.

use super::node::Data;

/// The meaning of a plain (unquoted, untagged) scalar.
pub fn plain(text: &str) -> Data {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Data::Null(text.into());
    }
    if let Some(value) = boolean(text) {
        return Data::Bool(value, text.into());
    }
    // Most scalars are words; only these characters can begin a number.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Data::Text(text.to_owned());
    }
    if let Some(value) = float(text) {
        return Data::Float(value, text.into());
    }
    match integer(text) {
        Some(value) => Data::Int(value, text.into()),
        None => Data::Text(text.to_owned()),
    }
}

/// YAML 1.1 booleans in the three spellings that PyYAML knows; single letters are text.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// Decimal, `0b`, `0x`, octal with a leading `0`, and YAML 1.1's base sixty (`1:30`); underscores
/// are ignored. An integer that does not fit 64 bits stays text, so that no digit is lost.
pub fn integer(text: &str) -> Option<i64> {
    let (is_negative, digits) = sign(text);
    let first = digits.chars().next()?;
    let magnitude = if let Some(binary) = digits.strip_prefix("0b") {
        radix(binary, 2)?
    } else if let Some(hexadecimal) = digits.strip_prefix("0x") {
        radix(hexadecimal, 16)?
    } else if digits.contains(':') {
        if first == '0' {
            return None;
        }
        base_sixty(digits)?
    } else if first == '0' && digits.len() > 1 {
        radix(&digits[1..], 8).or_else(|| digits[1..].bytes().all(|c| c == b'_').then_some(0))?
    } else if first.is_ascii_digit() {
        radix(digits, 10)?
    } else {
        return None;
    };
    i64::try_from(if is_negative { -magnitude } else { magnitude }).ok()
}

/// PyYAML's floats and OmegaConf's: `1.5`, `1.`, `.5`, `1e3`, `1_0.5`, `1:30.5`, `.inf`, `.nan`. A
/// number that would become infinite, such as the hash `1e97532`, stays text.
pub fn float(text: &str) -> Option<f64> {
    let (is_negative, body) = sign(text);
    match body {
        ".inf" | ".Inf" | ".INF" => {
            return Some(if is_negative { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        ".nan" | ".NaN" | ".NAN" if body == text => return Some(f64::NAN),
        _ => {}
    }
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
    }
    let value = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            if !fraction.bytes().all(is_digit) || (exponent.is_some() && whole.contains(':')) {
                return None;
            }
            if whole.is_empty() {
                // A sign is not allowed before a bare point, nor is a point without digits.
                let digits = fraction.bytes().any(|c| c.is_ascii_digit());
                let signed_exponent = exponent.is_none_or(|e| e.starts_with(['+', '-']));
                if body != text || !digits || !signed_exponent {
                    return None;
                }
            } else if whole.contains(':') {
                let fraction: f64 = format!("0.{}", fraction.replace('_', "")).parse().ok()?;
                return Some(
                    (base_sixty(whole)? as f64 + fraction) * if is_negative { -1.0 } else { 1.0 },
                );
            } else if !starts_as_number(whole) {
                return None;
            }
            body
        }
        None if exponent.is_some() && starts_as_number(mantissa) => body,
        None => return None,
    };
    let value: f64 = value.replace('_', "").parse().ok()?;
    Some(if is_negative { -value } else { value }).filter(|value| value.is_finite())
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn is_digit(c: u8) -> bool {
    c.is_ascii_digit() || c == b'_'
}

fn starts_as_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(is_digit)
}

/// The digits of a base, underscores left out; nothing when there is no digit or one that the base
/// does not have.
fn radix(digits: &str, base: u32) -> Option<i128> {
    let digits = digits.replace('_', "");
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(base));
    plain.then(|| i128::from_str_radix(&digits, base).ok())?
}

/// Groups of sixty, as in `190:20:30`: the first is any number, the others go to 59.
fn base_sixty(text: &str) -> Option<i128> {
    let mut groups = text.split(':');
    let mut value = Some(groups.next()?)
        .filter(|first| starts_as_number(first))
        .and_then(|first| radix(first, 10))?;
    for group in groups {
        let valid = matches!(group.len(), 1 | 2) && group.bytes().all(|c| c.is_ascii_digit());
        let sixtieth: i128 = valid.then(|| group.parse().ok())??;
        value = value.checked_mul(60)?.checked_add(sixtieth).filter(|_| sixtieth < 60)?;
    }
    Some(value)
}
