//! The inspection of a file that is not used as a policy: its size and digest, its imports and
//! exports, and its description if it is a policy. What is compiled for it is kept in the cache.

use super::PolicyHost;
use super::described::Described;
use super::opened::OpenedPolicy;
use super::parallel::OnCompile;
use super::settings;
use super::world::World;
use crate::event::Event;
use crate::policy::artifact::file::PolicyFile;
use crate::policy::artifact::scan::is_core_module;
use crate::policy::{Limits, PolicyError, PolicySource};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file that was inspected.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: usize,
    /// Its digest: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Whether it is a core module that was turned into a component.
    pub is_core_module: bool,
    /// Its imports and exports.
    pub world: World,
    /// Its description; for a file that is not a policy, the reason why it has none.
    pub described: Result<Presentation, String>,
}

/// The description of a policy, fit for a terminal.
#[derive(Clone, Debug)]
pub struct Presentation {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its purpose.
    pub summary: String,
    /// The JSON Schema of its settings; a text if it is not JSON.
    pub settings_schema: Value,
    /// What is filled in where nothing is set: at the root of the schema, and at each of its places
    /// that describes settings of any name or number, by JSON pointer.
    pub defaults: BTreeMap<String, Value>,
}

impl PolicyHost {
    /// Inspect a file without using it as a policy. An error if it is not a component at
    /// all, or a policy that breaks.
    pub fn inspect(
        &self,
        source: PolicySource,
        emit: impl FnMut(Event),
    ) -> Result<Inspection, PolicyError> {
        let opened = self.open(source)?.with_all_grants();
        let inspect = |opened, on_compile: OnCompile<'_>| self.inspect_opened(&opened, on_compile);
        let mut inspected = self.each(vec![opened], inspect, emit)?;
        Ok(inspected.remove(0))
    }

    /// The names by which policies describe themselves. They may ask for more than they are granted:
    /// they are used only when they are loaded.
    pub fn own_names(
        &self,
        sources: &[PolicySource],
        emit: impl FnMut(Event),
    ) -> Result<Vec<String>, PolicyError> {
        let open = |source: &PolicySource| Ok(self.open(source.clone())?.with_all_grants());
        let opened = sources.iter().map(open).collect::<Result<_, _>>()?;
        let name = |opened, on_compile: OnCompile<'_>| {
            Ok(self.describe(&opened, on_compile)?.description().name.clone())
        };
        self.each(opened, name, emit)
    }

    fn inspect_opened(
        &self,
        opened: &OpenedPolicy,
        on_compile: OnCompile<'_>,
    ) -> Result<Inspection, PolicyError> {
        if let Ok(Some(described)) = self.cached(opened) {
            let world = described.world().clone();
            return Inspection::new(&opened.file, world, Ok(described), &self.limits);
        }
        on_compile(opened);
        let world = World::of(&self.compilation(opened).prepare(&self.compiler)?.outline);
        let described = match self.describe_anew(opened) {
            Err(error @ PolicyError::OtherWorld { .. }) => Err(error),
            described => Ok(described?),
        };
        Inspection::new(&opened.file, world, described, &self.limits)
    }
}

impl Inspection {
    pub(super) fn new(
        file: &PolicyFile,
        world: World,
        described: Result<Described, PolicyError>,
        limits: &Limits,
    ) -> Result<Self, PolicyError> {
        Ok(Self {
            path: file.path().to_owned(),
            size: file.size(),
            digest: file.digest().to_owned(),
            is_core_module: is_core_module(file.bytes()?),
            world,
            described: described
                .map(|described| presentation(&described, limits))
                .map_err(|error| error.to_string()),
        })
    }
}

fn presentation(described: &Described, limits: &Limits) -> Presentation {
    let description = described.description();
    let schema = &description.settings_schema;
    let parsed = serde_json::from_str(schema).map(|mut json| {
        settings::without_secrets(limits, schema, &mut json);
        json
    });
    let defaults = parsed.as_ref().map(|json| settings::defaults(limits, json));
    Presentation {
        defaults: defaults.unwrap_or_default(),
        name: limits.clean(&description.name),
        version: limits.clean(&description.version),
        summary: limits.clean(&description.summary),
        settings_schema: parsed.unwrap_or_else(|_| Value::String(limits.clean(schema))),
    }
}
