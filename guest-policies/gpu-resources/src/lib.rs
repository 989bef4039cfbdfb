//! Gives the main container the GPUs that its task needs, caps the GPUs of all containers, and lets
//! the Pod onto tainted GPU nodes.

use mlcube_policy::{
    Description, Policy, Rejection, Verdict, job, quantities, resources, scheduling,
    setting_for_task, settings, task,
};

/// The kind of GPU where neither the settings nor the Job name one.
const USUAL: &str = "nvidia.com/gpu";
/// Kinds of GPU, and of what stands in for one, whose names do not say so.
const OTHERS: [&str; 6] = [
    "gpu.intel.com/i915",
    "gpu.intel.com/xe",
    "habana.ai/gaudi",
    "google.com/tpu",
    "aws.amazon.com/neuron",
    "aws.amazon.com/neuroncore",
];

/// The variables by which runtimes of containers give devices that no resource counts.
const DEVICES: [&str; 4] = [
    "NVIDIA_VISIBLE_DEVICES",
    "AMD_VISIBLE_DEVICES",
    "HABANA_VISIBLE_DEVICES",
    "ASCEND_VISIBLE_DEVICES",
];
/// Their values that give none.
const NO_DEVICES: [&str; 3] = ["", "none", "void"];

struct GpuResources;

impl Policy for GpuResources {
    fn describe() -> Description {
        Description {
            name: "gpu-resources",
            version: env!("CARGO_PKG_VERSION"),
            summary: "Gives each task its GPUs and tolerates the GPU nodes' taint.",
            settings_schema: include_str!("../settings.schema.json"),
        }
    }

    fn review() -> Result<Verdict, Rejection> {
        let resource = resource()?;
        let container = job::main_container();
        if let Some((count, reason)) = wanted()
            && (count > 0 || job::limit(&container, &resource).is_some())
        {
            resources::set_extended(&container, &resource, count, &reason)?;
        }
        let count = job::total_request(&resource);
        let max = settings::integer("/max");
        if max.is_some()
            && let Some((container, variable)) = uncounted()
        {
            let reason = format!(
                "container `{container}` takes GPUs by the variable `{variable}`, which are not counted"
            );
            return Err(Rejection::new(reason).remedy(format!(
                "leave `{variable}` out, and ask for GPUs with `platform.accelerator_count`"
            )));
        }
        if let Some(max) = max
            && i128::from(quantities::units(&count)?) > i128::from(max)
        {
            let reason = format!(
                "task `{}` asks for {count} of `{resource}`, at most {max} are allowed",
                task::name()
            );
            return Err(Rejection::new(reason).remedy(format!(
                "ask for {max} or fewer, or ask the platform team to raise `max`"
            )));
        }
        if count != "0" && settings::flag("/tolerate").unwrap_or(true) && !job::tolerates(&resource)
        {
            let reason = format!("nodes with `{resource}` are usually tainted with its name");
            scheduling::tolerate(
                &resource,
                None,
                Some(scheduling::TaintEffect::NoSchedule),
                &reason,
            )?;
        }
        Ok(Verdict::Admit)
    }
}

/// The kind of GPU: the one that is set, else the one that the Job asks for. A Job has one kind.
fn resource() -> Result<String, Rejection> {
    let set = settings::text("/resource");
    let asked = job::resource_names().into_iter();
    let asked: Vec<String> =
        asked.filter(|name| is_gpu(name) && job::total_request(name) != "0").collect();
    match (set, asked.as_slice()) {
        (Some(set), asked) => match asked.iter().find(|kind| **kind != set) {
            Some(kind) => Err(Rejection::new(format!(
                "the Job asks for GPUs of the kind `{kind}`, `{set}` are given here"
            ))
            .remedy(format!("ask for `{set}`: the cube names it with `k8s.gpuResource`"))),
            None => Ok(set),
        },
        (None, []) => Ok(USUAL.into()),
        (None, [kind]) => Ok(kind.clone()),
        (None, [one, other, ..]) => {
            Err(Rejection::new(format!("the Job asks for two kinds of GPU, `{one}` and `{other}`"))
                .remedy("ask for one of them: the cube names it with `k8s.gpuResource`"))
        }
    }
}

/// Whether a resource is a GPU or a part of one.
fn is_gpu(resource: &str) -> bool {
    let name = resource.split_once('/').map_or("", |(_, name)| name);
    matches!(name, "gpu" | "vgpu" | "pgpu")
        || name.starts_with("gpu.")
        || name.starts_with("mig-")
        || OTHERS.contains(&resource)
}

/// A container to which a variable gives devices, and the variable. A value that is not in the Job
/// may give some.
fn uncounted() -> Option<(String, &'static str)> {
    job::containers().into_iter().find_map(|container| {
        let names = job::env_names(&container);
        let gives = |variable: &str| {
            let value = || job::env(&container, variable);
            names.iter().any(|name| name == variable)
                && value().is_none_or(|value| !NO_DEVICES.contains(&value.as_str()))
        };
        let variable = DEVICES.into_iter().find(|variable| gives(variable))?;
        Some((container, variable))
    })
}

/// How many GPUs the main container gets and why; none leaves it as it is.
fn wanted() -> Option<(u32, String)> {
    let set = setting_for_task("/count").and_then(|pointer| settings::integer(&pointer));
    match set.and_then(|count| u32::try_from(count).ok()) {
        Some(count) => {
            Some((count, format!("the platform team gives task `{}` {count}", task::name())))
        }
        None => Some(task::accelerators())
            .filter(|count| *count > 0)
            .map(|count| (count, "the cube's platform.accelerator_count".into())),
    }
}

mlcube_policy::export!(GpuResources);
