//! The fields of the container that the command line overrides.

use std::collections::BTreeMap;

/// The fields of the container that the command line overrides, besides the task.
#[derive(Clone, Debug, Default)]
pub struct ContainerOverrides {
    /// The number of GPUs of the container, whatever the cube and its configuration say.
    pub gpus: Option<u32>,
    /// Limits of the container: resource to quantity.
    pub limits: BTreeMap<String, String>,
}
