//! Files that are no policies, are damaged, or are of another kind.

use super::{ADMITTED, Case, Made};
use crate::hostile::guest::{Guest, section, with_contract};
use crate::support::dice::Dice;
use crate::support::workspace;

pub fn other(why: &str) -> String {
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

const NO_CONTRACT: &str = "it does not export `mlcube:policy/policy@0.1.0`, nor anything else";

/// What is said of a file of another kind.
fn no_wasm_but(kind: &str) -> String {
    format!("not loaded: policy file `hostile.wasm` is {kind}, not WebAssembly")
}

/// What is said of a core module without a contract.
pub fn uncontracted(what: &str) -> String {
    unmade(&format!("it {what}"))
}

pub const NOT_EXPORTED: &str = "carries no contract: `mlcube_policy::export!` was not called, or the tool left the contract out";

/// A component that exports an empty contract after everything else, so that it is compiled;
/// `index` is the number of its instances.
pub fn exporting(component: Vec<u8>, index: u8) -> Vec<u8> {
    let name = b"mlcube:policy/policy@0.1.0";
    let export = [&[1, 0, name.len() as u8], &name[..], &[5, index, 0]].concat();
    [component, section(5, &[1, 1, 0]), section(11, &export)].concat()
}

/// What is said of an empty contract.
pub fn empty_contract() -> String {
    other("instance export `mlcube:policy/policy@0.1.0` does not have export `describe`")
}

pub fn cases() -> Vec<Case> {
    let mut cases = no_wasm();
    cases.extend(other_worlds());
    cases.extend(truncated());
    cases.extend(mutated());
    cases
}

fn no_wasm() -> Vec<Case> {
    let tar = [vec![b'a'; 257], b"ustar\x0000".to_vec(), vec![0; 500]].concat();
    let lfs = b"version https://example.org/spec/v1\noid sha256:12\nsize 3\n".to_vec();
    let elf = |system: u8| [&b"\x7fELF\x02\x01\x01"[..], &[system], &[0; 56]].concat();
    let kinds: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "empty"),
        ("a script", b"#!/bin/sh".to_vec(), "a script"),
        ("text of WebAssembly", b"(module)".to_vec(), "the text of WebAssembly (WAT)"),
        ("text of a component", b"\n  (component)".to_vec(), "the text of WebAssembly (WAT)"),
        ("zeros", vec![0; 100_000], "zeros"),
        ("a native library", elf(0), "a native program or library (ELF)"),
        ("code of wasmtime", elf(200), "native code that wasmtime compiled"),
        (
            "Mach-O",
            b"\xcf\xfa\xed\xfe\x07\0\0\x01".to_vec(),
            "a native program or library (Mach-O)",
        ),
        ("a Windows library", b"MZ\x90\0".to_vec(), "a native program or library (Windows)"),
        ("a static library", b"!<arch>\n".to_vec(), "a static library"),
        ("zip", b"PK\x03\x04 not really".to_vec(), "a zip archive"),
        ("gzip", b"\x1f\x8b\x08\0".to_vec(), "a gzip archive"),
        ("tar", tar, "a tar archive"),
        ("zstd", b"\x28\xb5\x2f\xfd".to_vec(), "a zstd archive"),
        ("a web page", b"<!DOCTYPE html><title>404</title>".to_vec(), "a web page (HTML)"),
        ("a pointer", lfs, "a pointer of Git LFS"),
        ("JSON", b"{\"errors\": []}".to_vec(), "a JSON file"),
        ("XML", b"<Error><Code>NoSuchKey</Code></Error>".to_vec(), "an XML file"),
        ("text", "Größe".repeat(300).into_bytes(), "a text"),
        ("noise", vec![0xc3, 0x28, 0xff, 7], "a file of another kind"),
    ];
    let kind = |(name, bytes, found): (&str, Vec<u8>, &str)| {
        Case::new(format!("file: {name}"), bytes, no_wasm_but(found))
    };
    let mut cases: Vec<Case> = kinds.into_iter().map(kind).collect();
    cases.extend(damaged_headers());
    cases
}

/// Files that begin as WebAssembly does.
fn damaged_headers() -> Vec<Case> {
    vec![
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
            contracted([b"\0asm\x01\0\0\0".to_vec(), section(77, &[])].concat()),
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
        Case::new(
            "world: another",
            named("other-world.wat"),
            other("it does not export `mlcube:policy/policy@0.1.0`, but `run`"),
        ),
        Case::new(
            "world: a foreign import",
            named("foreign-import.wat"),
            other("it imports `wasi:keyvalue/store@0.2.0`, which the host does not provide"),
        ),
        Case::new(
            "world: an empty contract",
            named("empty-contract.wat"),
            other("instance export `mlcube:policy/policy@0.1.0` does not have export `describe`"),
        ),
        Case::new(
            "world: a core module without a contract",
            text("(module)"),
            uncontracted(NOT_EXPORTED),
        ),
        Case::new(
            "world: a program for WASI",
            text(
                "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func (param i32))) (func (export \"_start\")))",
            ),
            uncontracted("is a program for WASI preview 1 and carries no contract"),
        ),
        Case::new(
            "world: a component for the command line",
            text("(component (instance $p) (export \"wasi:cli/run@0.2.0\" (instance $p)))"),
            other(
                "it is a program for the command line: it does not export `mlcube:policy/policy@0.1.0`",
            ),
        ),
        Case::new(
            "world: WASI 0.3",
            contract("(import \"wasi:cli/environment@0.3.0\" (instance))"),
            other(
                "it imports `wasi:cli/environment@0.3.0` of WASI 0.3, and this program has WASI 0.2",
            ),
        ),
        Case::new(
            "world: asynchronous",
            || {
                text(
                    "(component (core module $m (func (export \"f\") (result i32) unreachable) (func (export \"c\") (param i32 i32 i32) (result i32) unreachable)) (core instance $i (instantiate $m)) (func $f async (canon lift (core func $i \"f\") async (callback (core func $i \"c\")))) (instance $p (export \"review\" (func $f))) (export \"mlcube:policy/policy@0.1.0\" (instance $p)))",
                )
            },
            other(ASYNC),
        ),
        Case::new(
            "world: contract of an older version",
            text("(component (instance $p) (export \"mlcube:policy/policy@0.0.9\" (instance $p)))"),
            version("0.0.9"),
        ),
        Case::new("world: only imports", import("mlcube:policy/log@0.1.0"), other(NO_CONTRACT)),
        Case::new(
            "world: contract of another version",
            text("(component (instance $p) (export \"mlcube:policy/policy@0.2.0\" (instance $p)))"),
            version("0.2.0"),
        ),
        Case::new(
            "world: interface of another version",
            contract("(import \"mlcube:policy/log@0.9.0\" (instance))"),
            version("0.9.0"),
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

pub const ASYNC: &str =
    "it is asynchronous (component model async), and a review is one call that does not wait";

/// What is said of another version of the contract.
fn version(found: &str) -> String {
    other(&format!(
        "it is built for version {found} of the contract `mlcube:policy`, and this program has version 0.1.0"
    ))
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
