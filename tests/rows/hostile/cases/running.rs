//! Policies that run and run: loops in every place that the host calls, recursion, and traps of
//! every kind.

use super::{ADMITTED, Case, FUEL, STACK, broken, broken_in, stopped, stopped_in};
use crate::hostile::guest::{Guest, RETURNED};

const TRAP: &str = "(unreachable)";

/// What is done in `review` without end.
const LOOPS: [(&str, &str); 16] = [
    ("empty", ""),
    ("block", "(block $b (br $b))"),
    ("nested", "(loop $in (br_if $in (i32.eqz (i32.const 1))))"),
    ("table of branches", "(block $b (br_table $b $b $again (i32.const 1)))"),
    ("condition", "(br_if $again (i32.const 1))"),
    ("call", "(call $nothing)"),
    ("indirect call", "(call_indirect (type $nothing) (i32.const 0))"),
    ("store", "(i32.store (i32.const 4096) (i32.add (i32.load (i32.const 4096)) (i32.const 1)))"),
    ("division", "(drop (i64.div_u (i64.load (i32.const 4096)) (i64.const 3)))"),
    ("roots", "(drop (f64.sqrt (f64.load (i32.const 4096))))"),
    ("nan", "(f64.store (i32.const 4096) (f64.div (f64.const nan) (f64.load (i32.const 4096))))"),
    ("grow by nothing", "(drop (memory.grow (i32.const 0)))"),
    ("table grows by nothing", "(drop (table.grow $t (ref.null func) (i32.const 0)))"),
    (
        "vector",
        "(v128.store (i32.const 4096) (i8x16.add (v128.load (i32.const 4096)) (v128.const i64x2 1 1)))",
    ),
    ("select", "(drop (select (i32.const 1) (i32.const 2) (i32.const 3)))"),
    ("global", "(global.set $g (i64.add (global.get $g) (i64.const 1)))"),
];

const ITEMS: &str =
    "(type $nothing (func)) (func $nothing) (table $t 1 funcref) (elem (i32.const 0) $nothing)
    (global $g (mut i64) (i64.const 0))";

/// Memory that one instruction moves: it takes as much fuel as it moves.
const BULK: [(&str, &str); 4] = [
    ("fill memory", "(memory.fill (i32.const 65536) (i32.const 1) (i32.const 1000000))"),
    ("copy memory", "(memory.copy (i32.const 65536) (i32.const 65537) (i32.const 1000000))"),
    ("fill a table", "(table.fill $t (i32.const 0) (ref.null func) (i32.const 50000))"),
    ("copy a table", "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 49999))"),
];

/// Functions that call themselves, as `$f`.
const RECURSIONS: [(&str, &str); 7] = [
    ("direct", "(func $f (call $f))"),
    ("mutual", "(func $f (call $g)) (func $g (call $f))"),
    (
        "indirect",
        "(type $v (func)) (table 1 funcref) (elem (i32.const 0) $f) (func $f (call_indirect (type $v) (i32.const 0)))",
    ),
    (
        "with an argument",
        "(func $f (call $d (i64.const 0))) (func $d (param i64) (call $d (i64.add (local.get 0) (i64.const 1))))",
    ),
    (
        "with many results",
        "(func $f (call $m) drop drop drop drop) (func $m (result i64 i64 i64 i64) (call $m))",
    ),
    ("twofold", "(func $f (call $f) (call $f))"),
    (
        "by reference",
        "(type $v (func)) (elem declare func $f) (func $f (call_ref $v (ref.func $f)))",
    ),
];

/// Traps by their instruction, and what is said of them.
const TRAPS: [(&str, &str, &str); 20] = [
    ("unreachable", "(unreachable)", "it panicked (wasm `unreachable`)"),
    (
        "division by zero",
        "(drop (i32.div_s (i32.const 1) (i32.const 0)))",
        "wasm trap: integer divide by zero",
    ),
    (
        "long division by zero",
        "(drop (i64.div_u (i64.const 1) (i64.const 0)))",
        "wasm trap: integer divide by zero",
    ),
    (
        "remainder by zero",
        "(drop (i32.rem_u (i32.const 1) (i32.const 0)))",
        "wasm trap: integer divide by zero",
    ),
    (
        "overflow",
        "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
        "wasm trap: integer overflow",
    ),
    (
        "long overflow",
        "(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))",
        "wasm trap: integer overflow",
    ),
    (
        "nan to integer",
        "(drop (i32.trunc_f64_s (f64.const nan)))",
        "wasm trap: invalid conversion to integer",
    ),
    (
        "infinity to integer",
        "(drop (i64.trunc_f64_u (f64.const inf)))",
        "wasm trap: integer overflow",
    ),
    (
        "large float to integer",
        "(drop (i32.trunc_f32_s (f32.const 1e30)))",
        "wasm trap: integer overflow",
    ),
    (
        "load behind memory",
        "(drop (i32.load (i32.const -4)))",
        "wasm trap: out of bounds memory access",
    ),
    (
        "load far behind memory",
        "(drop (i64.load offset=4294967295 (i32.const -1)))",
        "wasm trap: out of bounds memory access",
    ),
    (
        "store across the end",
        "(i64.store (i32.const 1310716) (i64.const 1))",
        "wasm trap: out of bounds memory access",
    ),
    (
        "vector load",
        "(drop (v128.load (i32.const 1310710)))",
        "wasm trap: out of bounds memory access",
    ),
    (
        "fill behind memory",
        "(memory.fill (i32.const 1310720) (i32.const 0) (i32.const 1))",
        "wasm trap: out of bounds memory access",
    ),
    (
        "dropped data",
        "(data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))",
        "wasm trap: out of bounds memory access",
    ),
    ("null call", "(call_indirect $t (type $v) (i32.const 1))", "wasm trap: uninitialized element"),
    (
        "call of another type",
        "(call_indirect $t (type $w) (i32.const 0) (i32.const 0))",
        "wasm trap: indirect call type mismatch",
    ),
    (
        "call behind the table",
        "(call_indirect $t (type $v) (i32.const 99))",
        "wasm trap: undefined element: out of bounds table access",
    ),
    (
        "element behind the table",
        "(drop (table.get $t (i32.const 99)))",
        "wasm trap: undefined element: out of bounds table access",
    ),
    ("null reference", "(call_ref $v (ref.null $v))", "wasm trap: null reference"),
];

const TRAP_ITEMS: &str = r#"(type $v (func)) (type $w (func (param i32))) (func $nothing) (table $t 2 funcref)
    (elem $e (table $t) (i32.const 0) func $nothing) (data $d "x")"#;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, body) in LOOPS {
        let guest = Guest::new().with("items", ITEMS).again(body);
        let fuel = "`fuel` limit of 1000000: it used all of it";
        cases.push(
            Case::new(format!("loop: {name}"), guest, stopped(fuel)).limit("fuel", "1000000"),
        );
    }
    for (name, body) in BULK {
        let guest = Guest::new().with("items", "(table $t 50000 funcref)").again(body);
        cases.push(Case::new(format!("loop: {name}"), guest, stopped(FUEL)));
    }
    cases.extend(places());
    for (name, items) in RECURSIONS {
        let guest = Guest::new().with("items", items).doing("(call $f)");
        cases.push(Case::new(format!("recursion: {name}"), guest, stopped(STACK)));
    }
    cases.extend(more_recursion());
    for (name, body, why) in TRAPS {
        let guest = Guest::new().with("items", TRAP_ITEMS).doing(body);
        cases.push(Case::new(format!("trap: {name}"), guest, broken(why)));
    }
    cases
}

/// A loop and a trap in each place that the host calls.
fn places() -> Vec<Case> {
    const LOOP: &str = "(loop $l (br $l)) (unreachable)";
    const PANIC: &str = "it panicked (wasm `unreachable`)";
    let start = |body| Guest::new().with("items", format!("(func $s {body}) (start $s)"));
    let asking = |body| {
        Guest::new()
            .with("realloc", body)
            .doing(&format!("(call $job-name (i32.const {RETURNED}))"))
    };
    vec![
        Case::new("loop in start", start(LOOP), stopped_in("describe", FUEL)),
        Case::new(
            "loop in describe",
            Guest::new().with("describe", LOOP),
            stopped_in("describe", FUEL),
        ),
        Case::new(
            "loop in validate",
            Guest::new().with("validate", LOOP),
            stopped_in("validate-settings", FUEL),
        ),
        Case::new("loop in realloc", asking(LOOP), stopped(FUEL)),
        Case::new("loop in post-return", Guest::new().with("post", LOOP), stopped(FUEL)),
        Case::new("trap in start", start(TRAP), broken_in("describe", PANIC)),
        Case::new(
            "trap in describe",
            Guest::new().with("describe", TRAP),
            broken_in("describe", PANIC),
        ),
        Case::new(
            "trap in validate",
            Guest::new().with("validate", TRAP),
            broken_in("validate-settings", PANIC),
        ),
        Case::new("trap in realloc", asking(TRAP), broken(PANIC)),
        Case::new("trap in post-return", Guest::new().with("post", TRAP), broken(PANIC)),
    ]
}

fn more_recursion() -> Vec<Case> {
    let locals = format!("(func $f (local {}) (call $f))", "v128 ".repeat(2000));
    let parameters = "i64 ".repeat(500);
    let gets: String = (0..500).map(|index| format!("(local.get {index})")).collect();
    let wide = format!(
        "(func $w (param {parameters}) {gets} (call $w)) (func $f {} (call $w))",
        "(i64.const 1)".repeat(500)
    );
    let host = format!("(func $f (call $job-name (i32.const {RETURNED})) (call $f))");
    let tail = "(func $f (return_call $f))";
    let bounded = "(func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))))";
    let review = |items: &str| Guest::new().with("items", items).doing("(call $f)");
    let realloc = format!("(call $job-name (i32.const {RETURNED})) (i32.const 0)");
    let asking = Guest::new()
        .with("realloc", realloc)
        .doing(&format!("(call $job-name (i32.const {RETURNED}))"));
    vec![
        Case::new("recursion: large frames", review(&locals), stopped(STACK)),
        Case::new("recursion: many arguments", review(&wide), stopped(STACK)),
        Case::new("recursion: with host calls", review(&host), stopped(STACK)),
        Case::new("recursion: tail calls", review(tail), stopped(FUEL)),
        Case::new(
            "recursion: bounded",
            Guest::new().with("items", bounded).doing("(call $f (i32.const 1000))"),
            ADMITTED,
        ),
        Case::new(
            "recursion: realloc asks the host",
            asking,
            broken("wasm trap: cannot leave component instance"),
        ),
        Case::new(
            "recursion: in start",
            Guest::new().with("items", "(func $f (call $f)) (start $f)"),
            stopped_in("describe", STACK),
        ),
    ]
}
