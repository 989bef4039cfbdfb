//! Plain scalars as YAML 1.2's core schema has them
//! (<https://yaml.org/spec/1.2.2/#103-core-schema>), which is how people who write for Kubernetes
//! mean them: `on` and `yes` are text. A plain scalar that matches no rule is text, exactly as
//! typed; so is a number that 64 bits do not hold.

use super::node::Data;

/// The meaning of a plain (unquoted, untagged) scalar.
pub fn plain(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null(text.into()),
        "true" | "True" | "TRUE" => return Data::Bool(true, text.into()),
        "false" | "False" | "FALSE" => return Data::Bool(false, text.into()),
        ".nan" | ".NaN" | ".NAN" => return Data::Float(f64::NAN, text.into()),
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
        let value = if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
        return Some(Data::Float(value, text.into()));
    }
    let digits = |radix: u32, prefix: &str| {
        text.strip_prefix(prefix).filter(|digits| all_digits(digits, radix))
    };
    if let Some((digits, radix)) = digits(8, "0o")
        .map(|digits| (digits, 8))
        .or_else(|| digits(16, "0x").map(|digits| (digits, 16)))
    {
        return i64::from_str_radix(digits, radix).ok().map(|value| Data::Int(value, text.into()));
    }
    if all_digits(unsigned, 10) {
        // Rust reads a sign as YAML has it.
        return text.parse().ok().map(|value| Data::Int(value, text.into()));
    }
    // Beside these, Rust knows only words as floats, and a word was left above.
    let is_float = unsigned
        .bytes()
        .all(|c| c.is_ascii_digit() || matches!(c, b'.' | b'e' | b'E' | b'+' | b'-'));
    let value = text.parse().ok().filter(|value: &f64| is_float && value.is_finite());
    value.map(|value| Data::Float(value, text.into()))
}

fn all_digits(text: &str, radix: u32) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_digit(radix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Node, Position};
    use serde_json::{Value, json};

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
            ("", Value::Null),
            ("~", Value::Null),
            ("NULL", Value::Null),
            ("True", json!(true)),
            ("FALSE", json!(false)),
            ("0", json!(0)),
            ("+12", json!(12)),
            ("-19", json!(-19)),
            ("007", json!(7)),
            ("0o14", json!(12)),
            ("0x1F", json!(31)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("18446744073709551615", json!("18446744073709551615")),
            ("1e999", json!("1e999")),
            ("0.", json!(0.0)),
            (".5", json!(0.5)),
            ("-.5", json!(-0.5)),
            ("+12e03", json!(12000.0)),
            ("-2E+05", json!(-200_000.0)),
            ("1.5e-3", json!(0.0015)),
            (".inf", json!(".inf")),
            ("-.INF", json!("-.INF")),
        ];
        for (text, expected) in rows {
            let node = Node::new(plain(text), &Position::whole("a row"));
            assert_eq!(node.to_json(), expected, "{text}");
            assert_eq!(node.as_typed().unwrap_or_default(), text);
        }
        assert!(matches!(plain(".NaN"), Data::Float(value, _) if value.is_nan()));
    }
}
