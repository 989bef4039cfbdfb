//! Plain scalars as YAML 1.2's core schema has them
//! (<https://yaml.org/spec/1.2.2/#103-core-schema>), which is how people who write for Kubernetes
//! mean them: `on` and `yes` are text. A plain scalar that matches no rule is text, exactly as
//! written.

use super::node::Data;

/// The meaning of a plain (unquoted, untagged) scalar. An integer that does not fit 64 bits is a
/// float, as in JSON.
pub fn plain(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Bool(true),
        "false" | "False" | "FALSE" => return Data::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Data::Float(f64::NAN),
        _ => {}
    }
    number(text).unwrap_or_else(|| Data::Text(text.to_owned()))
}

fn number(text: &str) -> Option<Data> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    // Most scalars are words; a number begins in one of these ways.
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(Data::Float(if text.starts_with('-') {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        }));
    }
    let digits = |radix: u32, prefix: &str| {
        text.strip_prefix(prefix).filter(|digits| all_digits(digits, radix))
    };
    if let Some((digits, radix)) = digits(8, "0o")
        .map(|digits| (digits, 8))
        .or_else(|| digits(16, "0x").map(|digits| (digits, 16)))
    {
        return i64::from_str_radix(digits, radix).ok().map(Data::Int);
    }
    if all_digits(unsigned, 10) {
        // Rust reads a sign as YAML has it.
        return text.parse().map(Data::Int).ok().or_else(|| text.parse().map(Data::Float).ok());
    }
    // Beside these, Rust knows only words as floats, and a word was left above.
    let is_float = unsigned
        .bytes()
        .all(|c| c.is_ascii_digit() || matches!(c, b'.' | b'e' | b'E' | b'+' | b'-'));
    text.parse().ok().filter(|_| is_float).map(Data::Float)
}

fn all_digits(text: &str, radix: u32) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_digit(radix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_those_of_the_core_schema() {
        let words = [
            "on",
            "yes",
            "No",
            "tRUE",
            "nUll",
            "1_000",
            "0b1",
            "1:30",
            "0x",
            "0o8",
            "-0x1F",
            "1e",
            "e3",
            ".",
            "+",
            "-.nan",
            "2026-01-01",
            "1.2.3",
            "inf",
            "0xG",
            "5m",
        ];
        for word in words {
            assert_eq!(plain(word), Data::Text(word.into()));
        }
        let rows = [
            ("", Data::Null),
            ("~", Data::Null),
            ("NULL", Data::Null),
            ("True", Data::Bool(true)),
            ("FALSE", Data::Bool(false)),
            ("0", Data::Int(0)),
            ("+12", Data::Int(12)),
            ("-19", Data::Int(-19)),
            ("007", Data::Int(7)),
            ("0o14", Data::Int(12)),
            ("0x1F", Data::Int(31)),
            ("-9223372036854775808", Data::Int(i64::MIN)),
            ("18446744073709551615", Data::Float(18_446_744_073_709_551_615.0)),
            ("0.", Data::Float(0.0)),
            (".5", Data::Float(0.5)),
            ("-.5", Data::Float(-0.5)),
            ("+12e03", Data::Float(12000.0)),
            ("-2E+05", Data::Float(-200_000.0)),
            ("1.5e-3", Data::Float(0.0015)),
            (".inf", Data::Float(f64::INFINITY)),
            ("-.INF", Data::Float(f64::NEG_INFINITY)),
        ];
        for (text, expected) in rows {
            assert_eq!(plain(text), expected, "{text}");
        }
        assert!(matches!(plain(".NaN"), Data::Float(value) if value.is_nan()));
    }
}
