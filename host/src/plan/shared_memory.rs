//! Whether the shared memory of a container fits into its memory limit, against which it counts.

use crate::cube::{Cube, Wanted};
use crate::job::ContainerOverrides;
use crate::k8s::Quantity;

/// A warning where the memory limit leaves nothing beside the shared memory, or bounds it alone.
pub fn notice(cube: &Cube, wanted: &Wanted, overrides: &ContainerOverrides) -> Option<String> {
    let size = cube.shared_memory(wanted)?.size;
    let configured = || {
        let limit = cube.runner.resources.as_ref()?.pointer("/limits/memory")?.as_str()?;
        Some(limit.to_owned())
    };
    let limit = overrides.limits.get("memory").cloned().or_else(configured);
    let limit = limit.or_else(|| wanted.limits.get("memory").cloned());
    match (size, limit) {
        (Some(size), Some(limit)) => {
            let (shared, whole) = (Quantity::parse(&size).ok()?, Quantity::parse(&limit).ok()?);
            (shared >= whole).then(|| {
                format!(
                    "the shared memory of `{size}` counts against the memory limit of `{limit}`: \
                     raise the limit, with `--memory` for example, or lower `k8s.shmSize`"
                )
            })
        }
        (None, None) => Some(
            "nothing bounds the shared memory of the task: set `k8s.shmSize`, or a limit with \
             `--memory`"
                .into(),
        ),
        _ => None,
    }
}
