//! The results of the benchmarks as a page of documentation, from the estimates that criterion
//! leaves.

use crate::error::{Doing, Error, Result};
use crate::program;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::{fs, thread};

/// A median and its confidence interval, in nanoseconds or bytes.
#[derive(Debug, Clone, Copy)]
pub struct Estimate {
    median: f64,
    low: f64,
    high: f64,
}

/// A line of the table.
struct Row {
    what: &'static str,
    /// The benchmark: its group and its name, as criterion names the folder.
    name: &'static str,
    unit: Unit,
    /// Whether the time is told in times of that without policies.
    is_compared: bool,
}

#[derive(Clone, Copy)]
enum Unit {
    Time,
    Memory,
}

const WITHOUT_POLICIES: &str = "render/none";
const ROWS: [Row; 6] = [
    row("the three policies review a typical Job, memory from a pool", "review/pooling"),
    row("the same with memory on demand, as in one run of the program", "review/on-demand"),
    row("a warm `render` without policies, the whole program", WITHOUT_POLICIES),
    Row { is_compared: true, ..row("a warm `render` with the three policies", "render/three") },
    Row {
        is_compared: true,
        ..row("a warm `render` with a Python policy of 18 MB", "render/python")
    },
    Row {
        unit: Unit::Memory,
        ..row("memory for each further policy in one process", "memory/another policy")
    },
];

const HEAD: &str =
    "<!-- Written by `cargo xtask bench`: what is changed by hand is lost when it runs again. -->

# Performance
";
const TAIL: &str = "
Each median is criterion's, with its interval of 95 % confidence. The kinds of `render` take turns, so whatever else the
machine does meets all of them alike: their ratio changes less from run to run than their times, which grow on a busy machine.
`warm` means that the compiled policies are in the cache of the program.

`cargo xtask instructions` counts the instructions of a `render` and of a hundred reviews under callgrind, which a busy machine
does not change, and fails when they have grown by 5 % over [what was accepted](../tests/instructions.txt).
";

const fn row(what: &'static str, name: &'static str) -> Row {
    Row { what, name, unit: Unit::Time, is_compared: false }
}

/// The page, with what `estimate` knows of each benchmark.
pub fn page(machine: &str, estimate: impl Fn(&str) -> Result<Estimate>) -> Result<String> {
    let without = estimate(WITHOUT_POLICIES)?.median;
    let mut page =
        format!("{HEAD}\n{machine}\n\n| what | median | 95 % confidence |\n|---|---|---|\n");
    for Row { what, name, unit, is_compared } in ROWS {
        let Estimate { median, low, high } = estimate(name)?;
        let (result, low, high) = (spelled(median, unit), spelled(low, unit), spelled(high, unit));
        let mut ratio = String::new();
        if is_compared {
            let (times, more) = (median / without, spelled(median - without, unit));
            ratio = format!(", {times:.2} times that without, {more} more");
        }
        let _ = writeln!(page, "| {what} | {result}{ratio} | {low} to {high} |");
    }
    page.push_str(TAIL);
    Ok(page)
}

/// What criterion has found out about a benchmark.
pub fn read(results: &Path, name: &str) -> Result<Estimate> {
    let path = results.join(name).join("new/estimates.json");
    let text = fs::read_to_string(&path).doing(|| format!("read `{}`", path.display()))?;
    let estimates: Value =
        serde_json::from_str(&text).doing(|| format!("understand `{}`", path.display()))?;
    parse(&estimates)
        .ok_or_else(|| Error::new(format!("expected a median in `{}`, found none", path.display())))
}

fn parse(estimates: &Value) -> Option<Estimate> {
    let median = &estimates["median"];
    let interval = &median["confidence_interval"];
    Some(Estimate {
        median: median["point_estimate"].as_f64()?,
        low: interval["lower_bound"].as_f64()?,
        high: interval["upper_bound"].as_f64()?,
    })
}

/// When and on what was measured, in one sentence.
pub fn machine() -> Result<String> {
    let date = program::read(Command::new("date").args(["--utc", "+%Y-%m-%d"]))?;
    let compiler = program::read(Command::new("rustc").arg("--version"))?;
    let compiler = compiler.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let processors = thread::available_parallelism().doing(|| "count the processors".into())?;
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let kind = processor(&information).unwrap_or(std::env::consts::ARCH);
    let system = rustix::system::uname();
    let kernel = system.release().to_string_lossy();
    // What follows the version names a distribution or a host.
    let kernel = kernel.split('-').next().unwrap_or_default();
    Ok(format!(
        "Measured on {} on {processors} cores of `{kind}` with Linux {kernel} and {compiler}.",
        date.trim()
    ))
}

fn processor(information: &str) -> Option<&str> {
    let line = information.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim())
}

/// A number with three digits that count, such as `95.1 µs`, `6.87 ms` or `0.160 MB`.
fn spelled(number: f64, unit: Unit) -> String {
    let scales: &[(f64, &str)] = match unit {
        Unit::Time => &[(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")],
        Unit::Memory => &[(1e6, "MB")],
    };
    let scale = scales.iter().find(|(size, _)| number.abs() >= *size).or(scales.last());
    let (size, name) = scale.copied().unwrap_or((1.0, ""));
    let scaled = number / size;
    let digits = match scaled.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{scaled:.digits$} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_readable() {
        let rows = [
            ("nanoseconds", 12.0, Unit::Time, "12.0 ns"),
            ("microseconds", 95_123.0, Unit::Time, "95.1 µs"),
            ("milliseconds", 6_871_000.0, Unit::Time, "6.87 ms"),
            ("many of them", 267_400_000.0, Unit::Time, "267 ms"),
            ("seconds", 1_500_000_000.0, Unit::Time, "1.50 s"),
            ("memory", 160_000.0, Unit::Memory, "0.160 MB"),
        ];
        for (name, number, unit, expected) in rows {
            assert_eq!(spelled(number, unit), expected, "{name}");
        }
    }

    #[test]
    fn the_page_has_a_line_for_each_benchmark() {
        let interval = json!({"lower_bound": 1.9e6, "upper_bound": 2.2e6});
        let estimates = json!({"median": {"point_estimate": 2e6, "confidence_interval": interval}});
        let page = page("On a test.", |name| {
            let estimate = parse(&estimates).expect("an estimate");
            Ok(if name == "render/three" { Estimate { median: 3e6, ..estimate } } else { estimate })
        });
        let page = page.expect("every estimate is there");
        let lines = [
            "On a test.",
            "| a warm `render` without policies, the whole program | 2.00 ms | 1.90 ms to 2.20 ms |",
            "| a warm `render` with the three policies | 3.00 ms, 1.50 times that without, 1.00 ms more | 1.90 ms to 2.20 ms |",
            "| memory for each further policy in one process | 2.00 MB | 1.90 MB to 2.20 MB |",
        ];
        lines
            .iter()
            .for_each(|line| assert!(page.lines().any(|found| found == *line), "{line}\n{page}"));
    }

    #[test]
    fn a_file_without_a_median_is_refused() {
        assert!(parse(&json!({"mean": {"point_estimate": 1.0}})).is_none());
    }
}
