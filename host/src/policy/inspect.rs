//! What can be said of a file without using it as a policy: its size and digest, what its type shows, and what it says of
//! itself where it is one.

use super::bindings::Description;
use super::{Grants, PolicyError, PolicyHost, PolicySource, World};
use serde_json::Value;
use std::path::PathBuf;

/// A file that was looked at.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: usize,
    /// Its digest: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Whether it is a core module that was made a component.
    pub is_core_module: bool,
    /// What its type shows.
    pub world: World,
    /// What it says of itself; for what is no policy, why it cannot be asked.
    pub described: Result<Described, String>,
}

/// What a policy says of itself, fit for a terminal.
#[derive(Clone, Debug)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is for.
    pub summary: String,
    /// The JSON Schema of its settings; a text where it is no JSON.
    pub settings_schema: Value,
}

impl PolicyHost {
    /// Look at a file. An error only where it is no component at all.
    pub fn inspect(&self, source: PolicySource) -> Result<Inspection, PolicyError> {
        let source = PolicySource { grants: Grants::all(), ..source };
        let (_, component) = self.compile(&source)?;
        let world = World::of(&component, self.engine());
        let (size, digest) = (source.file.size(), source.file.digest().to_owned());
        let is_core_module = super::scan::is_core_module(source.bytes()?);
        let described = self.prepare(&source, &component).and_then(|policy| {
            policy.call_describe().map(|description| described(&description, |text| policy.for_people(text)))
        });
        let described = described.map_err(|error| error.to_string());
        Ok(Inspection { path: source.path, size, digest, is_core_module, world, described })
    }
}

fn described(description: &Description, for_people: impl Fn(&str) -> String) -> Described {
    let schema = &description.settings_schema;
    Described {
        name: for_people(&description.name),
        version: for_people(&description.version),
        summary: for_people(&description.summary),
        settings_schema: serde_json::from_str(schema).unwrap_or_else(|_| Value::String(for_people(schema))),
    }
}
