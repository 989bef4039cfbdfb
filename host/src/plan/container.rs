//! The meaning of `--gpus`, `--memory`, `--cpu`, `--network` and `--security` on Kubernetes. Their
//! values are those of MLCube's docker runner; an empty one counts as not given, but for `--gpus`,
//! where it means no GPUs.

use super::shared_memory;
use crate::cli::ContainerArgs;
use crate::cube::{Cube, docker_amount};
use crate::error::Error;
use crate::job::ContainerOverrides;
use crate::k8s::{Quantity, is_gpu};
use serde_json::Value;
use std::collections::BTreeMap;

/// The least memory: Docker runs no container with less, and less means a forgotten unit.
const LEAST_MEMORY: &str = "6Mi";

/// The overrides of the container from the command line, and warnings about them.
pub fn read(args: &ContainerArgs, cube: &Cube) -> Result<(ContainerOverrides, Vec<String>), Error> {
    let mut notices = Vec::new();
    let mut limits = BTreeMap::new();
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let gpus = args.gpus.as_deref().map(gpus).transpose()?;
    if let Some(gpus) = gpus {
        notices.extend(replaced(gpus, cube));
    }
    if let Some(text) = given(&args.memory) {
        let (quantity, notice) = memory(&text)?;
        limits.insert("memory".to_owned(), quantity);
        notices.extend(notice);
    }
    if let Some(text) = given(&args.cpu) {
        limits.insert("cpu".to_owned(), cpu(&text)?);
    }
    if let Some(text) = given(&args.network) {
        notices.push(format!(
            "`--network {text}` has no effect: on Kubernetes a NetworkPolicy \
             of the namespace controls what a pod may reach; it can select these pods by the \
             label `app: mlcube`"
        ));
    }
    if let Some(text) = given(&args.security) {
        notices.push(format!(
            "`--security {text}` has no effect: on Kubernetes the security context of a pod \
             controls what it may do; the platform team sets it with a policy, or enforces a \
             Pod Security Standard on the namespace"
        ));
    }
    let (_, wanted) = cube.accelerators(gpus)?;
    notices.extend(wanted.warnings.iter().cloned());
    let declared = cube.platform.accelerator_count;
    if let Some(asked) =
        wanted.gpus.filter(|asked| gpus.is_none() && declared > 0 && *asked != declared)
    {
        notices.push(format!(
            "`docker.gpu_args` asks for {asked} GPUs, and `platform.accelerator_count` counts: \
             {declared}"
        ));
    }
    let overrides = ContainerOverrides { gpus, limits };
    notices.extend(shared_memory::notice(cube, wanted, &overrides));
    Ok((overrides, notices))
}

/// Warnings about the settings that the number of GPUs replaces.
fn replaced(gpus: u32, cube: &Cube) -> Vec<String> {
    let resource = &cube.runner.gpu_resource;
    let is_replaced = |name: &str| name == resource || (gpus == 0 && is_gpu(name));
    let configured = |group: &str, word: &str| {
        let group = cube.runner.resources.as_ref().and_then(|all| all.get(group)?.as_object());
        let replaced = group.into_iter().flatten().filter(|(name, _)| is_replaced(name));
        let told = |(name, value): (&String, &Value)| {
            (value.clone(), format!("the {word} of `{name}` in `resources`"))
        };
        replaced.map(told).collect::<Vec<_>>()
    };
    let declared = cube.platform.raw.get("accelerator_count").cloned();
    let declared = declared.map(|count| (count, "`platform.accelerator_count`".to_owned()));
    let kept = declared.into_iter().chain(configured("limits", "limit"));
    let kept = kept.chain(configured("requests", "request"));
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let kept = kept.map(|(value, what)| (text(&value), what));
    let differs = kept.filter(|(value, _)| *value != gpus.to_string());
    differs
        .map(|(value, what)| format!("`--gpus` asks for {gpus}, which replaces {what}: {value}"))
        .collect()
}

fn gpus(text: &str) -> Result<u32, Error> {
    let bare = text.trim().trim_matches(['"', '\'']);
    let refuse = |what: &str, number: usize| Error::Usage {
        what: format!("`--gpus {text}` {what}"),
        hint: format!("give the number of GPUs that the task needs, such as `--gpus {number}`"),
    };
    match (bare, bare.strip_prefix("device=")) {
        ("", _) => Ok(0),
        ("all", _) => Err(refuse(
            "is not supported on Kubernetes: the node is chosen by the number of GPUs",
            1,
        )),
        (_, Some(devices)) => {
            let devices =
                devices.split(',').filter(|device| !device.is_empty() && !device.contains('='));
            Err(refuse(
                "is not supported on Kubernetes: the node chooses the devices",
                devices.count().max(1),
            ))
        }
        _ => bare.parse().map_err(|_| refuse("is not a number of GPUs", 1)),
    }
}

/// Docker's amount as a quantity.
fn memory(text: &str) -> Result<(String, Option<String>), Error> {
    let refuse = |why: String| Error::Usage {
        what: format!("`--memory {text}` {why}"),
        hint: "give an amount with its unit, such as `--memory 512Mi` or `--memory 8Gi`".into(),
    };
    let amount = docker_amount(text).ok_or_else(|| refuse("is not an amount of memory".into()))?;
    let quantity = amount.quantity;
    if Quantity::parse(&quantity) < Quantity::parse(LEAST_MEMORY) {
        return Err(refuse(format!(
            "is less than `{LEAST_MEMORY}`, the least that a container can run with"
        )));
    }
    let notice = amount.ambiguous.map(|unit| {
        format!(
            "`--memory {text}` is read as docker reads it: `{quantity}`; Kubernetes' own `{unit}` \
             means something else"
        )
    });
    Ok((quantity, notice))
}

/// A number of CPUs. Docker's `0-3,8` selects cores, which a pod cannot do.
fn cpu(text: &str) -> Result<String, Error> {
    let refuse = |why: &str, number: &str| Error::Usage {
        what: format!("`--cpu {text}` {why}"),
        hint: format!("give the number of CPUs that the task may use, such as `--cpu {number}`"),
    };
    if let Some(cores) = cores(text) {
        return Err(refuse("selects cores, which a pod cannot do", &cores.to_string()));
    }
    let number = text.strip_suffix('m').unwrap_or(text);
    let is_plain = number.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    let amount = Quantity::parse(text)
        .ok()
        .filter(|_| is_plain)
        .ok_or_else(|| refuse("is not a number of CPUs", "1.5"))?;
    if amount.whole() == Some(0) {
        return Err(refuse("is less than the task can run with", "1"));
    }
    Ok(text.to_owned())
}

/// The number of cores in a list such as `0-3,8`; none if it is not a list.
fn cores(text: &str) -> Option<u32> {
    if !text.contains([',', '-']) {
        return None;
    }
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        last.trim().parse::<u32>().ok()?.checked_sub(first.trim().parse().ok()?)?.checked_add(1)
    };
    text.split(',').map(range).try_fold(0u32, |sum, count| sum.checked_add(count?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_docker_reads_it() {
        let rows = [
            ("8g", "8Gi", false),
            ("8G", "8Gi", true),
            ("512m", "512Mi", true),
            ("512M", "512Mi", true),
            ("512mb", "512Mi", false),
            ("1.5 GiB", "1.5Gi", false),
            ("8Gi", "8Gi", false),
            ("64k", "", false),
            ("16000k", "16000Ki", true),
            ("1073741824", "1073741824", false),
            ("1073741824b", "1073741824", false),
            ("1e9", "1e9", false),
            ("2t", "2Ti", false),
            ("2E", "2E", false),
            ("8", "", false),
            ("0", "", false),
            ("-8g", "", false),
            ("8gg", "", false),
            ("1.2.3g", "", false),
            ("a lot", "", false),
            ("٣g", "", false),
        ];
        for (text, quantity, is_ambiguous) in rows {
            let read = memory(text).map(|(quantity, notice)| (quantity, notice.is_some())).ok();
            assert_eq!(
                read,
                Some((quantity.to_owned(), is_ambiguous)).filter(|_| !quantity.is_empty()),
                "{text}"
            );
        }
    }

    #[test]
    fn gpus_and_cpus_are_numbers() {
        for (text, count) in [
            ("", Some(0)),
            ("0", Some(0)),
            ("2", Some(2)),
            ("-1", None),
            ("all", None),
            ("1.5", None),
        ] {
            assert_eq!(gpus(text).ok(), count, "{text}");
        }
        for text in ["2", "1.5", "500m", ".5"] {
            assert_eq!(cpu(text).ok().as_deref(), Some(text));
        }
        for text in ["0", "0.0", "0m", "two", "2Gi", "1e3", "0-3", "1,2", "-", ","] {
            assert!(cpu(text).is_err(), "{text}");
        }
        for (text, count) in
            [("0-3", Some(4)), ("0,2", Some(2)), ("0-3,8", Some(5)), ("3-0", None), ("4", None)]
        {
            assert_eq!(cores(text), count, "{text}");
        }
    }
}
