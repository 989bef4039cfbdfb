//! One setting of the command line: `--set POLICY.KEY=VALUE`.

use super::typed::usage;
use crate::error::Error;
use crate::policy::PolicySource;
use crate::yaml::{self, ConfigError, Node, Origin, pointer_to, quote, yaml12};
use serde_json::{Map, Value};

/// A setting of the command line.
#[derive(Debug)]
pub struct Set {
    typed: String,
    policy: String,
    keys: Vec<String>,
    value: Node,
}

impl Set {
    /// Read it. The value is YAML: `2` is a number, `true` a boolean; where the policy's schema takes
    /// text, they are the text that was typed.
    pub fn parse(typed: &str) -> Result<Self, Error> {
        let (place, value) = typed.split_once('=').unwrap_or((typed, ""));
        // The value may be secret: no message shows it.
        let shown = if place == typed { typed.to_owned() } else { format!("{place}=…") };
        let wrong = || usage(&shown, "--set", r"NAME.KEY=VALUE, with `\.` for a dot inside a key");
        if place == typed {
            return Err(wrong());
        }
        let mut keys = keys(place).into_iter();
        let policy = keys.next().ok_or_else(wrong)?;
        let keys: Vec<String> = keys.collect();
        if keys.is_empty() || keys.iter().any(String::is_empty) {
            return Err(wrong());
        }
        let origin = Origin::Argument(format!("--set {}", quote(place)).into());
        let hint = "the value is YAML: quote text with special characters";
        let value = yaml::read(value, &origin, yaml12::plain).map_err(|error| {
            let why = "the value is not YAML that is understood here";
            let hint = error.hint().unwrap_or(hint).to_owned();
            ConfigError::new(error.fault(), why).at(&origin.whole()).with_hint(hint)
        })?;
        Ok(Self { typed: place.to_owned(), policy, keys, value })
    }

    /// The policy that it is for.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Put the value in its place among the settings of a policy. Mappings on the way are made where
    /// there is nothing; a list or any other value on the way is never replaced.
    pub fn apply(&self, policy: &mut PolicySource) -> Result<(), Error> {
        let mut target = &mut policy.settings;
        for (depth, key) in self.keys.iter().enumerate() {
            target = member(target, key).map_err(|why| self.refused(depth, &why))?;
        }
        *target = self.value.to_json();
        let place = self.keys.iter().fold(String::new(), |place, key| pointer_to(&place, key));
        let below = format!("{place}/");
        policy.typed.retain(|other, _| *other != place && !other.starts_with(&below));
        let typed = self.value.typed_scalars().into_iter();
        policy.typed.extend(typed.map(|(inner, text)| (format!("{place}{inner}"), text)));
        Ok(())
    }

    fn refused(&self, depth: usize, why: &str) -> Error {
        let place = std::iter::once(&self.policy).chain(&self.keys[..depth]);
        let place: Vec<_> = place.map(String::as_str).collect();
        Error::Usage {
            what: format!("`--set {}`: `{}`: {why}", quote(&self.typed), quote(&place.join("."))),
            hint: format!("set all of it, as in `--set {}='[1, 2]'`", place.join(".")),
        }
    }
}

/// A member of a mapping, which is made if it is missing, or an item of a list.
fn member<'v>(value: &'v mut Value, key: &str) -> Result<&'v mut Value, String> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(members) => Ok(members.entry(key).or_insert(Value::Null)),
        Value::Array(items) => {
            let count = items.len();
            let item = key.parse::<usize>().ok().and_then(|index| items.get_mut(index));
            item.ok_or_else(|| match count {
                0 => format!(
                    "expected the index of an item, found `{}`: the list is empty",
                    quote(key)
                ),
                _ => format!(
                    "expected the index of an item, 0 to {}, found `{}`",
                    count - 1,
                    quote(key)
                ),
            })
        }
        Value::Bool(_) => Err("expected a mapping or a list, found a boolean".into()),
        Value::Number(_) => Err("expected a mapping or a list, found a number".into()),
        Value::String(_) => Err("expected a mapping or a list, found text".into()),
        Value::Null => Err("expected a mapping or a list, found nothing".into()),
    }
}

/// The keys of a path, separated by dots without a backslash before them.
fn keys(place: &str) -> Vec<String> {
    let mut keys = vec![String::new()];
    let mut chars = place.chars();
    while let Some(c) = chars.next() {
        match (c, keys.last_mut()) {
            ('\\', Some(last)) => last.extend(chars.next()),
            ('.', _) => keys.push(String::new()),
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::PolicyId;
    use serde_json::json;
    use std::path::PathBuf;

    #[test]
    fn keys_split_at_plain_dots() {
        let rows = [
            ("a.b", vec!["a", "b"]),
            (r"p.tasks.*.example\.org/pool", vec!["p", "tasks", "*", "example.org/pool"]),
            ("a", vec!["a"]),
            ("a..b", vec!["a", "", "b"]),
            ("a.b\\", vec!["a", "b"]),
        ];
        for (place, expected) in rows {
            assert_eq!(keys(place), expected, "{place}");
        }
    }

    fn policy(settings: &Value) -> PolicySource {
        let name = PolicyId::parse("p").expect("a name");
        PolicySource::new(name, PathBuf::from("p.wasm")).with_settings(settings.clone())
    }

    #[test]
    fn what_was_typed_goes_with_the_value() {
        let mut policy = policy(&json!({}));
        let rows = [
            ("p.tag=1.10", vec![("/tag", "1.10")]),
            (r"p.map.a\.b/c=007", vec![("/map/a.b~1c", "007"), ("/tag", "1.10")]),
            ("p.map=[1, +2]", vec![("/map/0", "1"), ("/map/1", "+2"), ("/tag", "1.10")]),
            ("p.tag=b", vec![("/map/0", "1"), ("/map/1", "+2")]),
        ];
        for (typed, expected) in rows {
            Set::parse(typed).and_then(|set| set.apply(&mut policy)).expect(typed);
            let found = policy.typed.iter().map(|(place, text)| (place.as_str(), text.as_str()));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{typed}");
        }
    }

    #[test]
    fn nothing_on_the_way_is_lost() {
        let settings =
            json!({"list": [{"a": 1}, 2], "empty": [], "text": "t", "map": {"x": 1}, "null": null});
        let rows: [(&str, Result<Value, &str>); 10] = [
            ("p.list.0=x", Ok(json!({"list": ["x", 2]}))),
            ("p.list.0.a=5", Ok(json!({"list": [{"a": 5}, 2]}))),
            ("p.list.0.b=5", Ok(json!({"list": [{"a": 1, "b": 5}, 2]}))),
            ("p.map.y.z=5", Ok(json!({"map": {"x": 1, "y": {"z": 5}}}))),
            ("p.null.y=5", Ok(json!({"null": {"y": 5}}))),
            ("p.list=[]", Ok(json!({"list": []}))),
            ("p.list.2=x", Err("`p.list`: expected the index of an item, 0 to 1, found `2`")),
            ("p.list.a=x", Err("`p.list`: expected the index of an item, 0 to 1, found `a`")),
            (
                "p.empty.0=x",
                Err("`p.empty`: expected the index of an item, found `0`: the list is empty"),
            ),
            ("p.text.0=x", Err("`p.text`: expected a mapping or a list, found text")),
        ];
        for (typed, expected) in rows {
            let mut policy = policy(&settings);
            let applied = Set::parse(typed).and_then(|set| set.apply(&mut policy));
            let found = policy.settings;
            match expected {
                Ok(changed) => {
                    applied.expect(typed);
                    let mut wanted = settings.clone();
                    for (key, value) in changed.as_object().into_iter().flatten() {
                        wanted[key] = value.clone();
                    }
                    assert_eq!(found, wanted, "{typed}");
                }
                Err(why) => {
                    let error = applied.expect_err(typed).to_string();
                    assert!(error.ends_with(why), "{typed}: {error}");
                    assert_eq!(found, settings, "{typed}");
                }
            }
        }
    }
}
