//! Every tip can be followed, and none loosens safety.

use super::table::{COMMANDS, MOUNT, OPTIONS, WORDS};
use crate::cli::read;

/// What stands in backticks without being typed to this program.
const OTHERS: [&str; 5] = ["kubectl ", "k8s: {", "MLCUBE_SYSTEM_SETTINGS", "IfNotPresent", "Never"];
/// What decides which policies review a Job, how, and with which settings.
const LOOSENING: [&str; 6] = ["--audit", "--grant", "--limit", "--set", "--policies", "--no-polic"];

/// What is said of words that cannot be read; nothing of those that can.
fn said(words: &[&str]) -> Option<String> {
    let words = ["mlcube-k8s"].iter().chain(words).map(|word| (*word).into());
    read(words).err().map(|error| error.to_string())
}

fn tip(words: &[&str]) -> Option<String> {
    let said = said(words)?;
    let tip = said.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    tip.map(str::to_owned)
}

/// Whether what stands in backticks can be typed, after a command if it names none.
fn check(tip: &str, command: &str) {
    let own = ["run", "render", "describe", "policy", "completion", "man"];
    for code in tip.split('`').skip(1).step_by(2) {
        // A command that lacks an argument is told what it lacks.
        if code == "completion" || OTHERS.iter().any(|other| code.starts_with(other)) {
            continue;
        }
        let mut words: Vec<&str> = code.trim_matches('\'').split(' ').collect();
        if !own.contains(&words[0]) {
            words.insert(0, command);
        }
        if let Some(said) = said(&words) {
            // The version and help are answers.
            assert!(!said.contains("error:"), "`{code}` of `{tip}`: {said}");
        }
        for flag in LOOSENING {
            assert!(!code.contains(flag), "`{code}` of `{tip}`");
        }
    }
}

#[test]
fn every_row_is_told_and_can_be_followed() {
    for (typed, on, tip_of_row) in OPTIONS {
        for (option, command) in
            typed.iter().flat_map(|option| on.iter().map(move |on| (option, on)))
        {
            let words = [*command, option, "value"];
            // Some of these exist on some of the commands.
            let found = tip(&words)
                .unwrap_or_else(|| panic!("{words:?} has no tip, expected `{tip_of_row}`"));
            check(&found, command);
        }
    }
    for (words, _) in COMMANDS {
        for word in words {
            let found = tip(&[word]).unwrap_or_else(|| panic!("`{word}` has no tip"));
            check(&found, "run");
        }
    }
    for (words, row) in WORDS {
        words.iter().for_each(|word| check(&super::filled(row, Some(word)), "run"));
    }
    check(MOUNT, "run");
}

#[test]
fn no_tip_loosens_safety() {
    let names = ["audit", "grant", "limit", "set", "settings", "no-policies", "wait", "quiet"];
    let mut count = 0;
    for name in names {
        for at in 0..name.len() {
            let (start, end) = name.split_at(at);
            for spelt in [
                format!("--{start}{}", &end[1..]),
                format!("--{start}x{}", &end[1..]),
                format!("--{start}e{end}"),
                format!("--{end}{start}"),
                format!("-{name}{start}"),
            ] {
                for (command, more) in
                    [("run", ""), ("render", "=x"), ("describe", "="), ("policy", "")]
                {
                    let Some(said) = said(&[command, &format!("{spelt}{more}")]) else { continue };
                    let rest = said.split_once("found").map_or("", |(_, rest)| rest);
                    for flag in LOOSENING {
                        assert!(!rest.contains(flag), "{command} {spelt}: {said}");
                    }
                    count += 1;
                }
            }
        }
    }
    assert!(count > 500, "{count}");
}

#[test]
fn what_was_typed_is_in_the_tip() {
    let rows: [(&[&str], &str); 23] = [
        (&["run", "--wait"], "leave it out: `run` streams the logs and waits for the end"),
        (&["run", "-ttrain"], "write `--task=train`"),
        (&["run", "-t", "train"], "write `--task=train`"),
        (&["run", "-t"], "write `--task=TASK`"),
        (&["run", "-task", "train"], "write `--task`, with two dashes"),
        (&["run", "--data=x"], "a value of the task's parameter stands without dashes: `data=x`"),
        (
            &["run", "--data", "x"],
            "a value of the task's parameter stands without dashes: `data=x`",
        ),
        (
            &["run", "--data=a b"],
            "a value of the task's parameter stands without dashes: `'data=a b'`",
        ),
        (&["run", "--env", "A=text"], "write `-Pk8s.env.A=text`"),
        (&["run", "-e", "A=1"], "write `'-Pk8s.env.A=\"1\"'`"),
        (&["run", "--env", "A=yes"], "write `'-Pk8s.env.A=\"yes\"'`"),
        (&["run", "--env", "A"], "write `-Pk8s.env.NAME=VALUE`"),
        (&["run", "--image=team/mnist:2"], "write `-Pdocker.image=team/mnist:2`"),
        (&["render", "--pvc", "data"], "write `-Pk8s.pvc=data`"),
        (
            &["run", "-f", "cube"],
            "write `--mlcube=cube` for a cube; the logs are followed without an option",
        ),
        (&["run", "--gpu", "2"], "write `--gpus=2`"),
        (&["run", "--memry=8g"], "did you mean `--memory=8g`?"),
        (&["run", "--quite"], "did you mean `--quiet`?"),
        (&["--task=train", "run"], "options stand behind a command: write `run --task train`"),
        (&["describe", "--task", "train"], "`run --task` is an option of another command"),
        (&["rnu"], "did you mean `run`?"),
        (&["policy", "isnpect", "x.wasm"], "did you mean `policy inspect`?"),
        (&["run", "--mount", "type=bind"], MOUNT),
    ];
    for (words, expected) in rows {
        assert_eq!(tip(words).as_deref(), Some(expected), "{words:?}");
    }
    for words in [
        &["run", "--polices=team.yaml"][..],
        &["run", "--audt=p"],
        &["run", "--foo"],
        &["policy", "inspect", "a", "--foo=b"],
    ] {
        assert_eq!(tip(words), None, "{words:?}");
    }
}

#[test]
fn kubectl_is_offered_what_can_follow() {
    let rows: [(&[&str], &str); 8] = [
        (&["r"], "run\nrender\n:4\n"),
        (&["run", "--mo"], "--mount\n:4\n"),
        (&["run", "--mount", ""], "ro\nrw\n:4\n"),
        (&["run", "-o", "j"], "json\n:4\n"),
        (&["run", "--mlcube", ""], ":0\n"),
        (&["policy", ""], "inspect\nlock\nprecompile\nreplay\nhelp\n:4\n"),
        (&["completion", "f"], "fish\n:4\n"),
        (&["run", "--netw"], ":4\n"),
    ];
    for (words, expected) in rows {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(crate::cli::candidates(&words), expected, "{words:?}");
    }
}
