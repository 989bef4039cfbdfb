//! Files within every other limit that are dear to compile: what unfolds while native code is made
//! of it is counted before.

use super::{ADMITTED, Case, Made, stopped_in};
use crate::hostile::guest::Guest;

fn function_steps(asked: &str) -> String {
    stopped_in("load", &format!("`function-steps` limit of 480000: it asked for {asked}"))
}

fn compile_steps(asked: &str) -> String {
    stopped_in("load", &format!("`compile-steps` limit of 40000000: it asked for {asked}"))
}

/// A policy with a function of this text.
fn function(head: &str, body: impl Into<String>) -> Guest {
    let body = body.into();
    Guest::new().with("items", format!("(func (param i32) {head} {body})"))
}

fn items(text: impl Into<String>) -> Guest {
    Guest::new().with("items", text)
}

/// A component in which one module has what another works on.
fn together(owner: &str, user: &str) -> Made {
    let text = format!(
        "(component (core module $o {owner}) (core module $u {user}) (core instance $i (instantiate $o)) \
         (core instance (instantiate $u (with \"o\" (instance $i)))))"
    );
    Made::from(move || wat::parse_str(&text).expect("the text is sound"))
}

pub fn cases() -> Vec<Case> {
    let mut cases = functions();
    cases.extend(setups());
    cases
}

/// Functions whose branches carry much, or that branch very often.
fn functions() -> Vec<Case> {
    let numbers = |count: usize| "i32 ".repeat(count);
    let constants = |count: usize| "(i32.const 1)".repeat(count);
    let tables = {
        let targets: String = (1..300).map(|depth| format!("{depth} ")).collect();
        let table = format!(
            "(if (local.get 0) (then {} (br_table {targets} (local.get 0))))",
            constants(500)
        );
        let block = format!("block (result {}) ", numbers(500));
        let drops = "drop ".repeat(500);
        format!(
            "{} {} {} {} {drops}",
            block.repeat(300),
            table.repeat(20),
            constants(500),
            "end ".repeat(300)
        )
    };
    let carrying = |kind: &str, condition: &str| {
        let (types, drops) = (numbers(500), "drop ".repeat(500));
        let construct = format!("{condition} {kind} (param {types}) (result {types}) end ");
        format!("{} {} {drops}", constants(500), construct.repeat(500))
    };
    let nested = |depth: usize, locals: usize| {
        let sets: String = (1..=locals)
            .map(|local| format!("(local.set {local} (local.get {}))", local - 1))
            .collect();
        format!("{}{sets}{}", "loop ".repeat(depth), "(br_if 0 (local.get 0)) end ".repeat(depth))
    };
    let conditions =
        |count: usize| format!("(func (param i32) {})", "(if (local.get 0) (then))".repeat(count));
    let v = |body: &str, count: usize| body.repeat(count);
    vec![
        Case::new(
            "compiling: a table of branches with results",
            function("", tables),
            function_steps("487863"),
        ),
        Case::new(
            "compiling: blocks that carry values",
            function("", carrying("block", "")),
            function_steps("480462"),
        ),
        Case::new(
            "compiling: loops that carry values",
            function("", carrying("loop", "")),
            function_steps("480501"),
        ),
        Case::new(
            "compiling: conditions that carry values",
            function("", carrying("if", "local.get 0")),
            function_steps("480350"),
        ),
        Case::new(
            "compiling: loops that carry locals",
            function(&format!("(local {})", numbers(500)), nested(500, 500)),
            function_steps("480036"),
        ),
        Case::new(
            "compiling: many conditions",
            items(conditions(50_000)),
            function_steps("480001"),
        ),
        Case::new(
            "compiling: many loops",
            function("", v("(loop)", 50_000)),
            function_steps("480004"),
        ),
        Case::new(
            "compiling: many calls through a table",
            items(format!(
                "(table 1 funcref) (type $t (func)) (func (param i32) {})",
                v("(call_indirect (type $t) (local.get 0))", 20_000)
            )),
            function_steps("480005"),
        ),
        Case::new(
            "compiling: many reads of a table",
            items(format!(
                "(table 1 funcref) (func (param i32) {})",
                v("(drop (table.get 0 (local.get 0)))", 20_000)
            )),
            function_steps("480003"),
        ),
        Case::new(
            "compiling: many fills",
            function("", v("(memory.fill (local.get 0) (local.get 0) (local.get 0))", 20_000)),
            function_steps("480015"),
        ),
        Case::new("compiling: some conditions", items(conditions(2_000)), ADMITTED),
        Case::new(
            "compiling: many functions with many conditions",
            items(conditions(25_000).repeat(5)),
            compile_steps("40063916"),
        ),
    ]
}

/// What is set up when a module is instantiated.
fn setups() -> Vec<Case> {
    let all = "$f ".repeat(100_000);
    let elements = format!("(elem (i32.const 0) func {all})").repeat(9);
    let table = "(table (export \"t\") 100000 funcref)";
    let given = "(import \"o\" \"t\" (table 100000 funcref))";
    vec![
        Case::new(
            "compiling: elements of an imported table",
            together(table, &format!("{given} (func $f) {elements}")),
            function_steps("1500015"),
        ),
        Case::new(
            "compiling: elements as expressions",
            together(
                table,
                &format!(
                    "{given} (elem (i32.const 0) funcref {})",
                    "(ref.null func) ".repeat(100_000)
                ),
            ),
            function_steps("1500015"),
        ),
        Case::new(
            "compiling: elements for later",
            items(format!("(func $f) (elem func {all})")),
            function_steps("1500015"),
        ),
        Case::new(
            "compiling: segments of elements",
            together(
                table,
                &format!("{given} (func $f) {}", "(elem (i32.const 0) func $f)".repeat(50_000)),
            ),
            function_steps("480030"),
        ),
        Case::new(
            "compiling: data of an imported memory",
            together(
                "(memory (export \"m\") 1)",
                &format!(
                    "(import \"o\" \"m\" (memory 1)) {}",
                    "(data (i32.const 0) \"x\")".repeat(50_000)
                ),
            ),
            function_steps("750000"),
        ),
        Case::new(
            "compiling: data far apart",
            items(
                (0..50_000)
                    .map(|n| format!("(data (i32.const {}) \"x\")", n * 20))
                    .collect::<String>(),
            ),
            function_steps("750075"),
        ),
        Case::new(
            "compiling: computed globals",
            items(format!("(func $f) {}", "(global funcref (ref.func $f))".repeat(100_000))),
            function_steps("480015"),
        ),
        Case::new(
            "compiling: a global of a long expression",
            items(format!(
                "(global i32 (i32.const 1) {})",
                "(i32.const 1) i32.add ".repeat(100_000)
            )),
            function_steps("1500000"),
        ),
        Case::new(
            "compiling: long signatures",
            items(
                (0..300)
                    .map(|n| format!("(type (func (param {} i64)))", "i32 ".repeat(900 - n)))
                    .collect::<String>(),
            ),
            ADMITTED,
        ),
    ]
}
