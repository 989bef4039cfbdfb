//! A policy that imports WASI finds an empty world: nothing to read, nobody to talk to, clocks that
//! only its own readings and waits move. Each row is core code for `guests/wasi.wat` and what becomes of the review; a trap
//! in it says that the world is not empty.

use std::fs;

use libtest_mimic::Trial;
use mlcube_k8s::job::LogLine;
use serde_json::json;

use crate::support::policy::{self, Limit, Limits, Policy, PolicyError};
use crate::support::workspace;
use crate::{trial, trials};

/// A name, core code, and the lines of the log or the error.
type Row = (&'static str, &'static str, Result<Vec<String>, String>);

/// Interfaces that are not of WASI 0.2, each in place of one that is.
const FOREIGN: [(&str, &str); 2] = [
    ("a package that is not stubbed", "wasi:keyvalue/environment@0.2.0"),
    ("another namespace", "other:cli/environment@0.2.0"),
];

pub fn all() -> Vec<Trial> {
    let mut all = trials("wasi", rows(), |row| row.0, check);
    all.extend(trials("wasi/foreign", FOREIGN, |row| row.0, |(_, foreign)| is_not_given(foreign)));
    all.push(trial("wasi/http-is-empty-too", http_is_empty_too));
    all.push(trial("wasi/importing-it-is-no-capability", || {
        assert!(load("").expect("a policy").capabilities().is_empty());
    }));
    all
}

fn rows() -> [Row; 24] {
    let stopped = |limit| format!("policy `wasi` was stopped in `review` at its {limit}");
    let broke = |why| format!("policy `wasi` broke in `review`: {why}");
    let line = |message: &str| format!("debug {message}");
    [
        ("a trap is seen", "(call $word (i32.const 0x200) (i32.const 0))", Err(broke("it panicked (wasm `unreachable`)"))),
        // An empty list has a length of zero, whatever its address; an option starts with what it
        // is.
        ("no variables", "(call $variables (i32.const 0x40)) (call $word (i32.const 0x44) (i32.const 0))", Ok(vec![])),
        ("no arguments", "(call $arguments (i32.const 0x40)) (call $word (i32.const 0x44) (i32.const 0))", Ok(vec![])),
        ("no folder", "(call $cwd (i32.const 0x40)) (call $word (i32.const 0x40) (i32.const 0))", Ok(vec![])),
        ("no files", "(call $directories (i32.const 0x40)) (call $word (i32.const 0x44) (i32.const 0))", Ok(vec![])),
        // The tag of the result, and below the error in it.
        ("no network", "(call $socket (i32.const 0) (i32.const 0x40)) (call $word (i32.const 0x40) (i32.const 1))", Ok(vec![])),
        (
            "a closed stdin",
            "(call $read (call $in) (i64.const 9) (i32.const 0x40))
             (call $word (i32.const 0x40) (i32.const 1)) (call $word (i32.const 0x44) (i32.const 1))",
            Ok(vec![]),
        ),
        (
            "clocks that move with each reading",
            "(call $same (call $now) (i64.const 1000000000)) (call $same (call $now) (i64.const 1001000000))
             (call $date (i32.const 0x40)) (call $same (i64.load (i32.const 0x40)) (i64.const 1704067200))
             (call $word (i32.const 0x48) (i32.const 2000000))",
            Ok(vec![]),
        ),
        (
            "a busy wait for an hour ends",
            "(local $end i64) (local.set $end (i64.add (call $now) (i64.const 3600000000000)))
             (loop (br_if 0 (i64.lt_u (call $now) (local.get $end))))",
            Ok(vec![]),
        ),
        (
            "a busy wait for a date ends",
            "(loop (call $date (i32.const 0x40)) (br_if 0 (i64.lt_u (i64.load (i32.const 0x40)) (i64.const 1704070800))))",
            Ok(vec![]),
        ),
        (
            "a timer has gone off when it was waited for",
            "(local $start i64) (local.set $start (call $now)) (call $block (call $sleep (i64.const 5000000000)))
             (call $same (i64.sub (call $now) (local.get $start)) (i64.const 5001000000))",
            Ok(vec![]),
        ),
        (
            "a timer has gone off when it is ready",
            "(local $start i64) (local.set $start (call $now)) (drop (call $ready (call $sleep (i64.const 5000000000))))
             (call $same (i64.sub (call $now) (local.get $start)) (i64.const 5001000000))",
            Ok(vec![]),
        ),
        (
            "of several timers the last has gone off",
            "(local $start i64) (local.set $start (call $now))
             (i32.store (i32.const 0x60) (call $sleep (i64.const 7000000000))) (i32.store (i32.const 0x64) (call $sleep (i64.const 1)))
             (call $poll (i32.const 0x60) (i32.const 2) (i32.const 0x40))
             (call $same (i64.sub (call $now) (local.get $start)) (i64.const 7001000000))",
            Ok(vec![]),
        ),
        (
            "a timer that was not waited for moves nothing",
            "(drop (call $sleep (i64.const 5000000000))) (call $same (call $now) (i64.const 1000000000))",
            Ok(vec![]),
        ),
        ("no waiting", "(call $block (call $sleep (i64.const -1)))", Ok(vec![])),
        (
            "everything is ready",
            "(i32.store (i32.const 0x60) (call $sleep (i64.const -1))) (i32.store (i32.const 0x64) (call $sleep (i64.const 1)))
             (if (i32.eqz (call $ready (i32.load (i32.const 0x60)))) (then unreachable))
             (call $poll (i32.const 0x60) (i32.const 2) (i32.const 0x40)) (call $word (i32.const 0x44) (i32.const 2))
             (call $word (i32.add (i32.load (i32.const 0x40)) (i32.const 4)) (i32.const 1))",
            Ok(vec![]),
        ),
        // The first two numbers of SplitMix64 from the seed 0, then the last byte of the third.
        (
            "the same random numbers on every run",
            "(call $same (call $random) (i64.const 0xe220a8397b1dcdaf)) (call $same (call $random) (i64.const 0x6e789e6aa1b965f4))
             (call $random-bytes (i64.const 1) (i32.const 0x40)) (call $word (i32.load (i32.const 0x40)) (i32.const 0x4f))",
            Ok(vec![]),
        ),
        (
            "too many random bytes",
            "(call $random-bytes (i64.const 0x1000000) (i32.const 0x40))",
            Err(stopped("`host-call-bytes` limit of 16Mi: it asked for 1073742016")),
        ),
        ("exit", "(call $exit (i32.const 1))", Err(broke("it called `exit`"))),
        (
            "what is written is told",
            "(call $check-write (call $out) (i32.const 0x40)) (call $word (i32.const 0x48) (i32.const 4096))
             (call $write (call $out) (i32.const 0x250) (i32.const 12) (i32.const 0x40))
             (call $write (call $out) (i32.const 0x252) (i32.const 4) (i32.const 0x40))
             (call $write (call $err) (i32.const 0x200) (i32.const 4) (i32.const 0x40))",
            Ok(vec![line("first"), line("secondrst"), line("wasi")]),
        ),
        (
            "last words",
            "(call $write (call $err) (i32.const 0x250) (i32.const 12) (i32.const 0x40)) unreachable",
            Err(broke("it panicked (wasm `unreachable`); it wrote: first / second")),
        ),
        (
            "too much to tell",
            "(loop (call $write (call $out) (i32.const 0x250) (i32.const 12) (i32.const 0x40)) (br 0))",
            Err(stopped("`host-call-bytes` limit of 16Mi: it asked for 16777281")),
        ),
        (
            "too much at once",
            "(drop (memory.grow (i32.const 40)))
             (call $write (call $out) (i32.const 0x1000) (i32.const 2500000) (i32.const 0x40))",
            Err(stopped("`host-call` limit of 1Mi: it used all of it")),
        ),
        ("too many handles", "(loop (drop (call $out)) (br 0))", Err(broke("cannot allocate another handle: store handle limit exceeded"))),
    ]
}

fn check((_, code, expected): Row) {
    let found = load(code).and_then(|policy| policy.review(&policy::small_job()));
    let found = found.map(|review| review.log.into_iter().map(spelled).collect::<Vec<_>>());
    assert_eq!(found.map_err(|error| error.to_string()), expected);
}

fn is_not_given(foreign: &str) {
    let text =
        template().replace("\n      HERE\n", "\n").replace("wasi:cli/environment@0.2.0", foreign);
    let error = load_text(&text).err().expect("the import is foreign").to_string();
    assert_eq!(
        error,
        format!(
            "component `wasi.wat` is not a policy: it imports `{foreign}`, which the host does not provide"
        )
    );
}

/// Tools for JavaScript add it to components that never use it.
fn http_is_empty_too() {
    let text = template()
        .replace("\n      HERE\n", "\n")
        .replace("wasi:cli/environment@0.2.0", "wasi:http/types@0.2.3");
    let policy = load_text(&text).expect("a policy");
    assert_eq!(policy.world().wasi.iter().filter(|name| name.starts_with("wasi:http/")).count(), 1);
    policy.review(&policy::small_job()).expect("it does nothing");
}

fn load(code: &str) -> Result<Policy, PolicyError> {
    load_text(&template().replace("\n      HERE\n", &format!("\n{code}\n")))
}

fn load_text(text: &str) -> Result<Policy, PolicyError> {
    let bytes = wat::parse_str(text).expect("the text is sound");
    // On a slow machine, what is counted must end it and not the clock.
    let limits = Limits::default().with(Limit::Wall, 30_000);
    policy::load(&policy::host(limits), policy::source_of("wasi", "wasi.wat", bytes, json!({})))
}

fn template() -> String {
    fs::read_to_string(workspace().join("tests/guests/wasi.wat")).expect("the guest is there")
}

fn spelled(line: LogLine) -> String {
    format!("{} {}", line.level.as_str(), line.message)
}
