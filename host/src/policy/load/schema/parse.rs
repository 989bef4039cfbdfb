//! From JSON to the nodes of a schema. Parts wait in a queue, so that no nesting fills the stack.

use super::formats::Format;
use super::message::quoted;
use super::node::{Node, NodeId, Rules};
use super::read::{
    count, dialect, divisor, flag, list, mapping, number, text, texts, types, wrong,
};
use super::steps::{SchemaError, Steps};
use crate::job::escaped;
use crate::policy::guest::evaluation::size;
use crate::yaml::nearest;
use regex::{Error, Regex, RegexBuilder};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The keywords that are understood: those that check, and those that only describe.
pub const KEYWORDS: [&str; 50] = [
    "$schema",
    "$id",
    "$defs",
    "$ref",
    "$comment",
    "definitions",
    "type",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "prefixItems",
    "items",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "required",
    "dependentRequired",
    "dependentSchemas",
    "minProperties",
    "maxProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "default",
    "title",
    "description",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentMediaType",
];

/// The steps of a regular expression beside others: it is compiled.
const PATTERN: usize = 500;
/// The most bytes that one compiled regular expression may take.
const PATTERN_BYTES: usize = 256 << 10;

/// Parse a schema; its root is the first node. Gives each node with its place.
pub fn parse(json: &Value, steps: &mut Steps<'_>) -> Result<(Vec<Node>, Vec<String>), SchemaError> {
    let mut parser = Parser { root: json, steps, places: HashMap::new(), queue: Vec::new() };
    parser.id("".to_owned());
    let mut nodes = Vec::new();
    while nodes.len() < parser.queue.len() {
        let place = parser.queue[nodes.len()].clone();
        nodes.push(parser.node(&place)?);
    }
    Ok((nodes, parser.queue))
}

struct Parser<'a, 'l> {
    root: &'a Value,
    steps: &'a mut Steps<'l>,
    /// The node of each place, by its JSON pointer.
    places: HashMap<String, NodeId>,
    /// The places in the order of their nodes.
    queue: Vec<String>,
}

impl<'a> Parser<'a, '_> {
    /// The node of a place, which is parsed later.
    fn id(&mut self, place: String) -> NodeId {
        if let Some(id) = self.places.get(&place) {
            return *id;
        }
        let id = NodeId(self.queue.len());
        self.queue.push(place.clone());
        self.places.insert(place, id);
        id
    }

    fn node(&mut self, place: &str) -> Result<Node, SchemaError> {
        self.steps.take(1)?;
        self.steps.take_bytes(place.len())?;
        match self.root.pointer(place) {
            Some(Value::Bool(any)) => Ok(Node::Any(*any)),
            Some(Value::Object(keywords)) => self.rules(place, keywords),
            _ => Err(wrong(place, "expected a schema: a mapping, `true` or `false`")),
        }
    }

    fn rules(
        &mut self,
        place: &str,
        keywords: &'a Map<String, Value>,
    ) -> Result<Node, SchemaError> {
        let mut rules = Rules::default();
        for (keyword, value) in keywords {
            self.steps.take(1)?;
            let at = format!("{place}/{}", escaped(keyword));
            self.keyword(&mut rules, keyword, value, place, at)?;
        }
        Ok(Node::Rules(rules.into()))
    }

    fn keyword(
        &mut self,
        rules: &mut Rules,
        keyword: &str,
        value: &'a Value,
        place: &str,
        at: String,
    ) -> Result<(), SchemaError> {
        match keyword {
            "$ref" => rules.reference = Some(self.reference(value, &at)?),
            "$id" | "$schema" if !place.is_empty() => {
                return Err(wrong(&at, "it may stand only at the root"));
            }
            "$defs" | "definitions" => {
                mapping(value, &at)?;
            }
            "type" => rules.types = Some(types(value, &at)?),
            "enum" => rules.one_of_values = Some(list(value, &at)?.clone()),
            "const" => rules.one_of_values = Some(vec![value.clone()]),
            "minimum" => rules.minimum = Some(number(value, &at)?),
            "maximum" => rules.maximum = Some(number(value, &at)?),
            "exclusiveMinimum" => rules.exclusive_minimum = Some(number(value, &at)?),
            "exclusiveMaximum" => rules.exclusive_maximum = Some(number(value, &at)?),
            "multipleOf" => rules.multiple_of = Some(divisor(value, &at)?),
            "minLength" => rules.min_length = Some(count(value, &at)?),
            "maxLength" => rules.max_length = Some(count(value, &at)?),
            "pattern" => rules.pattern = Some(self.pattern(text(value, &at)?, &at)?),
            "format" => {
                let name = text(value, &at)?;
                rules.format = Format::named(name);
                rules.is_secret |= name == "password";
            }
            "writeOnly" => rules.is_secret |= *value == Value::Bool(true),
            "prefixItems" => rules.prefix_items = self.list_of(value, &at)?,
            "items" => rules.items = Some(self.id(at)),
            "contains" => rules.contains = Some(self.id(at)),
            "minContains" => rules.min_contains = Some(count(value, &at)?),
            "maxContains" => rules.max_contains = Some(count(value, &at)?),
            "minItems" => rules.min_items = Some(count(value, &at)?),
            "maxItems" => rules.max_items = Some(count(value, &at)?),
            "uniqueItems" => rules.unique_items = flag(value, &at)?,
            "properties" => rules.properties = self.mapping_of(value, &at)?,
            "patternProperties" => {
                for (pattern, id) in self.mapping_of(value, &at)? {
                    let pattern = self.pattern(&pattern, &at)?;
                    rules.pattern_properties.push((pattern, id));
                }
            }
            "additionalProperties" => rules.additional_properties = Some(self.id(at)),
            "propertyNames" => rules.property_names = Some(self.id(at)),
            "required" => rules.required = texts(value, &at)?,
            "dependentRequired" => {
                for (name, names) in mapping(value, &at)? {
                    rules.dependent_required.push((name.clone(), texts(names, &at)?));
                }
            }
            "dependentSchemas" => rules.dependent_schemas = self.mapping_of(value, &at)?,
            "minProperties" => rules.min_properties = Some(count(value, &at)?),
            "maxProperties" => rules.max_properties = Some(count(value, &at)?),
            "allOf" => rules.all_of = self.choices(value, &at)?,
            "anyOf" => rules.any_of = self.choices(value, &at)?,
            "oneOf" => rules.one_of = self.choices(value, &at)?,
            "not" => rules.not = Some(self.id(at)),
            "if" => rules.condition = Some(self.id(at)),
            "then" => rules.then = Some(self.id(at)),
            "else" => rules.otherwise = Some(self.id(at)),
            "default" => {
                self.steps.take_bytes(size(value))?;
                rules.default = Some(value.clone());
            }
            "$schema" => dialect(value, &at)?,
            known if KEYWORDS.contains(&known) || known.starts_with("x-") => {}
            unknown => {
                let advice = nearest::meant(unknown, KEYWORDS);
                let advice = advice.map(|word| format!("; did you mean `{word}`?"));
                let why = "this keyword is not supported, see docs/policies.md";
                return Err(wrong(&at, &format!("{why}{}", advice.unwrap_or_default())));
            }
        }
        Ok(())
    }

    /// The node that `$ref` leads to: a plain place within the schema.
    fn reference(&mut self, value: &Value, at: &str) -> Result<NodeId, SchemaError> {
        let target = text(value, at)?;
        let place = target.strip_prefix('#').filter(|place| {
            let is_plain = !place.contains('%') && (place.is_empty() || place.starts_with('/'));
            is_plain && self.root.pointer(place).is_some()
        });
        let Some(place) = place else {
            let target = quoted(target);
            let why = format!("{target} does not lead to a part of this schema, written `#/…`");
            return Err(wrong(at, &why));
        };
        Ok(self.id(place.to_owned()))
    }

    fn pattern(&mut self, pattern: &str, at: &str) -> Result<Regex, SchemaError> {
        self.steps.take(PATTERN)?;
        let mut builder = RegexBuilder::new(pattern);
        builder.size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES);
        let pattern = quoted(pattern);
        builder.build().map_err(|error| match error {
            Error::CompiledTooBig(_) => {
                wrong(at, &format!("{pattern} takes more than {PATTERN_BYTES} bytes when compiled"))
            }
            _ => {
                let why = "is not a regular expression of linear time, without look-around and back \
                           references";
                wrong(at, &format!("{pattern} {why}"))
            }
        })
    }

    fn mapping_of(
        &mut self,
        value: &Value,
        at: &str,
    ) -> Result<Vec<(String, NodeId)>, SchemaError> {
        let members = mapping(value, at)?.keys();
        Ok(members.map(|name| (name.clone(), self.id(format!("{at}/{}", escaped(name))))).collect())
    }

    fn list_of(&mut self, value: &Value, at: &str) -> Result<Vec<NodeId>, SchemaError> {
        let count = list(value, at)?.len();
        Ok((0..count).map(|index| self.id(format!("{at}/{index}"))).collect())
    }

    fn choices(&mut self, value: &Value, at: &str) -> Result<Vec<NodeId>, SchemaError> {
        let choices = self.list_of(value, at)?;
        if choices.is_empty() {
            Err(wrong(at, "expected at least one schema"))
        } else {
            Ok(choices)
        }
    }
}
