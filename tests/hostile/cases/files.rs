//! Files that are no policies, are damaged, or are of another kind.

use super::Case;
use crate::dice::Dice;
use crate::guest::{Guest, custom_section, section, with_contract};
use crate::support;
use std::fs;

fn other(why: &str) -> String {
    format!("not loaded: component `hostile.wasm` is no policy: {why}")
}

fn damaged(why: &str) -> String {
    format!("not loaded: policy file `hostile.wasm` does not compile: {why}")
}

fn text(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
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
        Case::new("file: only the magic", b"\0asm".to_vec(), damaged("X")),
        Case::new("file: unknown version", b"\0asm\x07\0\0\0".to_vec(), damaged("X")),
        Case::new("file: unknown layer", b"\0asm\x0d\0\x02\0".to_vec(), damaged("X")),
        Case::new("file: unknown section", [b"\0asm\x01\0\0\0".to_vec(), section(77, &[])].concat(), damaged("X")),
        Case::new("file: endless number", b"\0asm\x01\0\0\0\x01\x80\x80\x80\x80\x80\x80".to_vec(), damaged("X")),
        Case::new("file: section longer than the file", b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\x0f".to_vec(), damaged("X")),
        Case::new("file: sections in another order", [b"\0asm\x01\0\0\0".to_vec(), section(3, &[0]), section(1, &[0])].concat(), damaged("X")),
    ]
}

/// Sound files of another world. Those worth reading are files of text.
fn other_worlds() -> Vec<Case> {
    let named = |name: &str| {
        let path = support::workspace().join("tests/hostile").join(name);
        wat::parse_file(path).expect("the text is sound")
    };
    let import = |name: &str| text(&format!("(component (import {name:?} (instance)))"));
    let many: String = (0..500).map(|n| format!("(import \"a:b/c{n}@1.0.0\" (instance))")).collect();
    let contract = |more: &str| text(&format!("(component {more} (instance $p) (export \"mlcube:policy/policy@0.1.0\" (instance $p)))"));
    vec![
        Case::new("world: none", text("(component)"), other(NO_CONTRACT)),
        Case::new("world: another", named("other-world.wat"), other(NO_CONTRACT)),
        Case::new("world: a foreign import", named("foreign-import.wat"), "X"),
        Case::new("world: an empty contract", named("empty-contract.wat"), "X"),
        Case::new("world: a core module without a contract", text("(module)"), "X"),
        Case::new("world: only imports", import("mlcube:policy/log@0.1.0"), other(NO_CONTRACT)),
        Case::new("world: contract of another version", text("(component (instance $p) (export \"mlcube:policy/policy@0.2.0\" (instance $p)))"), other(NO_CONTRACT)),
        Case::new("world: interface of another version", contract("(import \"mlcube:policy/log@0.9.0\" (instance))"), "X"),
        Case::new("world: many foreign imports", contract(&many), "X"),
        Case::new("world: import of a function", contract("(import \"run\" (func))"), "X"),
        Case::new("world: import of a place", contract("(import \"url=<http://x/\u{1b}[2J>\" (instance))"), "X"),
        Case::new("world: contract of a function", text("(component (core module $m (func (export \"f\"))) (core instance $i (instantiate $m)) (func $f (canon lift (core func $i \"f\"))) (instance $p (export \"review\" (func $f))) (export \"mlcube:policy/policy@0.1.0\" (instance $p)))"), "X"),
    ]
}

/// Functions of the contract with another type, and what is missing.
fn signatures() -> Vec<Case> {
    let guest = Guest::new();
    let importing = |import: &str| Guest::new().with("imports", import);
    let lying = |data: &[u8]| [guest.plain(), custom_section("component-type:lies", data)].concat();
    vec![
        Case::of("signature: log without a level", importing(r#"(import "mlcube:policy/log@0.1.0" "write" (func (param i32 i32)))"#), "X"),
        Case::of("signature: log with an answer", importing(r#"(import "mlcube:policy/log@0.1.0" "write" (func (param i32 i32 i32) (result i32)))"#), "X"),
        Case::of("signature: log of floats", importing(r#"(import "mlcube:policy/log@0.1.0" "write" (func (param f32 i32 i32)))"#), "X"),
        Case::of("signature: unknown function", importing(r#"(import "mlcube:policy/log@0.1.0" "shout" (func))"#), "X"),
        Case::of("signature: unknown interface", importing(r#"(import "mlcube:policy/network@0.1.0" "get" (func))"#), "X"),
        Case::of("signature: WASI", importing(r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#), "X"),
        Case::of("signature: import of a memory", importing(r#"(import "env" "memory" (memory $m 1))"#), "X"),
        Case::of("signature: import of a global", importing(r#"(import "env" "__stack_pointer" (global (mut i32)))"#), "X"),
        Case::of("signature: review twice", Guest::new().with("items", r#"(func (export "mlcube:policy/policy@0.1.0#other"))"#), "X"),
        Case::new("signature: nothing exported", with_contract(&text("(module (memory (export \"memory\") 1))")), "X"),
        Case::new("signature: review of floats", with_contract(&text("(module (memory (export \"memory\") 1) (func (export \"mlcube:policy/policy@0.1.0#review\") (result f64) (f64.const 0)))")), "X"),
        Case::new("signature: no memory", with_contract(&text("(module (func (export \"mlcube:policy/policy@0.1.0#review\") (result i32) (i32.const 0)))")), "X"),
        Case::new("contract: empty", lying(b""), "X"),
        Case::new("contract: text", lying(b"package mlcube:policy;"), "X"),
        Case::new("contract: a core module", lying(b"\0asm\x01\0\0\0"), "X"),
        Case::new("contract: an empty component", lying(b"\0asm\x0d\0\x01\0"), "X"),
        Case::new("contract: a policy", lying(&guest.component()), "X"),
        Case::new("contract: twice", with_contract(&guest.module()), super::ADMITTED),
    ]
}

/// What WebAssembly can do elsewhere.
fn features() -> Vec<Case> {
    let items = |items: &str| {
        let module = format!("(module (memory (export \"memory\") 1) {items})");
        with_contract(&text(&module))
    };
    vec![
        Case::new("feature: shared memory", with_contract(&text("(module (memory 1 2 shared))")), damaged("X")),
        Case::new("feature: atomics", items("(func (drop (i32.atomic.load (i32.const 0))))"), damaged("X")),
        Case::new("feature: 64-bit memory", with_contract(&text("(module (memory i64 1))")), "X"),
        Case::new("feature: structs", items("(type (struct (field i32)))"), damaged("X")),
        Case::new("feature: arrays", items("(type $a (array i8)) (func (drop (array.new_default $a (i32.const 1000000000))))"), damaged("X")),
        Case::new("feature: exceptions", items("(tag) (func (throw 0))"), damaged("X")),
        Case::new("feature: relaxed vectors", items("(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))"), damaged("X")),
        Case::new("feature: continuations", items("(type $f (func)) (type $c (cont $f))"), damaged("X")),
        Case::new("feature: wide arithmetic", items("(func (param i64) (i64.mul_wide_u (local.get 0) (local.get 0)) drop drop)"), damaged("X")),
        Case::new("feature: pages of one byte", with_contract(&text("(module (memory 1 (pagesize 1)))")), "X"),
        Case::new("feature: asynchronous", text("(component (type (future u8)))"), damaged("X")),
        Case::new("feature: values", text("(component (import \"v\" (value string)))"), damaged("X")),
        Case::new("invalid: wrong types", [b"\0asm\x01\0\0\0".to_vec(), section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(10, &[1, 4, 0, 0x41, 0, 0x0b])].concat(), damaged("X")),
        Case::new("invalid: no end", [b"\0asm\x01\0\0\0".to_vec(), section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(10, &[1, 3, 0, 0x41, 0])].concat(), damaged("X")),
    ]
}

/// A policy that ends too early, at every tenth.
fn truncated() -> Vec<Case> {
    let component = Guest::new().with("imports", "").with("post", "").component();
    let cut = |tenth: usize| {
        let end = component.len() * tenth / 10;
        Case::new(format!("truncated after {tenth} tenths"), component[..end].to_vec(), damaged("X"))
    };
    (1..10).map(cut).collect()
}

/// A policy with one byte changed, by seeds.
fn mutated() -> Vec<Case> {
    let module = Guest::new().with("imports", "").plain();
    let changed = |seed: u64| {
        let mut dice = Dice(seed);
        let mut module = module.clone();
        let at = 8 + dice.below(module.len() - 8);
        module[at] ^= 1 << dice.below(8);
        Case::new(format!("mutated by seed {seed}"), with_contract(&module), "X")
    };
    (0..12).map(changed).collect()
}
