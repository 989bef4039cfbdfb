//! GPUs as Kubernetes and the runtimes of containers know them.

/// Kinds of GPU, and of what stands in for one, whose names do not say so.
const OTHERS: [&str; 6] = [
    "gpu.intel.com/i915",
    "gpu.intel.com/xe",
    "habana.ai/gaudi",
    "google.com/tpu",
    "aws.amazon.com/neuron",
    "aws.amazon.com/neuroncore",
];

/// The variables by which runtimes give devices to containers that asked for none.
const DEVICES: [&str; 4] = [
    "NVIDIA_VISIBLE_DEVICES",
    "AMD_VISIBLE_DEVICES",
    "HABANA_VISIBLE_DEVICES",
    "ASCEND_VISIBLE_DEVICES",
];
/// Their values that give none.
const NO_DEVICES: [&str; 3] = ["", "none", "void"];

/// Whether a resource is a GPU or a part of one.
pub fn is_gpu(resource: &str) -> bool {
    let name = resource.split_once('/').map_or("", |(_, name)| name);
    matches!(name, "gpu" | "vgpu" | "pgpu")
        || name.starts_with("gpu.")
        || name.starts_with("mig-")
        || OTHERS.contains(&resource)
}

/// Whether a variable gives a container devices; a value that is not known may.
pub fn gives_devices(name: &str, value: Option<&str>) -> bool {
    DEVICES.contains(&name) && value.is_none_or(|value| !NO_DEVICES.contains(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_by_their_names() {
        let resources = [
            ("nvidia.com/gpu", true),
            ("amd.com/gpu", true),
            ("nvidia.com/gpu.shared", true),
            ("nvidia.com/mig-1g.5gb", true),
            ("gpu.intel.com/i915", true),
            ("example.org/fpga", false),
            ("example.org/gpus", false),
            ("memory", false),
            ("gpu", false),
        ];
        for (resource, expected) in resources {
            assert_eq!(is_gpu(resource), expected, "{resource}");
        }
        let variables = [
            ("NVIDIA_VISIBLE_DEVICES", Some("all"), true),
            ("NVIDIA_VISIBLE_DEVICES", Some("0"), true),
            ("NVIDIA_VISIBLE_DEVICES", Some("void"), false),
            ("NVIDIA_VISIBLE_DEVICES", None, true),
            ("CUDA_VISIBLE_DEVICES", Some("0"), false),
        ];
        for (name, value, expected) in variables {
            assert_eq!(gives_devices(name, value), expected, "{name}={value:?}");
        }
    }
}
