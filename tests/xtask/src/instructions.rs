//! `cargo xtask instructions` counts the instructions of fixed work and fails where they have grown
//! beyond the accepted counts. No time is looked at, so a busy machine changes nothing.

use crate::error::{Doing, Error, Result};
use crate::prerequisites::{self, Installing};
use crate::workspace::{self, Workspace};
use crate::{policies, program, say};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The counts that were accepted: a name and a number on each line.
const ACCEPTED: &str = "tests/instructions.txt";
/// How much a count may grow, in percent. Two runs differ by less than one: hash tables are seeded
/// at random, and the clock of the policy engine ticks more often on a slow machine. Another C
/// library may cost one or two more.
const TOLERANCE: f64 = 5.0;

/// A name and a number of instructions.
type Count = (String, u64);

/// Count, and compare or accept.
pub fn run(installing: Installing, accept: bool) -> Result<()> {
    let workspace = Workspace::read()?;
    prerequisites::for_instructions(installing)?;
    policies::build(&workspace, installing)?;
    say::step("building the program and the hundred reviews");
    let mut build = workspace::cargo();
    // The tests' own build is hardly optimised.
    build.args(["bench", "--profile", "optimised", "--package", "mlcube-k8s"]);
    build.args(["--bench", "hundred", "--no-run"]);
    let built = program::read(
        build.arg("--message-format=json-render-diagnostics").current_dir(&workspace.root),
    )?;
    let found = count_all(&workspace, &built)?;
    let file = workspace.root.join(ACCEPTED);
    if accept {
        let lines: String = found.iter().map(|(name, count)| format!("{name} {count}\n")).collect();
        return fs::write(&file, lines).doing(|| format!("write `{}`", file.display()));
    }
    let accepted = fs::read_to_string(&file).doing(|| format!("read `{}`", file.display()))?;
    compare(&parse(&accepted)?, &found)
}

fn count_all(workspace: &Workspace, built: &str) -> Result<Vec<Count>> {
    let work = workspace.target.join("instructions");
    fs::create_dir_all(&work).doing(|| format!("create `{}`", work.display()))?;
    let render = |policies: &str| {
        let mut command = vec![executable(built, "mlcube-k8s")?];
        let arguments = ["render", "--mlcube", "tests/cases/documented", "--policies", policies];
        command.extend(arguments.map(PathBuf::from));
        Ok(command)
    };
    let all = [
        ("render", render("")?),
        ("render-with-three", render("tests/cases/policies/team.yaml")?),
        ("hundred-reviews", vec![executable(built, "hundred")?]),
    ];
    all.iter()
        .map(|(name, command)| Ok(((*name).to_owned(), count(workspace, &work, name, command)?)))
        .collect()
}

/// The file that Cargo says it built.
fn executable(built: &str, target: &str) -> Result<PathBuf> {
    let messages = built.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut of_target = messages.filter(|message| message["target"]["name"] == target);
    let path = of_target.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    path.ok_or_else(|| Error::new(format!("`cargo bench --no-run` did not build `{target}`")))
}

/// Count the instructions of a command whose caches are warm.
fn count(workspace: &Workspace, work: &Path, name: &str, command: &[PathBuf]) -> Result<u64> {
    let log = work.join(format!("{name}.log"));
    let under = |tool: &[String]| {
        let mut valgrind = Command::new("valgrind");
        // Compiled policies are code that appears while the program runs.
        valgrind
            .args(["--smc-check=all-non-file", &format!("--log-file={}", log.display())])
            .args(tool)
            .args(command);
        valgrind.env("XDG_CACHE_HOME", work).current_dir(&workspace.root);
        program::read(&mut valgrind)
    };
    // The processor that valgrind shows may have other features than the real one, and so another
    // place in the cache. What compiles is a child.
    under(&["--tool=none".to_owned(), "--trace-children=yes".to_owned()])?;
    let profile = work.join(format!("{name}.callgrind"));
    under(&["--tool=callgrind".to_owned(), format!("--callgrind-out-file={}", profile.display())])?;
    let said = fs::read_to_string(&log).doing(|| format!("read `{}`", log.display()))?;
    collected(&said).ok_or_else(|| {
        Error::new(format!("expected a count by valgrind in `{}`, found none", log.display()))
    })
}

/// The number in callgrind's line `==1== Collected : 123`.
fn collected(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

fn parse(accepted: &str) -> Result<Vec<Count>> {
    let count = |line: &str| {
        let (name, count) = line.split_once(' ')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    let wrong =
        |line| Error::new(format!("expected a name and a number in `{ACCEPTED}`, found `{line}`"));
    accepted.lines().map(|line| count(line).ok_or_else(|| wrong(line))).collect()
}

fn compare(accepted: &[Count], found: &[Count]) -> Result<()> {
    let mut worse = Vec::new();
    for (name, count) in found {
        let known = accepted.iter().find(|(known, _)| known == name).map(|(_, count)| *count);
        let known = known.ok_or_else(|| {
            Error::new(format!("`{ACCEPTED}` does not contain a count of `{name}`")).hint(ACCEPT)
        })?;
        let growth = (*count as f64 / known as f64 - 1.0) * 100.0;
        say::step(format!("{name}: {count} instructions, {growth:+.1} % of the accepted {known}"));
        if *count as f64 > known as f64 * (1.0 + TOLERANCE / 100.0) {
            worse.push(format!("`{name}` by {growth:.1} %"));
        }
    }
    match worse.is_empty() {
        true => Ok(()),
        false => Err(Error::new(format!("the work has grown: {}", worse.join(", "))).hint(ACCEPT)),
    }
}

const ACCEPT: &str = "find what grew with `callgrind_annotate target/instructions/NAME.callgrind`, or accept it with \
                      `cargo xtask instructions --accept` and commit the file";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_beyond_the_tolerance_fails() {
        let rows = [
            ("the same", 100, true),
            ("less", 90, true),
            ("at the tolerance", 105, true),
            ("beyond it", 106, false),
            ("far beyond it", 1000, false),
        ];
        for (name, count, expected) in rows {
            let found = [("a".to_owned(), count), ("b".to_owned(), 7)];
            let accepted = parse("b 7\na 100\n").expect("two counts");
            assert_eq!(compare(&accepted, &found).is_ok(), expected, "{name}");
        }
        assert!(compare(&[], &[("a".to_owned(), 1)]).is_err(), "a count that nobody accepted");
    }

    #[test]
    fn the_count_is_read_from_what_callgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 49201874\n==7== \n==7== I   refs:      49,201,874\n";
        assert_eq!(collected(said), Some(49_201_874));
        assert_eq!(collected("==7== killed"), None);
    }
}
