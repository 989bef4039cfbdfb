//! Texts that mean harm: every bound is met and says so, and nothing panics or hangs.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use mlcube_k8s::yaml::Fault;

use crate::support::cube::{read, tower};
use crate::trials;

/// Far more than any bound allows on a slow machine, far less than a hang.
const PATIENCE: Duration = Duration::from_secs(20);
/// A cube without tasks.
const SMALL: &str = "name: c\ndocker: {image: i}\ntasks: {}\n";

/// A name, a cube with arguments, and what becomes of it.
type Row = (&'static str, fn() -> Typed, Outcome);
type Typed = (String, Vec<String>);

#[derive(Clone, Copy)]
enum Outcome {
    /// It meets a bound, and the error has these words.
    Bound(&'static str),
    /// It is refused, and the error ends so.
    Refused(&'static str),
    /// It is read, with so many faults that nobody asked about.
    Read(usize),
}
use Outcome::{Bound, Read, Refused};

pub fn all() -> Vec<Trial> {
    let tables = [
        ("document", &DOCUMENT[..]),
        ("interpolation", &INTERPOLATION[..]),
        ("overrides", &OVERRIDES[..]),
    ];
    let table = |(name, rows): (&str, &'static [Row])| {
        trials(&format!("cube/bounds/{name}"), rows.iter().copied(), |row| row.0, check)
    };
    tables.into_iter().flat_map(table).collect()
}

fn check((_, make, outcome): Row) {
    let (text, arguments) = make();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let start = Instant::now();
    let found = read(&text, &arguments);
    let took = start.elapsed();
    match (outcome, found) {
        (Read(faults), Ok(cube)) => assert_eq!(cube.config.faults.len(), faults),
        (Bound(words), Err(error)) => {
            assert_eq!(error.fault(), Fault::Limit, "{error}");
            assert!(error.message().contains(words), "{error}");
        }
        (Refused(end), Err(error)) => assert!(error.message().ends_with(end), "{error}"),
        (Read(_), Err(error)) => panic!("it is refused: {error}"),
        (_, Ok(_)) => panic!("it is read"),
    }
    assert!(took < PATIENCE, "it took {took:?}");
}

/// A cube without arguments.
fn plain(text: String) -> Typed {
    (text, Vec::new())
}

/// A cube whose name is the last of a tower's floors.
fn top(first: &str, floors: usize, floor: fn(usize) -> String) -> Typed {
    plain(format!("{}name: ${{a{}}}\n", tower(first, floors, floor), floors - 1))
}

/// So many brackets around a text.
fn nested(count: usize, open: &str, text: &str, close: &str) -> String {
    format!("{}{text}{}", open.repeat(count), close.repeat(count))
}

static DOCUMENT: [Row; 7] = [
    (
        "billion laughs",
        || {
            let laughs = (1..12).map(|floor| {
                let aliases = vec![format!("*l{}", floor - 1); 10].join(", ");
                format!("l{floor}: &l{floor} [{aliases}]\n")
            });
            plain(format!("l0: &l0 lol\n{}", laughs.collect::<String>()))
        },
        Bound("with its aliases expanded"),
    ),
    (
        "a large file",
        || {
            plain(
                (0..20)
                    .map(|index| format!("k{index}: &k{index} {}\n", "x".repeat(1 << 20)))
                    .collect(),
            )
        },
        Bound("bytes; at most 4194304 are read"),
    ),
    (
        "a large value",
        || ("name: c\n".into(), vec![format!("-P a={}", "x".repeat(5 << 20))]),
        Bound("at most 4194304 are read"),
    ),
    (
        "many small values",
        || plain(format!("a: [{}]\n", "1,".repeat(600_000))),
        Bound("grows too large"),
    ),
    ("flow nesting", || plain(nested(101, "[", "", "]")), Bound("deeper than 100 levels")),
    (
        "block nesting",
        || plain((0..101).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect()),
        Bound("deeper than 100 levels"),
    ),
    (
        "nesting by alias",
        || {
            plain(format!(
                "a: &a {}\nb: {}\n",
                nested(60, "[", "1", "]"),
                nested(60, "[", "*a", "]")
            ))
        },
        Bound("deeper than 100 levels"),
    ),
];

static INTERPOLATION: [Row; 10] = [
    (
        "doubling text",
        || top(&"x".repeat(1000), 40, |below| format!("${{a{below}}}${{a{below}}}")),
        Bound("interpolations produce more than"),
    ),
    (
        "doubling nothing",
        || top("''", 40, |below| format!("${{a{below}}}${{a{below}}}")),
        Bound("takes more than 200000 steps"),
    ),
    (
        "doubling lists",
        || top("x", 40, |below| format!("['${{a{below}}}', '${{a{below}}}']")),
        Bound(""),
    ),
    (
        "a long chain",
        || top("x", 500, |below| format!("${{a{below}}}")),
        Bound("lead through more than 128 levels"),
    ),
    (
        "a chain of lists",
        || {
            top("x", 500, |below| {
                format!("${{oc.select:none,{}}}", nested(17, "[", &format!("${{a{below}}}"), "]"))
            })
        },
        Bound("lead through more than 128 levels"),
    ),
    (
        "a chain of nested keys",
        || top("x", 500, |below| nested(9, "${a0.${", &format!("a{below}"), "}}")),
        Refused(""),
    ),
    (
        "a long entry point",
        || plain(format!("name: c\ntasks: {{t: {{entrypoint: '{}'}}}}\n", "a ".repeat(40_000))),
        Bound("`entrypoint` has more than 65536 bytes"),
    ),
    (
        "a long text",
        || plain(format!("name: '{}'\ntasks: {{}}\n", "${a}".repeat(20_000))),
        Bound("a text with interpolations has more than"),
    ),
    (
        "nested interpolations",
        || plain(format!("name: {}\ntasks: {{}}\n", nested(10_000, "${", "a", "}"))),
        Refused("it nests deeper than 20 levels"),
    ),
    (
        "nested lists in one interpolation",
        || plain(format!("name: ${{oc.decode:{}}}\ntasks: {{}}\n", nested(10_000, "[", "1", "]"))),
        Refused("it nests deeper than 20 levels"),
    ),
];

/// Many overrides that are large together, of a cube without an image.
fn weighed(count: usize) -> Typed {
    ("name: c\ntasks: {}\n".into(), vec![format!("-P a=[{}]", "1,".repeat(20_000)); count])
}

/// An override with so many keys, and a deep value.
fn long(keys: usize) -> Typed {
    (SMALL.into(), vec![format!("-P {}={}", vec!["a"; keys].join("."), nested(100, "[", "1", "]"))])
}

static OVERRIDES: [Row; 6] = [
    ("three large ones", || weighed(3), Read(1)),
    ("four large ones", || weighed(4), Bound("the document grows too large here")),
    ("one key", || long(1), Read(0)),
    ("twenty keys", || long(20), Read(0)),
    ("twenty-one keys", || long(21), Refused("")),
    ("very many keys", || long(100_000), Refused("")),
];
