//! What the command line changes of policies that it names: `--set NAME.KEY=VALUE`, `--grant NAME=…`.
//!
//! A policy is named as it is configured, or as it describes itself. The second is known only when
//! its file is open, so such adjustments wait for it.

use super::set::Set;
use crate::error::Error;
use crate::job::Mode;
use crate::policy::{Grants, PolicySource};
use crate::yaml::nearest;
use serde_json::Value;
use std::collections::BTreeMap;

/// A change to one policy.
pub struct Adjustment {
    /// The name as it was typed.
    pub name: String,
    /// The flag, for messages.
    pub flag: &'static str,
    /// The change.
    pub change: Change,
}

/// What is changed.
pub enum Change {
    /// All settings, and their numbers and booleans as they were typed, by JSON pointer.
    Settings { settings: Value, typed: BTreeMap<String, String> },
    /// One setting.
    Set(Set),
    /// The capabilities that it may have.
    Grants(Grants),
    /// It is audited.
    Audit,
}

/// Settings of the command line: `NAME.KEY=VALUE`.
pub fn settings(typed: &[String]) -> Result<Vec<Adjustment>, Error> {
    let adjustment = |typed: &String| {
        let set = Set::parse(typed)?;
        Ok(Adjustment { name: set.policy().to_owned(), flag: "--set", change: Change::Set(set) })
    };
    typed.iter().map(adjustment).collect()
}

/// Whether every adjustment is for a policy that is configured under this name.
pub fn are_configured(adjustments: &[Adjustment], sources: &[PolicySource]) -> bool {
    adjustments
        .iter()
        .all(|adjustment| sources.iter().any(|source| source.name.as_str() == adjustment.name))
}

/// Make the adjustments, in their order. `own` are the names by which the policies describe
/// themselves, as far as they are known; they count where one policy alone has them.
pub fn make(
    adjustments: Vec<Adjustment>,
    sources: &mut [PolicySource],
    own: &[String],
) -> Result<(), Error> {
    for Adjustment { name, flag, change } in adjustments {
        let index = find(&name, flag, sources, own)?;
        let source = &mut sources[index];
        match change {
            Change::Settings { settings, typed } => {
                (source.settings, source.typed) = (settings, typed);
            }
            Change::Set(set) => set.apply(source)?,
            Change::Grants(grants) => source.grants = grants,
            Change::Audit => source.mode = Mode::Audit,
        }
    }
    Ok(())
}

fn find(name: &str, flag: &str, sources: &[PolicySource], own: &[String]) -> Result<usize, Error> {
    if let Some(index) = sources.iter().position(|source| source.name.as_str() == name) {
        return Ok(index);
    }
    let called: Vec<usize> = (0..own.len()).filter(|index| own[*index] == name).collect();
    match called.as_slice() {
        [index] => Ok(*index),
        [] => Err(Error::Usage {
            what: format!("`{flag}`: policy `{name}` is not configured"),
            hint: if sources.is_empty() {
                "add its file with `--policy`".into()
            } else {
                let known = sources.iter().map(|source| source.name.as_str());
                nearest::expected(&known.collect::<Vec<_>>())
            },
        }),
        several => Err(Error::Usage {
            what: format!("`{flag}`: {} policies are called `{name}`", several.len()),
            hint: {
                let names = several.iter().map(|index| sources[*index].name.as_str());
                nearest::expected(&names.collect::<Vec<_>>())
            },
        }),
    }
}
