//! What a component is and what it can do, read from its type before anything of it runs.

use super::offer::{Access, OFFERED, Offered, capabilities};
use super::{PolicyError, PolicySource, empty_world};
use crate::text::clean;
use wasmtime::Engine;
use wasmtime::component::Component;

/// The one interface that a policy exports.
const CONTRACT: &str = "mlcube:policy/policy@0.1.0";

/// How many foreign imports an error names.
const MOST_NAMED: usize = 10;
/// The most bytes of a name that is told.
const LONGEST_NAME: usize = 200;

/// Capabilities that a policy has only where it is granted by name.
const ON_REQUEST: [&str; 1] = ["cluster"];

/// A component as its type shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// Whether it exports the contract.
    pub is_policy: bool,
    /// Everything that it exports.
    pub exports: Vec<String>,
    /// The interfaces by which it only reads.
    pub reads: Vec<&'static str>,
    /// The interfaces by which it can change a Job or ask the cluster.
    pub capabilities: Vec<&'static str>,
    /// WASI's interfaces, which are given empty.
    pub wasi: Vec<String>,
    /// Imports that no policy is given.
    pub foreign: Vec<String>,
}

impl World {
    /// Read a component's type.
    pub fn of(component: &Component, engine: &Engine) -> Self {
        let component = component.component_type();
        let exports: Vec<String> = component.exports(engine).map(|(name, _)| for_people(name)).collect();
        let mut world = Self { is_policy: exports.iter().any(|name| name == CONTRACT), exports, ..Self::default() };
        let imports: Vec<String> = component.imports(engine).map(|(name, _)| for_people(name)).collect();
        for Offered { name, access, .. } in OFFERED {
            if imports.iter().any(|import| own_name(import) == Some(name)) {
                match access {
                    Access::Types => {}
                    Access::Reads => world.reads.push(name),
                    Access::Capability => world.capabilities.push(name),
                }
            }
        }
        let is_offered = |import: &str| OFFERED.iter().any(|offered| own_name(import) == Some(offered.name));
        let others = imports.into_iter().filter(|import| !is_offered(import));
        (world.wasi, world.foreign) = others.partition(|import| empty_world::is_wasi(import));
        world
    }

    /// Whether it imports an interface of the contract. One that only names types is nothing to be without.
    pub fn imports(&self, offered: &Offered) -> bool {
        match offered.access {
            Access::Types => true,
            Access::Reads => self.reads.contains(&offered.name),
            Access::Capability => self.capabilities.contains(&offered.name),
        }
    }

    /// An error unless this is a policy that asks for no more than it is granted and was locked with.
    pub fn check(&self, source: &PolicySource) -> Result<(), PolicyError> {
        let policy = source.name.clone();
        let other_world = |why| Err(PolicyError::OtherWorld { path: source.path.clone(), why });
        if !self.is_policy {
            return other_world(format!("it does not export `{CONTRACT}`"));
        }
        if !self.foreign.is_empty() {
            let mut names: Vec<_> = self.foreign.iter().take(MOST_NAMED).map(|import| format!("`{import}`")).collect();
            if let more @ 1.. = self.foreign.len() - names.len() {
                names.push(format!("{more} more"));
            }
            return other_world(format!("it imports {}, which policies are not given", names.join(", ")));
        }
        let missing = self.capabilities_but(|name| source.grants.allows(name));
        if !missing.is_empty() {
            return Err(PolicyError::NotGranted { policy, missing, granted: source.grants.0.clone() });
        }
        let is_locked =
            |name: &str| source.locked.as_ref().is_none_or(|locked| locked.iter().any(|known| known == name));
        let gained = self.capabilities_but(is_locked);
        if gained.is_empty() { Ok(()) } else { Err(PolicyError::Gained { policy, gained }) }
    }

    fn capabilities_but(&self, allows: impl Fn(&str) -> bool) -> Vec<&'static str> {
        self.capabilities.iter().copied().filter(|name| !allows(name)).collect()
    }
}

/// What a policy may do, if it asks: names of capabilities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants(Vec<&'static str>);

impl Default for Grants {
    /// Every capability but those that must be asked for: the platform team's own policies change Jobs as they see fit.
    fn default() -> Self {
        Self(capabilities().filter(|name| !ON_REQUEST.contains(name)).collect())
    }
}

impl Grants {
    /// Exactly the capabilities in `grant`, or the default ones, without those in `deny`. The error is a sentence.
    pub fn new(grant: Option<&[String]>, deny: &[String]) -> Result<Self, String> {
        let granted = match grant {
            Some(names) => known(names)?,
            None => Self::default().0,
        };
        let denied = known(deny)?;
        Ok(Self(granted.into_iter().filter(|name| !denied.contains(name)).collect()))
    }

    /// Every capability there is.
    pub fn all() -> Self {
        Self(capabilities().collect())
    }

    /// The capabilities by name.
    pub fn names(&self) -> &[&'static str] {
        &self.0
    }

    fn allows(&self, capability: &str) -> bool {
        self.0.contains(&capability)
    }
}

fn known(names: &[String]) -> Result<Vec<&'static str>, String> {
    let find = |name: &String| {
        capabilities().find(|known| known == name).ok_or_else(|| {
            let all: Vec<_> = capabilities().map(|name| format!("`{name}`")).collect();
            format!("`{name}` is no capability; there are {}", all.join(", "))
        })
    };
    names.iter().map(find).collect()
}

/// An interface of the contract by its name in a component's type: `job` for `mlcube:policy/job@0.1.0`.
fn own_name(import: &str) -> Option<&str> {
    import.strip_prefix("mlcube:policy/")?.strip_suffix("@0.1.0")
}

/// A name out of a component, which may hold anything.
fn for_people(name: &str) -> String {
    clean(name, LONGEST_NAME)
}
