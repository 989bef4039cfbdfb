//! Texts that mean harm: every bound is reached and says so, and nothing panics or hangs.

use std::time::{Duration, Instant};

use mlcube_k8s::yaml::Fault;
use proptest::prelude::*;

use crate::support::{bind, read};

/// Far more than any bound allows on a slow machine, far less than a hang.
const PATIENCE: Duration = Duration::from_secs(20);

fn check(what: &str, text: &str, arguments: &[&str], wanted: &str) {
    let start = Instant::now();
    let error = read(text, arguments).err().unwrap_or_else(|| unreachable!("{what} is refused"));
    assert_eq!(error.fault(), Fault::Limit, "{what}: {error}");
    assert!(error.message().contains(wanted), "{what}: {error}");
    assert!(start.elapsed() < PATIENCE, "{what} took {:?}", start.elapsed());
}

/// `a0: <first>`, then `a1` made of `a0`, and so on; `name` is the last.
fn tower(first: &str, floors: usize, floor: impl Fn(usize) -> String) -> String {
    let floors: String = (1..floors).map(|index| format!("a{index}: {}\n", floor(index - 1))).collect();
    format!("a0: {first}\n{floors}tasks: {{}}\n")
}

#[test]
fn bounds_of_a_document() {
    let laughs = (1..12).map(|floor| {
        let aliases = vec![format!("*l{}", floor - 1); 10].join(", ");
        format!("l{floor}: &l{floor} [{aliases}]\n")
    });
    check("billion laughs", &format!("l0: &l0 lol\n{}", laughs.collect::<String>()), &[], "with its aliases expanded");
    let kept: String = (0..20).map(|index| format!("k{index}: &k{index} {}\n", "x".repeat(1 << 20))).collect();
    check("a large file", &kept, &[], "bytes; at most 4194304 are read");
    check("a large value", "name: c\n", &[&format!("-P a={}", "x".repeat(5 << 20))], "at most 4194304 are read");
    check("many small values", &format!("a: [{}]\n", "1,".repeat(600_000)), &[], "grows too large");
    check("flow nesting", &format!("{}{}", "[".repeat(101), "]".repeat(101)), &[], "deeper than 100 levels");
    check(
        "block nesting",
        &(0..101).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<String>(),
        &[],
        "deeper than 100 levels",
    );
    let half = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    check(
        "nesting by alias",
        &format!("a: &a {half}\nb: {}*a{}\n", "[".repeat(60), "]".repeat(60)),
        &[],
        "deeper than 100 levels",
    );
}

#[test]
fn bounds_of_interpolation() {
    let twice = |index: usize| format!("${{a{index}}}${{a{index}}}");
    let name = |text: String, last: usize| format!("{text}name: ${{a{last}}}\n");
    check("doubling text", &name(tower(&"x".repeat(1000), 40, twice), 39), &[], "interpolations produce more than");
    check("doubling nothing", &name(tower("''", 40, twice), 39), &[], "takes more than 200000 steps");
    let pair = |index: usize| format!("['${{a{index}}}', '${{a{index}}}']");
    check("doubling lists", &name(tower("x", 40, pair), 39), &[], "");
    let chain = |index: usize| format!("${{a{index}}}");
    check("a long chain", &name(tower("x", 500, chain), 499), &[], "lead through more than 128 levels");
    let lists = |index: usize| format!("${{oc.select:none,{}${{a{index}}}{}}}", "[".repeat(17), "]".repeat(17));
    check("a chain of lists", &name(tower("x", 500, lists), 499), &[], "lead through more than 128 levels");
    let nested = |index: usize| format!("{}a{index}{}", "${a0.${".repeat(9), "}}".repeat(9));
    assert!(read(&name(tower("x", 500, nested), 499), &[]).is_err());
    let long = format!("name: '{}'\ntasks: {{}}\n", "${a}".repeat(20_000));
    let words = format!("name: c\ntasks: {{t: {{entrypoint: '{}'}}}}\n", "a ".repeat(40_000));
    check("a long entry point", &words, &[], "`entrypoint` has more than 65536 bytes");
    check("a long text", &long, &[], "a text with interpolations has more than");
}

#[test]
fn nesting_of_one_interpolation() {
    let nested = format!("name: {}a{}\ntasks: {{}}\n", "${".repeat(10_000), "}".repeat(10_000));
    let error = read(&nested, &[]).expect_err("it is refused");
    assert!(error.message().ends_with("it nests deeper than 20 levels"), "{error}");
    let lists = format!("name: ${{oc.decode:{}1{}}}\ntasks: {{}}\n", "[".repeat(10_000), "]".repeat(10_000));
    let error = read(&lists, &[]).expect_err("it is refused");
    assert!(error.message().ends_with("it nests deeper than 20 levels"), "{error}");
}

#[test]
fn what_is_only_shown_is_bounded_too() {
    let start = Instant::now();
    let text = tower("x", 40, |index| format!("['${{a{index}}}', '${{a{index}}}']"));
    let cube =
        read(&format!("name: c\nself: {{again: '${{self}}'}}\n{text}"), &[]).expect("what is too large is not used");
    assert!(cube.config.faults.iter().any(|fault| fault.fault() == Fault::Limit));
    assert!(cube.config.faults.iter().any(|fault| fault.message().starts_with("interpolation runs in a circle")));
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
}

#[test]
fn faults_of_which_there_are_many_cost_little() {
    let start = Instant::now();
    let faults: String = (0..20_000).map(|index| format!("a{index}: '${{none{index}}}'\n")).collect();
    let cube = read(&format!("name: c\ntasks: {{}}\n{faults}"), &[]).expect("a fault that nobody uses is nobody's");
    assert_eq!(cube.config.faults.len(), 100);
    assert_eq!(cube.config.resolved["a19999"], "${none19999}");
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
}

#[test]
fn what_was_typed_stays_on_its_line() {
    for system in [&["--system=platforms: {}"][..], &[]] {
        let error = read("name: c\ntasks: {}\n", &[system, &["--platform=a\n\u{1b}[31m"]].concat());
        let error = error.expect_err("there is no such platform").to_string();
        assert!(error.contains(r"`a\n\u{1b}[31m`"), "{error}");
    }
}

#[test]
fn overrides_are_weighed_together() {
    let one = format!("-P a=[{}]", "1,".repeat(20_000));
    let (few, many) = (vec![one.as_str(); 3], vec![one.as_str(); 4]);
    assert!(read("name: c\ntasks: {}\n", &few).is_ok());
    check("many overrides", "name: c\ntasks: {}\n", &many, "the document grows too large here");
}

#[test]
fn a_long_override_is_a_path_or_an_error() {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    for (keys, accepted) in [(1, true), (20, true), (21, false), (100_000, false)] {
        let argument = format!("-P {}={deep}", vec!["a"; keys].join("."));
        let cube = read("name: c\ndocker: {image: i}\ntasks: {}\n", &[&argument]);
        assert_eq!(cube.as_ref().map(|cube| cube.config.faults.len()).ok(), accepted.then_some(0), "{keys} keys");
    }
}

/// Pieces of which cubes and their faults are made.
const PIECES: [&str; 48] = [
    "name",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "\n      ",
    "tasks",
    "train",
    "parameters",
    "inputs",
    "outputs",
    "type",
    "default",
    "opts",
    "entrypoint",
    "docker",
    "image",
    "k8s",
    "pvc",
    "env",
    "resources",
    "limits",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    "\"",
    "&a ",
    "*a",
    "<<",
    "!!str ",
    "${",
    "}",
    ".",
    "..",
    "oc.env:",
    "oc.select:",
    "oc.decode:",
    "\\",
    "???",
    "null",
    "0x1f",
    "1e3",
    "~",
    "é\u{feff}\u{0}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = read(&text, &[]);
        let _ = read("name: c\ntasks: {}\n", &[&format!("-P {text}")]);
        let _ = read("name: c\ntasks: {}\n", &[&format!("--system={text}")]);
    }

    #[test]
    fn any_pieces_are_read_or_refused(picks in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = picks.iter().map(|pick| PIECES[*pick]).collect();
        let _ = read(&text, &[]);
        if let Ok(cube) = read(&format!("name: c\ntasks: {{t: {{parameters: {{inputs: {{x: {}}}}}}}}}\n", serde_json::Value::from(text.as_str())), &[]) {
            let _ = bind(&cube, &["--task=t"]);
            let _ = bind(&cube, &["--task=t", &format!("x={text}")]);
        }
    }

    #[test]
    fn any_default_stays_inside_the_claim(value in "[a./\\\\~$ :-]{0,12}") {
        let cube = read(&format!("name: c\ntasks: {{t: {{parameters: {{inputs: {{x: {}}}}}}}}}\n", serde_json::Value::from(value.as_str())), &[]);
        if let Ok(tasks) = cube.and_then(|cube| bind(&cube, &["--task=t"])) {
            let path = tasks[0].parameters[0].value.as_str().to_owned();
            prop_assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".." || part == "."), "{path}");
            prop_assert!(path.is_empty() || path.split('/').all(|part| !part.is_empty()), "{path}");
        }
    }
}
