//! Files that are no policies, are damaged, or are of another kind.

use super::{ADMITTED, Case};
use crate::dice::Dice;
use crate::guest::{Guest, custom_section, section, with_contract};
use crate::support;

fn other(why: &str) -> String {
    format!("not loaded: component `hostile.wasm` is no policy: {why}")
}

fn damaged(why: &str) -> String {
    format!("not loaded: policy file `hostile.wasm` does not compile: {why}")
}

fn text(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// What is said of a core module that no tool makes a component of.
fn unmade(why: &str) -> String {
    format!("not loaded: policy file `hostile.wasm` is a core module that cannot become a component: {why}")
}

/// The same, where it does not fit its contract.
fn unfit(why: &str) -> String {
    unmade(&format!("failed to decode world from module: module was not valid: {why}"))
}

const NO_WASM: &str = "not loaded: policy file `hostile.wasm` is no WebAssembly";
const NO_CONTRACT: &str = "it does not export `mlcube:policy/policy@0.1.0`";

pub fn cases() -> Vec<Case> {
    let mut cases = no_wasm();
    cases.extend(other_worlds());
    cases.extend(signatures());
    cases.extend(features());
    cases.extend(truncated());
    cases.extend(mutated());
    cases
}

fn no_wasm() -> Vec<Case> {
    let zip = b"PK\x03\x04 not really".to_vec();
    vec![
        Case::new("file: empty", Vec::new(), NO_WASM),
        Case::new("file: a script", b"#!/bin/sh".to_vec(), NO_WASM),
        Case::new("file: text of WebAssembly", b"(module)".to_vec(), NO_WASM),
        Case::new("file: an archive", zip, NO_WASM),
        Case::new("file: zeros", vec![0; 100_000], NO_WASM),
        Case::new("file: only the magic", b"\0asm".to_vec(), damaged("unexpected end-of-file (at offset 0x4)")),
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
        let path = support::workspace().join("tests/guests").join(name);
        wat::parse_file(path).expect("the text is sound")
    };
    let import = |name: &str| text(&format!("(component (import {name:?} (instance)))"));
    let many: String = (0..500).map(|n| format!("(import \"a:b/c{n}@1.0.0\" (instance))")).collect();
    let contract = |more: &str| {
        text(&format!("(component {more} (instance $p) (export \"mlcube:policy/policy@0.1.0\" (instance $p)))"))
    };
    vec![
        Case::new("world: none", text("(component)"), other(NO_CONTRACT)),
        Case::new("world: another", named("other-world.wat"), other(NO_CONTRACT)),
        Case::new(
            "world: a foreign import",
            named("foreign-import.wat"),
            other("it imports `wasi:http/outgoing-handler@0.2.0`, which policies are not given"),
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
            other("it imports `mlcube:policy/log@0.9.0`, which policies are not given"),
        ),
        Case::new(
            "world: many foreign imports",
            contract(&many),
            other(
                "it imports `a:b/c0@1.0.0`, `a:b/c1@1.0.0`, `a:b/c2@1.0.0`, `a:b/c3@1.0.0`, `a:b/c4@1.0.0`, `a:b/c5@1.0.0`, `a:b/c6@1.0.0`, `a:b/c7@1.0.0`, `a:b/c8@1.0.0`, `a:b/c9@1.0.0`, 490 more, which policies are not given",
            ),
        ),
        Case::new(
            "world: import of a function",
            contract("(import \"run\" (func))"),
            other("it imports `run`, which policies are not given"),
        ),
        Case::new(
            "world: import of a place",
            contract(r#"(import "url=<http://x/\1b[2J>" (instance))"#),
            other("it imports `url=<http://x/�[2J>`, which policies are not given"),
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

/// Functions of the contract with another type, and what is missing.
fn signatures() -> Vec<Case> {
    let guest = Guest::new();
    let importing = |import: &str| Guest::new().with("imports", import);
    let lying = |data: &[u8]| [guest.plain(), custom_section("component-type:lies", data)].concat();
    vec![
        Case::of(
            "signature: log without a level",
            importing(r#"(import "mlcube:policy/log@0.1.0" "write" (func (param i32 i32)))"#),
            unfit(
                "failed to resolve import `mlcube:policy/log@0.1.0::write`: failed to validate import interface `mlcube:policy/log@0.1.0`: type mismatch for function `write`: expected `[I32, I32, I32] -> []` but found `[I32, I32] -> []`",
            ),
        ),
        Case::of(
            "signature: log with an answer",
            importing(r#"(import "mlcube:policy/log@0.1.0" "write" (func (param i32 i32 i32) (result i32)))"#),
            unfit(
                "failed to resolve import `mlcube:policy/log@0.1.0::write`: failed to validate import interface `mlcube:policy/log@0.1.0`: type mismatch for function `write`: expected `[I32, I32, I32] -> []` but found `[I32, I32, I32] -> [I32]`",
            ),
        ),
        Case::of(
            "signature: log of floats",
            importing(r#"(import "mlcube:policy/log@0.1.0" "write" (func (param f32 i32 i32)))"#),
            unfit(
                "failed to resolve import `mlcube:policy/log@0.1.0::write`: failed to validate import interface `mlcube:policy/log@0.1.0`: type mismatch for function `write`: expected `[I32, I32, I32] -> []` but found `[F32, I32, I32] -> []`",
            ),
        ),
        Case::of(
            "signature: unknown function",
            importing(r#"(import "mlcube:policy/log@0.1.0" "shout" (func))"#),
            unfit(
                "failed to resolve import `mlcube:policy/log@0.1.0::shout`: import interface `mlcube:policy/log@0.1.0` is missing function `shout` that is required by the module",
            ),
        ),
        Case::of(
            "signature: unknown interface",
            importing(r#"(import "mlcube:policy/network@0.1.0" "get" (func))"#),
            unfit(
                "failed to resolve import `mlcube:policy/network@0.1.0::get`: module requires an import interface named `mlcube:policy/network@0.1.0`",
            ),
        ),
        Case::of(
            "signature: WASI",
            importing(r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#),
            unfit(
                "failed to resolve import `wasi_snapshot_preview1::fd_write`: module requires an import interface named `wasi_snapshot_preview1`",
            ),
        ),
        Case::of(
            "signature: import of a memory",
            importing(r#"(import "env" "memory" (memory $m 1))"#),
            unmade("failed to satisfy import `env::memory`: main module cannot import memory"),
        ),
        Case::of(
            "signature: import of a global",
            importing(r#"(import "env" "__stack_pointer" (global (mut i32)))"#),
            unfit("failed to resolve import `env::__stack_pointer`: module is only allowed to import functions"),
        ),
        Case::of(
            "signature: review twice",
            Guest::new().with("items", r#"(func (export "mlcube:policy/policy@0.1.0#other"))"#),
            "hostile 0.1.0 admitted: 0 edits, told []",
        ),
        Case::new(
            "signature: nothing exported",
            with_contract(&text("(module (memory (export \"memory\") 1))")),
            unfit("failed to find export of interface `mlcube:policy/policy@0.1.0` function `describe`"),
        ),
        Case::new(
            "signature: review of floats",
            with_contract(&text(
                "(module (memory (export \"memory\") 1) (func (export \"mlcube:policy/policy@0.1.0#review\") (result f64) (f64.const 0)))",
            )),
            unfit(
                "failed to classify export `mlcube:policy/policy@0.1.0#review`: failed to validate export for `mlcube:policy/policy@0.1.0`: type mismatch for function `review`: expected `[] -> [I32]` but found `[] -> [F64]`",
            ),
        ),
        Case::new(
            "signature: no memory",
            with_contract(&text(
                "(module (func (export \"mlcube:policy/policy@0.1.0#review\") (result i32) (i32.const 0)))",
            )),
            unfit("failed to find export of interface `mlcube:policy/policy@0.1.0` function `describe`"),
        ),
        Case::new("contract: empty", lying(b""), damaged("its contract is damaged")),
        Case::new("contract: text", lying(b"package mlcube:policy;"), damaged("its contract is damaged")),
        Case::new(
            "contract: a core module",
            lying(b"\0asm\x01\0\0\0"),
            unmade("decoding custom section component-type:lies: expected one export in component"),
        ),
        Case::new(
            "contract: an empty component",
            lying(b"\0asm\x0d\0\x01\0"),
            unmade("decoding custom section component-type:lies: expected one export in component"),
        ),
        Case::new(
            "contract: a policy",
            lying(&guest.component()),
            unmade("decoding custom section component-type:lies: expected an export of a type"),
        ),
        Case::new("contract: twice", with_contract(&guest.module()), ADMITTED),
    ]
}

/// What WebAssembly can do elsewhere.
fn features() -> Vec<Case> {
    let items = |items: &str| {
        let module = format!("(module (memory (export \"memory\") 1) {items})");
        with_contract(&text(&module))
    };
    vec![
        Case::new(
            "feature: shared memory",
            with_contract(&text("(module (memory 1 2 shared))")),
            damaged("threads must be enabled for shared memories (at offset 0xb)"),
        ),
        Case::new(
            "feature: atomics",
            items("(func (drop (i32.atomic.load (i32.const 0))))"),
            damaged("threads support is not enabled (at offset 0x2a)"),
        ),
        Case::new(
            "feature: 64-bit memory",
            with_contract(&text("(module (memory i64 1))")),
            damaged("memory64 must be enabled for 64-bit memories (at offset 0xb)"),
        ),
        Case::new(
            "feature: structs",
            items("(type (struct (field i32)))"),
            damaged("cannot define struct types when gc types are disabled (at offset 0xb)"),
        ),
        Case::new(
            "feature: arrays",
            items("(type $a (array i8)) (func (drop (array.new_default $a (i32.const 1000000000))))"),
            damaged("cannot define array types when gc types are disabled (at offset 0xb)"),
        ),
        Case::new(
            "feature: exceptions",
            items("(tag) (func (throw 0))"),
            damaged("exceptions proposal not enabled (at offset 0x19)"),
        ),
        Case::new(
            "feature: relaxed vectors",
            items("(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))"),
            damaged("relaxed SIMD support is not enabled (at offset 0x4c)"),
        ),
        Case::new(
            "feature: continuations",
            items("(type $f (func)) (type $c (cont $f))"),
            damaged("cannot define continuation types when stack switching is disabled (at offset 0xe)"),
        ),
        Case::new(
            "feature: wide arithmetic",
            items("(func (param i64) (i64.mul_wide_u (local.get 0) (local.get 0)) drop drop)"),
            damaged("wide arithmetic support is not enabled (at offset 0x2d)"),
        ),
        Case::new(
            "feature: pages of one byte",
            with_contract(&text("(module (memory 1 (pagesize 1)))")),
            damaged("the custom page sizes proposal must be enabled to customize a memory's page size (at offset 0xb)"),
        ),
        Case::new(
            "feature: asynchronous",
            text("(component (type (future u8)))"),
            damaged(
                "failed to parse WebAssembly module: `future` requires the component model async feature (at offset 0xb)",
            ),
        ),
        Case::new(
            "feature: values",
            text("(component (import \"v\" (value string)))"),
            damaged(
                "failed to parse WebAssembly module: support for component model `value`s is not enabled (at offset 0xb)",
            ),
        ),
        Case::new(
            "invalid: wrong types",
            [
                b"\0asm\x01\0\0\0".to_vec(),
                section(1, &[1, 0x60, 0, 0]),
                section(3, &[1, 0]),
                section(10, &[1, 4, 0, 0x41, 0, 0x0b]),
            ]
            .concat(),
            damaged("type mismatch: values remaining on stack at end of block (at offset 0x19)"),
        ),
        Case::new(
            "invalid: no end",
            [
                b"\0asm\x01\0\0\0".to_vec(),
                section(1, &[1, 0x60, 0, 0]),
                section(3, &[1, 0]),
                section(10, &[1, 3, 0, 0x41, 0]),
            ]
            .concat(),
            damaged("control frames remain at end of function body or expression (at offset 0x19)"),
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
        unfit(&format!("failed to find export of interface `mlcube:policy/policy@0.1.0` function `{function}`"))
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
        damaged("section size mismatch: unexpected data at the end of the section (at offset 0x65)"),
        without("review"),
        without("describe"),
    ];
    let module = Guest::new().plain();
    let changed = |(seed, outcome)| {
        let (mut dice, mut module) = (Dice(seed), module.clone());
        let at = 8 + dice.below(module.len() - 8);
        module[at] ^= 1 << dice.below(8);
        Case::new(format!("mutated by seed {seed}"), with_contract(&module), outcome)
    };
    (0..).zip(outcomes).map(changed).collect()
}
