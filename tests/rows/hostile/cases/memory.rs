//! Policies that take: linear memory, tables, instances.

use super::{ADMITTED, Case, Made, broken_in, stopped, stopped_in};
use crate::hostile::guest::Guest;
use wasmparser::{Parser, Payload};

const PAGE: usize = 65_536;

/// Definitions, what is done in `review`, and the limit that is met there.
const IN_REVIEW: [(&str, &str, &str, &str); 8] = [
    (
        "page by page",
        "",
        "(loop $l (drop (memory.grow (i32.const 1))) (br $l))",
        "`memory` limit of 32Mi: it asked for 32832Ki",
    ),
    (
        "at once",
        "",
        "(drop (memory.grow (i32.const 60000)))",
        "`memory` limit of 32Mi: it asked for 3841280Ki",
    ),
    (
        "doubling",
        "",
        "(loop $l (drop (memory.grow (memory.size))) (br $l))",
        "`memory` limit of 32Mi: it asked for 40Mi",
    ),
    (
        "and touching",
        "",
        "(loop $l (memory.fill (i32.mul (memory.grow (i32.const 64)) (i32.const 65536)) (i32.const 1) (i32.const 4194304)) (br $l))",
        "`memory` limit of 32Mi: it asked for 34048Ki",
    ),
    (
        "in two memories",
        "(memory $b 1)",
        "(loop $l (drop (memory.grow (i32.const 10))) (drop (memory.grow $b (i32.const 10))) (br $l))",
        "`memory` limit of 32Mi: it asked for 33344Ki",
    ),
    (
        "table",
        "(table $t 1 funcref)",
        "(loop $l (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $l))",
        "`table-elements` limit of 100000: it asked for 100001",
    ),
    (
        "table at once",
        "(table $t 1 funcref)",
        "(drop (table.grow $t (ref.null func) (i32.const 1000000)))",
        "`table-elements` limit of 100000: it asked for 1000001",
    ),
    (
        "two tables",
        "(table $t 1 funcref) (table $u 1 funcref)",
        "(loop $l (drop (table.grow $t (ref.null func) (i32.const 500))) (drop (table.grow $u (ref.null func) (i32.const 500))) (br $l))",
        "`table-elements` limit of 100000: it asked for 100002",
    ),
];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, items, body, limit) in IN_REVIEW {
        let guest = Guest::new().with("items", items).doing(body);
        cases.push(Case::new(format!("grow: {name}"), guest, stopped(limit)));
    }
    cases.extend(at_start());
    cases.extend(instances());
    cases
}

/// What is asked for before anything runs.
fn at_start() -> Vec<Case> {
    let describe = |limit: &str| stopped_in("describe", limit);
    let memory = |pages: &str| Guest::new().with("memory", pages);
    let items = |text: String| Guest::new().with("items", text);
    let memories = |count: usize, pages: usize| items(format!("(memory {pages})").repeat(count));
    let tables = |count: usize, size: usize| items(format!("(table {size} funcref)").repeat(count));
    let start = "(func $s (drop (memory.grow (i32.const 2000)))) (start $s)";
    // Each failed request counts for nothing: only what was given is used.
    let modest = "(loop $l (drop (memory.grow (i32.const 1000)))
        (global.set $n (i32.add (global.get $n) (i32.const 1))) (br_if $l (i32.lt_u (global.get $n) (i32.const 1000))))";
    vec![
        Case::new("memory: large at first", memory("1000"), describe("`memory` limit of 32Mi: it asked for 64000Ki")),
        Case::new("memory: all that there is", memory("65536"), describe("`memory` limit of 32Mi: it asked for 4Gi")),
        Case::new(
            "memory: grown in start",
            items(start.into()),
            describe("`memory` limit of 32Mi: it asked for 129280Ki"),
        ),
        Case::new("memory: many", memories(30, 1), describe("`memories` limit of 20: it asked for 31")),
        Case::new("memory: several large", memories(15, 100), describe("`memory` limit of 32Mi: it asked for 33280Ki")),
        Case::new(
            "memory: refused growth is not counted",
            Guest::new().with("memory", "20 30").with("items", "(global $n (mut i32) (i32.const 0))").doing(modest),
            ADMITTED,
        ),
        Case::new("memory: data far apart", memory("500").data(0, "x").data(499 * PAGE as u32, "x"), ADMITTED),
        Case::new(
            "memory: data behind the end",
            Guest::new().data(21 * PAGE as u32, "x"),
            broken_in("describe", "wasm trap: out of bounds memory access"),
        ),
        Case::new(
            "table: large at first",
            tables(1, 200_000),
            stopped_in("load", "`table-elements` limit of 100000: it asked for 200000"),
        ),
        Case::new(
            "table: as large as may be",
            tables(1, 10_000_000),
            stopped_in("load", "`table-elements` limit of 100000: it asked for 10000000"),
        ),
        Case::new("table: many", tables(99, 1), ADMITTED),
        Case::new(
            "table: many large",
            tables(99, 9_000),
            stopped_in("load", "`table-elements` limit of 100000: it asked for 891000"),
        ),
        Case::new(
            "table: elements behind the end",
            items("(table 1 funcref) (func $f) (elem (i32.const 5) func $f)".into()),
            broken_in("describe", "wasm trap: undefined element: out of bounds table access"),
        ),
        Case::new(
            "table: far elements in many tables",
            items(format!(
                "(func $f) {}",
                (0..60)
                    .map(|n| format!("(table $t{n} 1000000 funcref) (elem (table $t{n}) (i32.const 999999) func $f)"))
                    .collect::<String>()
            )),
            stopped_in("load", "`table-elements` limit of 100000: it asked for 60000000"),
        ),
    ]
}

/// Components that instantiate their parts again and again.
fn instances() -> Vec<Case> {
    let inner = |core: &str, count: usize| {
        format!(
            "(component $c (core module $m {core}) {})",
            "(core instance (instantiate $m))".repeat(count)
        )
    };
    let describe = |limit: &str| stopped_in("describe", limit);
    vec![
        Case::new(
            "instances: many",
            beside(&format!("{} (instance (instantiate $c))", inner("", 150))),
            describe("`instances` limit of 100: it asked for 101"),
        ),
        Case::new(
            "instances: many memories",
            beside(&format!("{} (instance (instantiate $c))", inner("(memory 1)", 30))),
            describe("`memories` limit of 20: it asked for 21"),
        ),
        Case::new(
            "instances: many tables",
            beside(&format!(
                "{} (instance (instantiate $c))",
                inner(&"(table 1 funcref)".repeat(20), 10)
            )),
            describe("`tables` limit of 100: it asked for 120"),
        ),
        Case::new(
            "instances: much memory",
            beside(&format!("{} (instance (instantiate $c))", inner("(memory 100)", 15))),
            describe("`memory` limit of 32Mi: it asked for 33280Ki"),
        ),
        Case::new(
            "instances: doubled five times",
            beside(&format!("{} (instance (instantiate $d5))", doubled(5, 8))),
            describe("`instances` limit of 100: it asked for 101"),
        ),
        Case::new(
            "instances: doubled thirty times",
            wat::parse_str(format!("(component {} (instance (instantiate $d30)))", doubled(30, 8)))
                .expect("sound text"),
            stopped_in("load", "`declarations` limit of 1Mi: it asked for 1212199"),
        ),
    ]
}

/// Components of which each instantiates the one before twice.
fn doubled(times: usize, instances: usize) -> String {
    let first = format!(
        "(component $d0 (core module $m) {})",
        "(core instance (instantiate $m))".repeat(instances)
    );
    (1..=times).fold(first, |text, number| {
        let below = number - 1;
        let outer = format!("(alias outer 1 $d{below} (component $b))");
        format!("{text} (component $d{number} {outer} (instance (instantiate $b)) (instance (instantiate $b)))")
    })
}

/// An ordinary policy with more components beside it, by their text.
fn beside(more: &str) -> Made {
    /// An empty component, as a section.
    const EMPTY: usize = 10;
    let more = more.to_owned();
    Made::from(move || {
        let mut component = Guest::new().component();
        let nested = Parser::new(0).parse_all(&component).flatten();
        let count =
            nested.filter(|payload| matches!(payload, Payload::ComponentSection { .. })).count();
        // As many empty components take the numbers of those that are there.
        let text = format!("(component {} {more})", "(component)".repeat(count));
        let encoded = wat::parse_str(text).expect("the text is sound");
        component.extend_from_slice(&encoded[8 + EMPTY * count..]);
        component
    })
}
