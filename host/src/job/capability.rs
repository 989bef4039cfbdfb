//! The capabilities of policies: one for each interface of the contract that changes the Job or
//! queries the cluster.

use std::fmt;
use std::str::FromStr;

/// A capability: a way in which a policy can act. Its name is that of the interface in the
/// contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "wit/ documents each interface")]
pub enum Capability {
    Scheduling,
    Resources,
    Storage,
    Containers,
    Lifecycle,
    Metadata,
    Patch,
    Cluster,
}

impl Capability {
    /// All capabilities, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Scheduling,
        Self::Resources,
        Self::Storage,
        Self::Containers,
        Self::Lifecycle,
        Self::Metadata,
        Self::Patch,
        Self::Cluster,
    ];

    /// The name of its interface in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduling => "scheduling",
            Self::Resources => "resources",
            Self::Storage => "storage",
            Self::Containers => "containers",
            Self::Lifecycle => "lifecycle",
            Self::Metadata => "metadata",
            Self::Patch => "patch",
            Self::Cluster => "cluster",
        }
    }

    /// Whether a policy has it without being granted it by name: a platform team's own policies
    /// change Jobs as they see fit, but query the cluster only if they were granted it.
    pub const fn is_granted_by_default(self) -> bool {
        !matches!(self, Self::Cluster)
    }

    /// Whether it changes the Job; else it queries the cluster.
    pub const fn changes_the_job(self) -> bool {
        !matches!(self, Self::Cluster)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Capability {
    type Err = UnknownCapability;

    fn from_str(name: &str) -> Result<Self, UnknownCapability> {
        let known = Self::ALL.into_iter().find(|capability| capability.as_str() == name);
        known.ok_or_else(|| UnknownCapability(name.to_owned()))
    }
}

/// The error for a name that is not a capability.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a capability: expected one of {known}", known = names(&Capability::ALL))]
pub struct UnknownCapability(String);

/// Capabilities in backticks, as a list in a sentence; `nothing` if there are none.
pub fn names(capabilities: &[Capability]) -> String {
    let quoted: Vec<_> = capabilities.iter().map(|capability| format!("`{capability}`")).collect();
    if quoted.is_empty() { "nothing".into() } else { quoted.join(", ") }
}
