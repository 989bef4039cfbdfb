//! The capabilities that a policy may have.

use crate::job::{Capability, UnknownCapability};

/// The capabilities that a policy may have, if it imports them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants(Vec<Capability>);

impl Default for Grants {
    fn default() -> Self {
        let all = Capability::ALL.into_iter();
        Self(all.filter(|capability| capability.is_granted_by_default()).collect())
    }
}

impl Grants {
    /// Exactly the capabilities in `grant`, or the default ones, without those in `deny`.
    pub fn new(grant: Option<&[String]>, deny: &[String]) -> Result<Self, UnknownCapability> {
        let granted = match grant {
            Some(names) => parsed(names)?,
            None => Self::default().0,
        };
        let denied = parsed(deny)?;
        Ok(Self(granted.into_iter().filter(|granted| !denied.contains(granted)).collect()))
    }

    /// Every capability.
    pub fn all() -> Self {
        Self(Capability::ALL.to_vec())
    }

    /// The capabilities.
    pub fn capabilities(&self) -> &[Capability] {
        &self.0
    }

    /// Whether a policy may have this capability.
    pub fn allow(&self, capability: Capability) -> bool {
        self.0.contains(&capability)
    }
}

fn parsed(names: &[String]) -> Result<Vec<Capability>, UnknownCapability> {
    names.iter().map(|name| name.parse()).collect()
}
