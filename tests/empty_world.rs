//! A policy that imports WASI finds an empty world: nothing to read, nobody to talk to, clocks that stand still. Each row is
//! core code for `guests/wasi.wat` and what becomes of the review; a trap in it says that the world is not empty.

mod support;

use mlcube_k8s::job::{Job, LogLine, PolicyId};
use mlcube_k8s::policy::{Limits, Policy, PolicyError, PolicyHost, PolicySource};
use serde_json::json;
use std::fs;

/// A name, core code, and the lines of the log or the error.
type Row<'a> = (&'a str, &'a str, Result<&'a [String], String>);

#[test]
fn the_world_is_empty() {
    let stopped = |limit| format!("policy `wasi` was stopped in `review` at its {limit}");
    let broke = |why| format!("policy `wasi` broke in `review`: {why}");
    let line = |message: &str| format!("debug {message}");
    let rows: [Row<'_>; 18] = [
        ("a trap is seen", "(call $word (i32.const 0x200) (i32.const 0))", Err(broke("it panicked (wasm `unreachable`)"))),
        // An empty list has a length of zero, whatever its address; an option starts with what it is.
        ("no variables", "(call $variables (i32.const 0x40)) (call $word (i32.const 0x44) (i32.const 0))", Ok(&[])),
        ("no arguments", "(call $arguments (i32.const 0x40)) (call $word (i32.const 0x44) (i32.const 0))", Ok(&[])),
        ("no folder", "(call $cwd (i32.const 0x40)) (call $word (i32.const 0x40) (i32.const 0))", Ok(&[])),
        ("no files", "(call $directories (i32.const 0x40)) (call $word (i32.const 0x44) (i32.const 0))", Ok(&[])),
        // The tag of the result, and below the error in it.
        ("no network", "(call $socket (i32.const 0) (i32.const 0x40)) (call $word (i32.const 0x40) (i32.const 1))", Ok(&[])),
        (
            "a closed stdin",
            "(call $read (call $in) (i64.const 9) (i32.const 0x40))
             (call $word (i32.const 0x40) (i32.const 1)) (call $word (i32.const 0x44) (i32.const 1))",
            Ok(&[]),
        ),
        (
            "clocks that stand still",
            "(call $same (call $now) (call $now)) (call $date (i32.const 0x40))
             (call $same (i64.load (i32.const 0x40)) (i64.const 1704067200))",
            Ok(&[]),
        ),
        ("no waiting", "(call $block (call $sleep (i64.const -1)))", Ok(&[])),
        (
            "everything is ready",
            "(i32.store (i32.const 0x60) (call $sleep (i64.const -1))) (i32.store (i32.const 0x64) (call $sleep (i64.const 1)))
             (if (i32.eqz (call $ready (i32.load (i32.const 0x60)))) (then unreachable))
             (call $poll (i32.const 0x60) (i32.const 2) (i32.const 0x40)) (call $word (i32.const 0x44) (i32.const 2))
             (call $word (i32.add (i32.load (i32.const 0x40)) (i32.const 4)) (i32.const 1))",
            Ok(&[]),
        ),
        // The first two numbers of SplitMix64 from the seed 0, then the last byte of the third.
        (
            "the same random numbers on every run",
            "(call $same (call $random) (i64.const 0xe220a8397b1dcdaf)) (call $same (call $random) (i64.const 0x6e789e6aa1b965f4))
             (call $random-bytes (i64.const 1) (i32.const 0x40)) (call $word (i32.load (i32.const 0x40)) (i32.const 0x4f))",
            Ok(&[]),
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
            Ok(&[line("first"), line("secondrst"), line("wasi")]),
        ),
        (
            "last words",
            "(call $write (call $err) (i32.const 0x250) (i32.const 12) (i32.const 0x40)) unreachable",
            Err(broke("it panicked (wasm `unreachable`); it wrote: first / second")),
        ),
        (
            "too much to tell",
            "(loop (call $write (call $out) (i32.const 0x250) (i32.const 12) (i32.const 0x40)) (br 0))",
            Err(stopped("`log-lines` limit of 200: it asked for 201")),
        ),
        (
            "too much at once",
            "(drop (memory.grow (i32.const 40)))
             (call $write (call $out) (i32.const 0x1000) (i32.const 2500000) (i32.const 0x40))",
            Err(stopped("`host-call` limit of 1Mi: it used all of it")),
        ),
        ("too many handles", "(loop (drop (call $out)) (br 0))", Err(broke("cannot allocate another handle: store handle limit exceeded"))),
    ];
    for (name, code, expected) in rows {
        let found = load(code).and_then(|policy| policy.review(&job()));
        let found = found.map(|review| review.log.into_iter().map(spelled).collect::<Vec<_>>());
        assert_eq!(found.map_err(|error| error.to_string()), expected.map(<[String]>::to_vec), "{name}");
    }
}

#[test]
fn importing_wasi_is_no_capability() {
    assert!(load("").expect("a policy").capabilities().is_empty());
}

#[test]
fn only_wasi_0_2_is_given() {
    let rows = [
        ("wasi:cli/environment@0.2.0", "wasi:cli/environment@0.3.0"),
        ("wasi:cli/environment@0.2.0", "wasi:http/environment@0.2.0"),
        ("wasi:cli/environment@0.2.0", "other:cli/environment@0.2.0"),
    ];
    for (given, foreign) in rows {
        let text = template().replace("\n      HERE\n", "\n").replace(given, foreign);
        let error = load_text(&text).err().expect("the import is foreign").to_string();
        let expected =
            format!("component `wasi.wat` is no policy: it imports `{foreign}`, which policies are not given");
        assert_eq!(error, expected);
    }
}

fn load(code: &str) -> Result<Policy, PolicyError> {
    load_text(&template().replace("\n      HERE\n", &format!("\n{code}\n")))
}

fn load_text(text: &str) -> Result<Policy, PolicyError> {
    let bytes = wat::parse_str(text).expect("the text is sound");
    let host = PolicyHost::new(Limits::default(), None).expect("an engine");
    let name = PolicyId::parse("wasi").expect("a name");
    host.load(PolicySource::new(name, "wasi.wat", bytes, json!({})))
}

fn template() -> String {
    fs::read_to_string(support::workspace().join("tests/guests/wasi.wat")).expect("the guest is there")
}

fn job() -> Job {
    Job::from_json(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}})).expect("a Job")
}

fn spelled(line: LogLine) -> String {
    format!("{} {}", line.level.as_str(), line.message)
}
