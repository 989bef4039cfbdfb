//! Core modules that do not fit their contract, or that use what policies are not given.

use super::files::{ASYNC, contracted, damaged, exporting, other, text, unfit, unmade};
use super::{ADMITTED, Case, Made};
use crate::hostile::guest::{Guest, custom_section, section, with_contract};

pub fn cases() -> Vec<Case> {
    let mut cases = signatures();
    cases.extend(features());
    cases
}

/// A core module whose contract is this.
fn lying(data: &[u8]) -> Vec<u8> {
    [Guest::new().plain(), custom_section("component-type:lies", data)].concat()
}

/// Functions of the contract with another type, and what is missing.
fn signatures() -> Vec<Case> {
    let importing = |import: &str| Guest::new().with("imports", import);
    vec![
        Case::new(
            "signature: log without a level",
            importing(r#"(import "mlcube:policy/log@0.1.0" "write" (func (param i32 i32)))"#),
            unfit(
                "failed to resolve import `mlcube:policy/log@0.1.0::write`: failed to validate import interface `mlcube:policy/log@0.1.0`: type mismatch for function `write`: expected `[I32, I32, I32] -> []` but found `[I32, I32] -> []`",
            ),
        ),
        Case::new(
            "signature: log with an answer",
            importing(
                r#"(import "mlcube:policy/log@0.1.0" "write" (func (param i32 i32 i32) (result i32)))"#,
            ),
            unfit(
                "failed to resolve import `mlcube:policy/log@0.1.0::write`: failed to validate import interface `mlcube:policy/log@0.1.0`: type mismatch for function `write`: expected `[I32, I32, I32] -> []` but found `[I32, I32, I32] -> [I32]`",
            ),
        ),
        Case::new(
            "signature: log of floats",
            importing(r#"(import "mlcube:policy/log@0.1.0" "write" (func (param f32 i32 i32)))"#),
            unfit(
                "failed to resolve import `mlcube:policy/log@0.1.0::write`: failed to validate import interface `mlcube:policy/log@0.1.0`: type mismatch for function `write`: expected `[I32, I32, I32] -> []` but found `[F32, I32, I32] -> []`",
            ),
        ),
        Case::new(
            "signature: unknown function",
            importing(r#"(import "mlcube:policy/log@0.1.0" "shout" (func))"#),
            unfit(
                "failed to resolve import `mlcube:policy/log@0.1.0::shout`: import interface `mlcube:policy/log@0.1.0` is missing function `shout` that is required by the module",
            ),
        ),
        Case::new(
            "signature: unknown interface",
            importing(r#"(import "mlcube:policy/network@0.1.0" "get" (func))"#),
            unfit(
                "failed to resolve import `mlcube:policy/network@0.1.0::get`: module requires an import interface named `mlcube:policy/network@0.1.0`",
            ),
        ),
        Case::new(
            "signature: WASI",
            importing(
                r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#,
            ),
            unfit(
                "failed to resolve import `wasi_snapshot_preview1::fd_write`: module requires an import interface named `wasi_snapshot_preview1`",
            ),
        ),
        Case::new(
            "signature: import of a memory",
            importing(r#"(import "env" "memory" (memory $m 1))"#),
            unmade("failed to satisfy import `env::memory`: main module cannot import memory"),
        ),
        Case::new(
            "signature: import of a global",
            importing(r#"(import "env" "__stack_pointer" (global (mut i32)))"#),
            unfit(
                "failed to resolve import `env::__stack_pointer`: module is only allowed to import functions",
            ),
        ),
        Case::new(
            "signature: review twice",
            Guest::new().with("items", r#"(func (export "mlcube:policy/policy@0.1.0#other"))"#),
            "hostile 0.1.0 admitted: 0 edits, told []",
        ),
        Case::new(
            "signature: nothing exported",
            contracted(text("(module (memory (export \"memory\") 1))")),
            unfit(
                "failed to find export of interface `mlcube:policy/policy@0.1.0` function `describe`",
            ),
        ),
        Case::new(
            "signature: review of floats",
            contracted(text(
                "(module (memory (export \"memory\") 1) (func (export \"mlcube:policy/policy@0.1.0#review\") (result f64) (f64.const 0)))",
            )),
            unfit(
                "failed to classify export `mlcube:policy/policy@0.1.0#review`: failed to validate export for `mlcube:policy/policy@0.1.0`: type mismatch for function `review`: expected `[] -> [I32]` but found `[] -> [F64]`",
            ),
        ),
        Case::new(
            "signature: no memory",
            contracted(text(
                "(module (func (export \"mlcube:policy/policy@0.1.0#review\") (result i32) (i32.const 0)))",
            )),
            unfit(
                "failed to find export of interface `mlcube:policy/policy@0.1.0` function `describe`",
            ),
        ),
        Case::new("contract: empty", lying(b""), damaged("its contract is damaged")),
        Case::new(
            "contract: text",
            lying(b"package mlcube:policy;"),
            damaged("its contract is damaged"),
        ),
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
            Made::from(|| lying(&Guest::new().component())),
            unmade("decoding custom section component-type:lies: expected an export of a type"),
        ),
        Case::new(
            "contract: twice",
            Made::from(|| with_contract(&Guest::new().module())),
            ADMITTED,
        ),
    ]
}

/// What WebAssembly can do elsewhere.
fn features() -> Vec<Case> {
    let items = |items: &str| {
        let module = format!("(module (memory (export \"memory\") 1) {items})");
        contracted(text(&module))
    };
    vec![
        Case::new(
            "feature: shared memory",
            contracted(text("(module (memory 1 2 shared))")),
            damaged("threads must be enabled for shared memories (at offset 0xb)"),
        ),
        Case::new(
            "feature: atomics",
            items("(func (drop (i32.atomic.load (i32.const 0))))"),
            damaged("threads support is not enabled (at offset 0x2a)"),
        ),
        Case::new(
            "feature: 64-bit memory",
            contracted(text("(module (memory i64 1))")),
            damaged("memory64 must be enabled for 64-bit memories (at offset 0xb)"),
        ),
        Case::new(
            "feature: structs",
            items("(type (struct (field i32)))"),
            damaged("cannot define struct types when gc types are disabled (at offset 0xb)"),
        ),
        Case::new(
            "feature: arrays",
            items(
                "(type $a (array i8)) (func (drop (array.new_default $a (i32.const 1000000000))))",
            ),
            damaged("cannot define array types when gc types are disabled (at offset 0xb)"),
        ),
        Case::new(
            "feature: exceptions",
            items("(tag) (func (throw 0))"),
            damaged("exceptions proposal not enabled (at offset 0x19)"),
        ),
        Case::new(
            "feature: relaxed vectors",
            items(
                "(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))",
            ),
            damaged("relaxed SIMD support is not enabled (at offset 0x4c)"),
        ),
        Case::new(
            "feature: continuations",
            items("(type $f (func)) (type $c (cont $f))"),
            damaged(
                "cannot define continuation types when stack switching is disabled (at offset 0xe)",
            ),
        ),
        Case::new(
            "feature: wide arithmetic",
            items("(func (param i64) (i64.mul_wide_u (local.get 0) (local.get 0)) drop drop)"),
            damaged("wide arithmetic support is not enabled (at offset 0x2d)"),
        ),
        Case::new(
            "feature: pages of one byte",
            contracted(text("(module (memory 1 (pagesize 1)))")),
            damaged(
                "the custom page sizes proposal must be enabled to customize a memory's page size (at offset 0xb)",
            ),
        ),
        Case::new("feature: asynchronous", text("(component (type (future u8)))"), other(ASYNC)),
        Case::new(
            "feature: values",
            exporting(
                text("(component (import \"wasi:cli/environment@0.2.0\" (value string)))"),
                0,
            ),
            damaged(
                "failed to parse WebAssembly module: support for component model `value`s is not enabled (at offset 0xb)",
            ),
        ),
        Case::new(
            "invalid: wrong types",
            contracted(
                [
                    b"\0asm\x01\0\0\0".to_vec(),
                    section(1, &[1, 0x60, 0, 0]),
                    section(3, &[1, 0]),
                    section(10, &[1, 4, 0, 0x41, 0, 0x0b]),
                ]
                .concat(),
            ),
            damaged("type mismatch: values remaining on stack at end of block (at offset 0x19)"),
        ),
        Case::new(
            "invalid: no end",
            contracted(
                [
                    b"\0asm\x01\0\0\0".to_vec(),
                    section(1, &[1, 0x60, 0, 0]),
                    section(3, &[1, 0]),
                    section(10, &[1, 3, 0, 0x41, 0]),
                ]
                .concat(),
            ),
            damaged("control frames remain at end of function body or expression (at offset 0x19)"),
        ),
    ]
}
