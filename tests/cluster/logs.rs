//! Logs through a network that breaks, and logs that are not text: every byte, once.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write, stderr};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mlcube_k8s::cluster::{Cluster, ClusterTarget, Interrupts, Logs, Patience, Submission};
use mlcube_k8s::event::Event;
use mlcube_k8s::job::{Job, UnderReview};
use mlcube_k8s::outcome::Outcome;
use serde_json::{Value, json};

use crate::support::cluster::{self, Running, TestCube};
use crate::support::events;
use crate::support::forwarder::{Asked, Cut, Fault, Forwarder};

/// How much the flood writes, in megabytes.
const FLOOD: &str = "MLCUBE_FLOOD_MB";
/// The most memory that the program may take, in kilobytes.
const MEMORY: u64 = 60_000;
const LONG: Duration = Duration::from_secs(3600);

/// Run a cube whose responses become what `faults` says.
fn through(
    cube: &TestCube,
    faults: impl Fn(&Asked<'_>) -> Fault + Send + Sync + 'static,
) -> (Forwarder, Command) {
    let forwarder = Forwarder::new(faults);
    let mut command = cube.command("run");
    command.arg("--kubeconfig").arg(forwarder.kubeconfig(cube));
    (forwarder, command)
}

/// What becomes of a log whose first responses are spoilt, by name.
const SPOILT: [(&str, Fault); 7] = [
    ("a clean end", Fault::Cut(Cut::Clean, 100, LONG)),
    ("a clean end before anything", Fault::Cut(Cut::Clean, 0, LONG)),
    ("an end within a time", Fault::Cut(Cut::Closed, 75, LONG)),
    ("a reset", Fault::Cut(Cut::Reset, 111, LONG)),
    ("a kubelet that is away", Fault::Status(502)),
    ("a server with an error", Fault::Status(500)),
    ("a network that is away", Fault::Refused),
];

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_log_that_breaks_is_taken_up_where_it_ended() {
    let lines: String = (1..=20).map(|n| format!("line {n}\n")).collect();
    let spoilt = |(name, fault): (&'static str, Fault)| {
        let lines = &lines;
        move || {
            let cube = TestCube::shell(r"for n in $(seq 20); do echo line $n; sleep 0.1; done");
            let faults = move |asked: &Asked<'_>| match asked.is_log() && asked.before < 4 {
                true => fault,
                false => Fault::None,
            };
            let (forwarder, mut command) = through(&cube, faults);
            Running::start(&mut command).wait().check(name, 0, lines, &["success"]);
            assert!(forwarder.logs() > 4, "{name}: {} requests", forwarder.logs());
        }
    };
    thread::scope(|scope| {
        for row in SPOILT {
            scope.spawn(spoilt(row));
        }
    });
}

/// A connection that stays and is silent is given up for a new one, under logs and watches.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_dead_connection_is_noticed() {
    let cube = TestCube::shell("echo one; sleep 3; echo two; sleep 40; echo three");
    let faults = |asked: &Asked<'_>| match asked.before == 0 && asked.is_log() {
        true => Fault::Cut(Cut::Silent, 35, LONG),
        false => Fault::None,
    };
    let (_log, mut command) = through(&cube, faults);
    let mut log = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
    // The watches of this one fall silent before anything happens.
    let other = TestCube::shell("sleep 3; echo done");
    let faults = |asked: &Asked<'_>| match asked.before < 2 && asked.is_watch() {
        true => Fault::Cut(Cut::Silent, 0, LONG),
        false => Fault::None,
    };
    let (_watch, mut command) = through(&other, faults);
    let watched = thread::spawn(move || {
        let begun = Instant::now();
        (Running::start(&mut command).wait(), begun.elapsed())
    });
    let mut lines =
        BufReader::new(log.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let (one, begun) = (lines.next(), Instant::now());
    let two = lines.next();
    assert_eq!([one.as_deref(), two.as_deref()], [Some("one"), Some("two")]);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert_eq!(lines.collect::<Vec<_>>(), ["three"]);
    assert!(log.wait().expect("it ends").success());
    let (ended, time) = watched.join().expect("no panic");
    ended.check("watches", 0, "done\n", &["success"]);
    assert!(time < Duration::from_secs(42), "{time:?}");
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn what_cannot_be_had_is_told() {
    let faults = |asked: &Asked<'_>| match asked.is_log() {
        true if asked.before == 0 => Fault::Cut(Cut::Closed, 40, LONG),
        true => Fault::Status(403),
        false => Fault::None,
    };
    let cube = TestCube::shell("echo one; sleep 1; echo two");
    let (_people, mut command) = through(&cube, faults);
    let told = ["gap       what follows 20", "success", "the logs above are not whole: 1 gap"];
    Running::start(&mut command).wait().check("people", 0, "one\n", &told);
    let (_programs, mut command) = through(&cube, faults);
    let ended = Running::start(command.args(["-o", "json"])).wait();
    let events = events::all(&ended.stdout);
    let find = |name: &str| events.iter().find(|event| event["event"] == name).expect("an event");
    assert_eq!((&find("gap")["restart"], &find("gap")["before"]), (&json!(0), &Value::Null));
    assert!(find("gap")["after"].as_str().is_some_and(|after| after.starts_with("20")));
    assert_eq!(find("finished")["logGaps"], 1);
}

/// Not UTF-8, zeros, a line of two megabytes with characters of several bytes, returns, no end.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn bytes_are_bytes() {
    let line = r"printf '\377\376\000\n'; yes ä€😀 | head -n 200000 | tr -d '\n'; printf '\n10 %%\r20 %%\r'";
    let mut expected = b"\xff\xfe\0\n".to_vec();
    expected.extend(std::iter::repeat_n("ä€😀".as_bytes(), 200_000).flatten());
    expected.extend(b"\n10 %\r20 %\r");
    let cube = TestCube::shell(line);
    let plain = cube.command("run").output().expect("it starts");
    assert!(plain.stdout == expected, "{} bytes", plain.stdout.len());
    let json = cube.command("run").args(["-o", "json"]).output().expect("it starts");
    let mut bytes = Vec::new();
    for line in json.stdout.lines() {
        let event = events::one(&line.expect("a line"));
        if event["event"] == "log" {
            let text = event["line"].as_str().expect("text");
            match event["encoding"].as_str() {
                Some(_) => bytes.extend(STANDARD.decode(text).expect("Base64")),
                None => bytes.extend(text.as_bytes()),
            }
            bytes.extend((event["partial"] != true).then_some(b'\n'));
        }
    }
    assert!(bytes == expected, "{} bytes", bytes.len());
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn output_that_cannot_be_written_changes_the_exit_code() {
    let cube = TestCube::shell("echo one; sleep 1; echo two");
    let full = File::options().write(true).open("/dev/full").expect("a full device");
    let ended = cube.command("run").stdout(full).output().expect("it starts");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(10), "{told}");
    assert_eq!(
        told.matches("cannot write to standard output, the rest is lost").count(),
        1,
        "{told}"
    );
    assert!(told.contains("success"), "{told}");
}

/// Each run of a container is heard, in order, though the kubelet keeps the log of one before.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn every_run_of_a_container_is_heard() {
    let script = "n=$(cat /kept/n || echo 0); echo $((n + 1)) >/kept/n; echo run $n; test $n = 2";
    let container = json!({
        "name": "main", "image": cluster::variable("MLCUBE_TEST_IMAGE"),
        "command": ["/bin/sh", "-c", format!("{{ {script}; }} 2>&-")],
        "volumeMounts": [{"name": "kept", "mountPath": "/kept"}],
    });
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "restarted-"},
        "spec": {"template": {"spec": {
            "restartPolicy": "OnFailure", "containers": [container],
            "volumes": [{"name": "kept", "emptyDir": {}}],
        }}},
    });
    let target =
        ClusterTarget { kubeconfig: Some(cluster::kubeconfig()), ..ClusterTarget::default() };
    let cluster = Cluster::connect(&target).await.expect("the cluster is there");
    let admitted = UnderReview::new(Job::from_json(job).expect("a Job")).admit();
    let submitted =
        cluster.submit(&Submission::new(&admitted), Interrupts::default(), |_| {}).await;
    let submitted = submitted.expect("the Job is created").expect("no signal");
    let (mut log, mut ended) = (Vec::new(), Vec::new());
    let logs = Logs::default();
    let observed = cluster.observe(&submitted, Patience::default(), logs, |event| match event {
        Event::Log { run, piece } => {
            log.push(format!("{}: {}", run.restart, String::from_utf8_lossy(&piece.bytes)));
        }
        Event::LogGap { run, gap } => log.push(format!("{}: {gap:?}", run.restart)),
        Event::ContainerEnded(end) => ended.push(end.exit_code),
        _ => {}
    });
    let observed = observed.await.expect("an outcome");
    assert_eq!(log, ["0: run 0\n", "1: run 1\n", "2: run 2\n"]);
    assert_eq!(ended, [1, 1, 0]);
    assert_eq!((observed.outcome, observed.gaps), (Outcome::Succeeded, 0));
}

/// Numbers without end, while the connection is cut every second or five.
/// `MLCUBE_FLOOD_MB=1024` makes it long.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_flood_that_is_cut_all_the_time_arrives() {
    let megabytes: u64 =
        std::env::var(FLOOD).map_or(40, |number| number.parse().expect("a number of megabytes"));
    let is_long = megabytes > 100;
    // A batch is a megabyte: 100 000 numbers of nine digits, ten to a line.
    let cube = TestCube::shell(&format!(
        r"for n in $(seq 1000 {}); do seq \${{n}}00000 \${{n}}99999; sleep 0.05; done | paste -d ' ' - - - - - - - - - -",
        999 + megabytes
    ));
    let faults = move |asked: &Asked<'_>| {
        let time = Duration::from_millis(
            if is_long { 1000 } else { 300 } + asked.before as u64 % 5 * 1000,
        );
        match asked.before % 8 {
            _ if !asked.is_log() => Fault::None,
            0 | 3 | 6 => Fault::Cut(Cut::Reset, usize::MAX, time),
            1 | 4 => Fault::Cut(Cut::Clean, usize::MAX, time),
            2 | 5 => Fault::Cut(Cut::Closed, usize::MAX, time),
            _ if is_long => Fault::Cut(Cut::Silent, usize::MAX, time),
            _ => Fault::None,
        }
    };
    let (forwarder, mut command) = through(&cube, faults);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdout = BufReader::with_capacity(1 << 20, child.stdout.take().expect("a pipe"));
    let (mut line, mut next) = (String::new(), 100_000_000);
    let end = next + 100_000 * megabytes;
    let (mut memory, begun) = (0, Instant::now());
    while stdout.read_line(&mut line).expect("text") > 0 {
        for number in line.trim_end().split(' ') {
            assert_eq!(number.parse(), Ok(next), "after {} requests", forwarder.logs());
            next += 1;
        }
        line.clear();
        if next % 100_000 == 0 {
            memory = peak(child.id()).unwrap_or(memory);
        }
    }
    assert_eq!(next, end);
    assert!(child.wait().expect("it ends").success());
    assert!(memory < MEMORY, "{memory} KB");
    let took = begun.elapsed();
    let told = format!("{megabytes} MB, {took:.1?}, {} requests, {memory} KB", forwarder.logs());
    writeln!(stderr(), "{told}").expect("standard error");
}

/// The most memory that a process ever had, in kilobytes; none if it has ended.
fn peak(process: u32) -> Option<u64> {
    let mut status = String::new();
    File::open(format!("/proc/{process}/status")).ok()?.read_to_string(&mut status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
