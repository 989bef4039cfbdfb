//! Who said it: several containers and Pods, and whose logs are shown.

use serde_json::{Value, json};

use crate::support::cluster::{Ended, Running, TestCube, entrypoint, variable};
use crate::support::events;

/// A task with a container before it that says `before`, and one beside it that says `beside`.
fn with_helpers(line: &str) -> (TestCube, Vec<String>) {
    let helper = |name: &str, line: &str| {
        json!({
            "name": name, "image": variable("MLCUBE_TEST_IMAGE"), "command": ["/bin/sh", "-c", line],
        })
    };
    let mut beside = helper("beside", "echo beside; trap 'exit 143' TERM; sleep 3600 & wait");
    beside["restartPolicy"] = "Always".into();
    let helpers = json!([helper("before", "echo before"), beside]);
    with(TestCube::shell(line), "/spec/template/spec/initContainers", &helpers)
}

/// A cube to whose Job something is added.
fn with(cube: TestCube, place: &str, value: &Value) -> (TestCube, Vec<String>) {
    let arguments = cube.added(place, value);
    (cube, arguments)
}

fn run((cube, policy): &(TestCube, Vec<String>), more: &[&str]) -> Ended {
    Running::start(cube.command("run").args(policy).args(more)).wait()
}

/// A text in which each Pod is called by a letter, in the order in which they are named.
fn lettered(text: &str) -> String {
    let name = regex::Regex::new(r"\[([a-z0-9]{5})/").expect("an expression");
    let mut known: Vec<String> = Vec::new();
    let letter = |found: &regex::Captures<'_>| {
        let at = known.iter().position(|pod| *pod == found[1]).unwrap_or_else(|| {
            known.push(found[1].to_owned());
            known.len() - 1
        });
        format!("[{}/", ["a", "b", "c"][at])
    };
    name.replace_all(text, letter).into_owned()
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn the_task_speaks_on_stdout_and_its_helpers_beside_it() {
    let cube = with_helpers(r"echo one; printf 'two\nthree'");
    let ended = run(&cube, &[]);
    let main = "[a/mlcube-container] one\n[a/mlcube-container] two\n[a/mlcube-container] three";
    assert_eq!((ended.code, &*lettered(&ended.stdout)), (Some(0), main), "{ended:#?}");
    let told = lettered(&ended.stderr);
    for words in ["[a/before] before\n", "[a/beside] beside\n"] {
        assert_eq!(told.matches(words).count(), 1, "{ended:#?}");
    }
    let pod = told.lines().find_map(|line| line.strip_prefix("pod       ")?.split(' ').next());
    let pod = pod.expect("a Pod is named");
    for container in ["before", "beside", "mlcube-container"] {
        let started = format!("started   container {container} of pod {pod}\n");
        assert!(told.contains(&started), "{started}{ended:#?}");
    }
    let end = format!("ended     container mlcube-container of pod {pod} with exit code 0\n");
    assert!(told.contains(&end), "{ended:#?}");
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn options_decide_whose_lines_are_shown_and_how() {
    let cube = with_helpers("echo one");
    // Options; stdout; what of the helpers is told.
    let rows: [(&[&str], &str, &[&str]); 5] = [
        (&["--prefix=never"], "one\n", &["before\n", "beside\n"]),
        (&["--logs=main"], "one\n", &[]),
        (&["--logs", "main", "--prefix"], "[a/mlcube-container] one\n", &[]),
        (&["--logs=none"], "", &[]),
        (&["--logs=failed"], "", &[]),
    ];
    for (options, stdout, told) in rows {
        let ended = run(&cube, options);
        let shown = (ended.code, lettered(&ended.stdout));
        assert_eq!(shown, (Some(0), stdout.to_owned()), "{options:?} {ended:#?}");
        for words in ["before\n", "beside\n"] {
            let count = ended.stderr.lines().filter(|line| format!("{line}\n") == words).count();
            assert_eq!(count, usize::from(told.contains(&words)), "{options:?} {ended:#?}");
        }
    }
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn of_those_that_fail_the_end_is_shown() {
    let cube = with_helpers("seq 100000; sleep 5; exit 3");
    let ended = run(&cube, &["--logs=failed"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let lines = ended.stdout.lines().count();
    // What is heard after its end is told as it comes.
    assert!((37_000..100_000).contains(&lines), "{lines} lines");
    assert!(ended.stdout.ends_with("/mlcube-container] 100000\n"), "{}", ended.stderr);
    assert!(ended.stderr.contains("`--logs=failed` keeps the last 256 KiB"), "{}", ended.stderr);
    assert!(ended.stderr.contains("the logs above are not whole: 1 gap"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("] before"), "{}", ended.stderr);
}

/// Its container is told to stop when the Job's time is over: its log is that of a failure.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_log_that_is_held_outlives_its_pod() {
    let line = entrypoint("echo so far; trap 'exit 1' TERM; sleep 3600 & wait");
    let cube = TestCube::new(
        "{backoffLimit: 0, activeDeadlineSeconds: 3}",
        &format!("{{main: {{entrypoint: {line}}}}}"),
    );
    cube.run(&["--logs=failed"]).check("deadline", 8, "so far\n", &["timeout"]);
}

/// Pods that follow on each other announce themselves; Pods that run at once have names.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn pods_are_told_apart() {
    let again = TestCube::new(
        "{backoffLimit: 1}",
        &format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo try; exit 5")),
    );
    let ended = again.run(&[]);
    ended.check("again", 1, "try\ntry\n", &[", try 2\n"]);
    let tries: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("started")).collect();
    assert!(tries.len() == 2 && !tries[0].contains("try"), "{ended:#?}");

    let both = TestCube::shell("echo one; echo two");
    let ended = run(&with(both, "/spec/completions", &json!(2)), &[]);
    let lines = ["[a", "[b"]
        .map(|pod| ["one", "two"].map(|line| format!("{pod}/mlcube-container] {line}\n")));
    assert_eq!(
        (ended.code, lettered(&ended.stdout)),
        (Some(0), lines.concat().concat()),
        "{ended:#?}"
    );
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn lines_have_the_time_at_which_they_were_written() {
    let cube = TestCube::shell("echo one; sleep 1; printf two; sleep 1; echo ' and more'");
    let ended = cube.run(&["--timestamps"]);
    let time = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z";
    let shown = format!(r"\A{time} one\n{time} two and more\n\z");
    let shown = regex::Regex::new(&shown).expect("an expression");
    assert!(ended.code == Some(0) && shown.is_match(&ended.stdout), "{ended:#?}");

    let cube = with_helpers("echo one");
    let ended = run(&cube, &["-o", "json", "--timestamps", "--prefix=always"]);
    let events = events::all(&ended.stdout).into_iter();
    let logs: Vec<Value> = events.filter(|event| event["event"] == "log").collect();
    let find = |line: &str| logs.iter().find(|log| log["line"] == line).expect("a line");
    for (line, part) in [("before", "init"), ("beside", "sidecar"), ("one", "main")] {
        assert_eq!(find(line)["part"], part, "{ended:#?}");
        assert!(find(line)["time"].as_str().is_some_and(|time| time.starts_with("20")));
    }
}
