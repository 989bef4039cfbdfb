//! What lists and mappings hold, against a schema.

use super::SchemaError;
use super::check::{Check, SCANNED};
use super::message::{Path, Step, quoted, shown};
use super::node::{Node, Rules};
use super::values::canonical;
use crate::policy::guest::evaluation::size;
use crate::yaml::nearest;
use serde_json::{Map, Value};
use std::collections::HashSet;

impl Check<'_, '_> {
    /// A list: its size, and each item.
    pub fn items(
        &mut self,
        rules: &Rules,
        items: &[Value],
        path: Path<'_>,
        depth: usize,
    ) -> Result<bool, SchemaError> {
        let mut fits = self.between(rules.min_items, rules.max_items, items.len(), path, |count| {
            format!("the list has {count} items")
        });
        if rules.unique_items {
            let mut seen = HashSet::new();
            for item in items {
                self.steps.take(1)?;
                self.steps.take_bytes(size(item))?;
                if !seen.insert(canonical(item)) {
                    let is_secret = self.is_secret(item);
                    fits &= self.fault(path, || match is_secret {
                        true => "duplicate item (it is not shown)".to_owned(),
                        false => format!("duplicate item {}", shown(item)),
                    });
                }
            }
        }
        for (index, item) in items.iter().enumerate() {
            if let Some(id) = rules.item(index) {
                fits &= self.node(id, item, path.below(Step::Index(index)), depth)?;
            }
        }
        let Some(contains) = rules.contains else { return Ok(fits) };
        let mut count = 0;
        for item in items {
            count += usize::from(self.matches(contains, item, depth)?);
        }
        let least = rules.min_contains.unwrap_or(1);
        fits &= self.between(Some(least), rules.max_contains, count, path, |count| {
            format!("{count} items of the list are as one must be")
        });
        Ok(fits)
    }

    /// A mapping: its size, what it must have, and each member.
    pub fn members(
        &mut self,
        rules: &Rules,
        members: &Map<String, Value>,
        path: Path<'_>,
        depth: usize,
    ) -> Result<bool, SchemaError> {
        let (least, most) = (rules.min_properties, rules.max_properties);
        let mut fits = self.between(least, most, members.len(), path, |count| {
            format!("the mapping has {count} keys")
        });
        self.steps.take(rules.required.len() + rules.dependent_required.len())?;
        let of_members = rules.dependent_required.iter();
        let of_members = of_members.filter(|(name, _)| members.contains_key(name));
        let required = rules.required.iter().chain(of_members.flat_map(|(_, names)| names));
        for name in required.filter(|name| !members.contains_key(*name)) {
            fits &= self.fault(path, || format!("missing {}", quoted(name)));
        }
        for (name, member) in members {
            fits &= self.member(rules, name, member, path, depth)?;
        }
        Ok(fits)
    }

    fn member(
        &mut self,
        rules: &Rules,
        name: &str,
        member: &Value,
        path: Path<'_>,
        depth: usize,
    ) -> Result<bool, SchemaError> {
        self.steps.take(1 + rules.properties.len() / 16)?;
        let below = path.below(Step::Key(name));
        let mut fits = true;
        if let Some(names) = rules.property_names {
            let text = Value::String(name.to_owned());
            self.steps.take_bytes(name.len())?;
            fits &= self.node(names, &text, below, depth)?;
        }
        let own = rules.property(name);
        let mut is_known = own.is_some();
        if let Some(id) = own {
            fits &= self.node(id, member, below, depth)?;
        }
        for (pattern, id) in &rules.pattern_properties {
            self.steps.take(1 + name.len() / SCANNED)?;
            if pattern.is_match(name) {
                is_known = true;
                fits &= self.node(*id, member, below, depth)?;
            }
        }
        let Some(others) = rules.additional_properties.filter(|_| !is_known) else {
            return Ok(fits);
        };
        if matches!(self.schema.node(others), Node::Any(false)) {
            return Ok(self.fault(path, || unknown_key(name, rules)));
        }
        Ok(fits & self.node(others, member, below, depth)?)
    }
}

fn unknown_key(name: &str, rules: &Rules) -> String {
    let known = rules.properties.iter().map(|(known, _)| known.as_str());
    let advice = nearest::advice(name, known).map(|advice| format!("; {advice}"));
    format!("unknown key {}{}", quoted(name), advice.unwrap_or_default())
}
