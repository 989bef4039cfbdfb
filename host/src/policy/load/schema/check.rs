//! A value against a schema. Faults are collected along the way that must match; alternatives are
//! only asked whether they match, so that nothing is kept of the branches that do not.

use super::message::{Path, choices, quoted, shown};
use super::node::{Node, NodeId, Rules, Type};
use super::secrets::{Identity, secrets};
use super::values::{compare, equal, is_multiple};
use super::{Schema, SchemaError, Steps};
use crate::policy::guest::evaluation::size;
use serde_json::{Number, Value};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::ptr;

/// How many faults are reported at once.
const MOST_REPORTED: usize = 20;
/// How deep parts of a schema may apply within each other.
const DEEPEST: usize = 256;
/// So many bytes that a regular expression looks at are a step.
pub const SCANNED: usize = 8;

/// Everything in which a value does not match a node, as sentences.
pub fn faults(
    schema: &Schema,
    id: NodeId,
    value: &Value,
    steps: &mut Steps<'_>,
) -> Result<Vec<String>, SchemaError> {
    let secrets = secrets(schema, id, value, steps)?;
    let secrets = secrets.into_iter().map(|(_, value)| value).collect();
    let mut check = Check { schema, steps, secrets, faults: Some(Vec::new()) };
    check.node(id, value, Path::ROOT, DEEPEST)?;
    Ok(check.faults.unwrap_or_default())
}

/// A check under way.
pub struct Check<'a, 'l> {
    pub schema: &'a Schema,
    pub steps: &'a mut Steps<'l>,
    /// The values that are not shown.
    secrets: HashSet<Identity>,
    /// None while an alternative is tried.
    faults: Option<Vec<String>>,
}

impl Check<'_, '_> {
    /// Whether a value matches a node.
    pub fn node(
        &mut self,
        id: NodeId,
        value: &Value,
        path: Path<'_>,
        depth: usize,
    ) -> Result<bool, SchemaError> {
        self.steps.take(1)?;
        let Some(depth) = depth.checked_sub(1) else {
            let why = format!("its parts apply within each other more than {DEEPEST} levels deep");
            return Err(SchemaError::Wrong(why));
        };
        let schema = self.schema;
        let rules = match schema.node(id) {
            Node::Any(true) => return Ok(true),
            Node::Any(false) => return Ok(self.fault(path, || "nothing may be set here".into())),
            Node::Rules(rules) => rules,
        };
        let silent = self.is_secret(value) && self.faults.is_some();
        let outer = if silent { self.faults.take() } else { None };
        let mut fits = self.itself(rules, value, path)?;
        fits &= match value {
            Value::String(text) => self.text(rules, text, path)?,
            Value::Number(number) => self.number(rules, number, path),
            Value::Array(items) => self.items(rules, items, path, depth)?,
            Value::Object(members) => self.members(rules, members, path, depth)?,
            Value::Null | Value::Bool(_) => true,
        };
        fits &= self.applied(rules, value, path, depth)?;
        if silent {
            self.faults = outer;
            if !fits {
                self.fault(path, || "the value does not match (it is not shown)".into());
            }
        }
        Ok(fits)
    }

    /// Whether a value is not shown.
    pub fn is_secret(&self, value: &Value) -> bool {
        self.secrets.contains(&ptr::from_ref(value))
    }

    /// Report a fault, as far as there is room; the value does not match.
    pub fn fault(&mut self, path: Path<'_>, sentence: impl FnOnce() -> String) -> bool {
        if let Some(faults) = self.faults.as_mut().filter(|faults| faults.len() < MOST_REPORTED) {
            faults.push(path.says(sentence()));
        }
        false
    }

    /// Report a fault unless something holds.
    fn expect(&mut self, holds: bool, path: Path<'_>, sentence: impl FnOnce() -> String) -> bool {
        holds || self.fault(path, sentence)
    }

    /// `type`, `enum`, `const`.
    fn itself(
        &mut self,
        rules: &Rules,
        value: &Value,
        path: Path<'_>,
    ) -> Result<bool, SchemaError> {
        if let Some(types) = &rules.types
            && !types.iter().any(|kind| kind.fits(value))
        {
            let expected: Vec<_> = types.iter().map(|kind| kind.words()).collect();
            let mut expected = expected.join(" or ");
            let mut remedy = "";
            match value {
                // A number that does not fit was read as text, so that no digit is lost.
                Value::String(text)
                    if types.iter().any(|kind| kind.is_number()) && is_long(text) =>
                {
                    expected.push_str(" of at most 64 bits");
                }
                Value::Null if types.contains(&Type::String) => {
                    remedy = "; if it is meant as text, put quotes around it";
                }
                _ => {}
            }
            return Ok(
                self.fault(path, || format!("expected {expected}, found {}{remedy}", shown(value)))
            );
        }
        let Some(values) = &rules.one_of_values else { return Ok(true) };
        self.steps.take(values.len())?;
        self.steps.take_bytes(size(value))?;
        let fits = values.iter().any(|known| equal(known, value));
        Ok(self.expect(fits, path, || match values.as_slice() {
            [only] => format!("expected {}, found {}", shown(only), shown(value)),
            _ => format!("expected one of {}, found {}", choices(values), shown(value)),
        }))
    }

    fn text(&mut self, rules: &Rules, text: &str, path: Path<'_>) -> Result<bool, SchemaError> {
        let mut fits = true;
        if rules.min_length.is_some() || rules.max_length.is_some() {
            self.steps.take_bytes(text.len())?;
            let length = text.chars().count();
            let what = |length| format!("{} has {length} characters", quoted(text));
            fits &= self.between(rules.min_length, rules.max_length, length, path, what);
        }
        if let Some(pattern) = &rules.pattern {
            self.steps.take(text.len() / SCANNED + pattern.as_str().len() / SCANNED)?;
            let matches = pattern.is_match(text);
            fits &= self.expect(matches, path, || {
                format!("{} does not match the pattern {}", quoted(text), quoted(pattern.as_str()))
            });
        }
        if let Some(format) = rules.format {
            self.steps.take_bytes(text.len())?;
            if let Err(why) = format.check(text) {
                fits &= self.fault(path, || why);
            }
        }
        Ok(fits)
    }

    fn number(&mut self, rules: &Rules, number: &Number, path: Path<'_>) -> bool {
        use Ordering::{Greater, Less};
        let beyond = |limit: &Option<Number>, wrong: &[Ordering]| {
            let order = limit.as_ref().map(|limit| compare(number, limit));
            order.is_some_and(|order| wrong.contains(&order))
        };
        let mut fits = true;
        let rows = [
            (&rules.minimum, &[Less][..], "at least"),
            (&rules.maximum, &[Greater], "at most"),
            (&rules.exclusive_minimum, &[Less, Ordering::Equal], "more than"),
            (&rules.exclusive_maximum, &[Greater, Ordering::Equal], "less than"),
        ];
        for (limit, wrong, words) in rows {
            if let Some(bound) = limit.as_ref().filter(|_| beyond(limit, wrong)) {
                fits &= self.fault(path, || format!("expected {words} {bound}, found {number}"));
            }
        }
        if let Some(divisor) = rules.multiple_of.as_ref().filter(|by| !is_multiple(number, by)) {
            fits &=
                self.fault(path, || format!("expected a multiple of {divisor}, found {number}"));
        }
        fits
    }

    /// Parts that apply to the same value.
    fn applied(
        &mut self,
        rules: &Rules,
        value: &Value,
        path: Path<'_>,
        depth: usize,
    ) -> Result<bool, SchemaError> {
        let mut fits = true;
        let of_members = rules.dependent_schemas.iter();
        let of_members = of_members.filter(|(name, _)| value.get(name).is_some());
        let of_members = of_members.map(|(_, id)| id);
        for id in rules.reference.iter().chain(&rules.all_of).chain(of_members) {
            fits &= self.node(*id, value, path, depth)?;
        }
        if !rules.any_of.is_empty() {
            let mut any = false;
            for id in &rules.any_of {
                any = any || self.matches(*id, value, depth)?;
            }
            let count = rules.any_of.len();
            fits &= self.expect(any, path, || {
                format!("{} is none of the {count} forms that are allowed", shown(value))
            });
        }
        if !rules.one_of.is_empty() {
            let mut count = 0;
            for id in &rules.one_of {
                count += usize::from(self.matches(*id, value, depth)?);
            }
            let all = rules.one_of.len();
            fits &= self.expect(count == 1, path, || {
                format!("{} is {count} of the {all} forms, of which it must be one", shown(value))
            });
        }
        if let Some(id) = rules.not {
            let matches = self.matches(id, value, depth)?;
            fits &= self.expect(!matches, path, || {
                format!("{} has the one form that is not allowed", shown(value))
            });
        }
        if let Some(id) = rules.condition {
            let part = if self.matches(id, value, depth)? { rules.then } else { rules.otherwise };
            if let Some(id) = part {
                fits &= self.node(id, value, path, depth)?;
            }
        }
        Ok(fits)
    }

    /// Whether a value matches an alternative.
    pub fn matches(
        &mut self,
        id: NodeId,
        value: &Value,
        depth: usize,
    ) -> Result<bool, SchemaError> {
        let faults = self.faults.take();
        let fits = self.node(id, value, Path::ROOT, depth);
        self.faults = faults;
        fits
    }

    /// Whether a count is within its bounds.
    pub fn between(
        &mut self,
        least: Option<usize>,
        most: Option<usize>,
        count: usize,
        path: Path<'_>,
        what: impl Fn(usize) -> String,
    ) -> bool {
        if let Some(least) = least.filter(|least| count < *least) {
            return self.fault(path, || format!("{}: expected at least {least}", what(count)));
        }
        if let Some(most) = most.filter(|most| count > *most) {
            return self.fault(path, || format!("{}: expected at most {most}", what(count)));
        }
        true
    }
}

/// Whether a text is a number that 64 bits do not hold.
fn is_long(text: &str) -> bool {
    text.parse().is_ok_and(|float: f64| float.is_infinite() || float.abs() >= 2_f64.powi(63))
        && text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
}
