//! Gives the main container the GPUs that its task needs, and lets the Pod onto tainted GPU nodes.

use mlcube_policy::{
    Description, Policy, Rejection, Verdict, job, resources, scheduling, setting_for_task,
    settings, task,
};

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
        let resource = settings::text("/resource").unwrap_or_else(|| "nvidia.com/gpu".into());
        let container = job::main_container();
        let asked = job::limit(&container, &resource).and_then(|limit| limit.parse::<u32>().ok());
        let wanted = wanted();
        let count = wanted.as_ref().map(|(count, _)| *count).or(asked).unwrap_or(0);
        if let Some(max) = settings::integer("/max").filter(|max| i64::from(count) > *max) {
            let reason = format!(
                "task `{}` asks for {count} of `{resource}`, at most {max} are allowed",
                task::name()
            );
            return Err(Rejection::new(reason).remedy(format!(
                "ask for {max} or fewer, or ask the platform team to raise `max`"
            )));
        }
        if let Some((count, reason)) = wanted.filter(|(count, _)| *count > 0 || asked.is_some()) {
            resources::set_extended(&container, &resource, count, &reason)?;
        }
        if count > 0 && settings::flag("/tolerate").unwrap_or(true) && !job::tolerates(&resource) {
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

/// How many GPUs the task gets and why; none leaves the Job as it is.
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
