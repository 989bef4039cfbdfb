//! Files that are no policies, are damaged, or are of another kind.

use super::{ADMITTED, Case, Made};
use crate::hostile::guest::{Guest, section, with_contract};
use crate::support::dice::Dice;
use crate::support::workspace;

fn other(why: &str) -> String {
    format!("not loaded: component `hostile.wasm` is not a policy: {why}")
}

pub fn damaged(why: &str) -> String {
    format!("not loaded: policy file `hostile.wasm` does not compile: {why}")
}

pub fn text(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// A core module with a contract.
pub fn contracted(module: Vec<u8>) -> Made {
    Made::from(move || with_contract(&module))
}

/// What is said of a core module that no tool makes a component of.
pub fn unmade(why: &str) -> String {
    format!(
        "not loaded: policy file `hostile.wasm` is a core module that cannot become a component: {why}"
    )
}

/// The same, where it does not fit its contract.
pub fn unfit(why: &str) -> String {
    unmade(&format!("failed to decode world from module: module was not valid: {why}"))
}

const NO_WASM: &str = "not loaded: policy file `hostile.wasm` is not a WebAssembly file";
const NO_CONTRACT: &str = "it does not export `mlcube:policy/policy@0.1.0`";

pub fn cases() -> Vec<Case> {
    let mut cases = no_wasm();
    cases.extend(other_worlds());
    cases.extend(truncated());
    cases.extend(mutated());
    cases
}

fn no_wasm() -> Vec<Case> {
    let zip = b"PK\x03\x04 not really".to_vec();
    vec![
        Case::new("file: empty", Vec::<u8>::new(), NO_WASM),
        Case::new("file: a script", b"#!/bin/sh".to_vec(), NO_WASM),
        Case::new("file: text of WebAssembly", b"(module)".to_vec(), NO_WASM),
        Case::new("file: an archive", zip, NO_WASM),
        Case::new("file: zeros", vec![0_u8; 100_000], NO_WASM),
        Case::new(
            "file: only the magic",
            b"\0asm".to_vec(),
            damaged("unexpected end-of-file (at offset 0x4)"),
        ),
        Case::new(
            "file: unknown version",
            b"\0asm\x07\0\0\0".to_vec(),
            damaged("unknown binary version:        0x7 (at offset 0x4)"),
        ),
        Case::new(
            "file: unknown layer",
            b"\0asm\x0d\0\x02\0".to_vec(),
            damaged("unknown binary version:    0x2000d (at offset 0x4)"),
        ),
        Case::new(
            "file: unknown section",
            [b"\0asm\x01\0\0\0".to_vec(), section(77, &[])].concat(),
            damaged("malformed section id: 77 (at offset 0xa)"),
        ),
        Case::new(
            "file: endless number",
            b"\0asm\x01\0\0\0\x01\x80\x80\x80\x80\x80\x80".to_vec(),
            damaged("invalid var_u32: integer representation too long (at offset 0xd)"),
        ),
        Case::new(
            "file: section longer than the file",
            b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\x0f".to_vec(),
            damaged("unexpected end-of-file (at offset 0xe)"),
        ),
        Case::new(
            "file: sections in another order",
            [b"\0asm\x01\0\0\0".to_vec(), section(3, &[0]), section(1, &[0])].concat(),
            damaged("section out of order (at offset 0xd)"),
        ),
    ]
}

/// Sound files of another world. Those worth reading are files of text.
fn other_worlds() -> Vec<Case> {
    let named = |name: &str| {
        let path = workspace().join("tests/guests").join(name);
        wat::parse_file(path).expect("the text is sound")
    };
    let import = |name: &str| text(&format!("(component (import {name:?} (instance)))"));
    let many: String =
        (0..500).map(|n| format!("(import \"a:b/c{n}@1.0.0\" (instance))")).collect();
    let contract = |more: &str| {
        text(&format!(
            "(component {more} (instance $p) (export \"mlcube:policy/policy@0.1.0\" (instance $p)))"
        ))
    };
    vec![
        Case::new("world: none", text("(component)"), other(NO_CONTRACT)),
        Case::new("world: another", named("other-world.wat"), other(NO_CONTRACT)),
        Case::new(
            "world: a foreign import",
            named("foreign-import.wat"),
            other("it imports `wasi:http/outgoing-handler@0.2.0`, which the host does not provide"),
        ),
        Case::new(
            "world: an empty contract",
            named("empty-contract.wat"),
            other("instance export `mlcube:policy/policy@0.1.0` does not have export `describe`"),
        ),
        Case::new(
            "world: a core module without a contract",
            text("(module)"),
            other("it does not export `mlcube:policy/policy@0.1.0`"),
        ),
        Case::new("world: only imports", import("mlcube:policy/log@0.1.0"), other(NO_CONTRACT)),
        Case::new(
            "world: contract of another version",
            text("(component (instance $p) (export \"mlcube:policy/policy@0.2.0\" (instance $p)))"),
            other(NO_CONTRACT),
        ),
        Case::new(
            "world: interface of another version",
            contract("(import \"mlcube:policy/log@0.9.0\" (instance))"),
            other("it imports `mlcube:policy/log@0.9.0`, which the host does not provide"),
        ),
        Case::new(
            "world: many foreign imports",
            contract(&many),
            other(
                "it imports `a:b/c0@1.0.0`, `a:b/c1@1.0.0`, `a:b/c2@1.0.0`, `a:b/c3@1.0.0`, `a:b/c4@1.0.0`, `a:b/c5@1.0.0`, `a:b/c6@1.0.0`, `a:b/c7@1.0.0`, `a:b/c8@1.0.0`, `a:b/c9@1.0.0`, 490 more, which the host does not provide",
            ),
        ),
        Case::new(
            "world: import of a function",
            contract("(import \"run\" (func))"),
            other("it imports `run`, which the host does not provide"),
        ),
        Case::new(
            "world: import of a place",
            contract(r#"(import "url=<http://x/\1b[2J>" (instance))"#),
            other("it imports `url=<http://x/�[2J>`, which the host does not provide"),
        ),
        Case::new(
            "world: contract of a function",
            text(
                "(component (core module $m (func (export \"f\"))) (core instance $i (instantiate $m)) (func $f (canon lift (core func $i \"f\"))) (instance $p (export \"review\" (func $f))) (export \"mlcube:policy/policy@0.1.0\" (instance $p)))",
            ),
            other("instance export `mlcube:policy/policy@0.1.0` does not have export `describe`"),
        ),
    ]
}

/// A policy that ends too early, after so many tenths of it.
fn truncated() -> Vec<Case> {
    const ENDS: [u32; 9] = [0x2a, 0x35, 0x35, 0x35, 0x35, 0x105, 0x125, 0x125, 0x183];
    let module = Guest::new().plain();
    let cut = |(tenths, end): (usize, u32)| {
        let file = module[..module.len() * tenths / 10].to_vec();
        let why = damaged(&format!("unexpected end-of-file (at offset {end:#x})"));
        Case::new(format!("truncated after {tenths} tenths"), file, why)
    };
    (1..).zip(ENDS).map(cut).collect()
}

/// A policy with one bit changed, by seeds.
fn mutated() -> Vec<Case> {
    let without = |function: &str| {
        unfit(&format!(
            "failed to find export of interface `mlcube:policy/policy@0.1.0` function `{function}`"
        ))
    };
    let outcomes = [
        damaged("invalid value type (at offset 0x19)"),
        damaged("malformed UTF-8 encoding (at offset 0x187)"),
        without("validate-settings"),
        damaged("unknown type 3: type index out of bounds (at offset 0x21)"),
        without("review"),
        ADMITTED.into(),
        ADMITTED.into(),
        ADMITTED.into(),
        without("describe"),
        damaged(
            "section size mismatch: unexpected data at the end of the section (at offset 0x65)",
        ),
        without("review"),
        without("describe"),
    ];
    let module = Guest::new().plain();
    let changed = |(seed, outcome)| {
        let (mut dice, mut module) = (Dice(seed), module.clone());
        let at = 8 + dice.below(module.len() - 8);
        module[at] ^= 1 << dice.below(8);
        Case::new(format!("mutated by seed {seed}"), contracted(module), outcome)
    };
    (0..).zip(outcomes).map(changed).collect()
}
