//! Small files whose types are large: the compiler goes through a type wherever it is named.

use super::budget::{evil, wasi};
use super::{Case, stopped, stopped_in};

fn steps(asked: &str) -> String {
    stopped_in("load", &format!("`compile-steps` limit of 40000000: it asked for {asked}"))
}

/// A policy in whose empty world a function gives a type.
fn giving(name: &str, kind: String, count: [usize; 2], outcome: String) -> Case {
    Case::new(format!("unfolding: {name}"), move || wasi(&kind, count), outcome)
}

pub fn cases() -> Vec<Case> {
    let long = "a".repeat(90_000);
    vec![
        giving("a long name", format!("(enum \"{long}\")"), [1000, 200], steps("152047285")),
        giving(
            "a long field",
            format!("(record (field \"{long}\" u8))"),
            [1000, 200],
            steps("160047305"),
        ),
        giving(
            "a long case",
            format!("(variant (case \"{long}\"))"),
            [1000, 200],
            steps("152047285"),
        ),
        giving("long flags", format!("(flags \"{long}\")"), [1000, 200], steps("152047285")),
        giving(
            "many places",
            "(tuple u8 u8)".into(),
            [1000, 300],
            stopped("`host-call-bytes` limit of 16Mi: it asked for 16777344"),
        ),
        Case::new("unfolding: a component that is made again and again", again, steps("363016925")),
    ]
}

/// A policy in which a component with a large type is instantiated a hundred times.
fn again() -> Vec<u8> {
    let (inner, outer) = ("u8 ".repeat(300), "$inner ".repeat(300));
    let component = format!(
        "(component $again (type $inner (tuple {inner})) (type $outer (tuple {outer})) (export \"t\" (type $outer)))"
    );
    let instances = "(instance (instantiate $again))".repeat(100);
    let policy = evil("(export \"initial-cwd\" (func (result string)))", "");
    let text =
        policy.replacen("(component\n", &format!("(component\n{component} {instances}\n"), 1);
    wat::parse_str(text).expect("the text is sound")
}
