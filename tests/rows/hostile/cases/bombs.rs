//! Files that are dear to compile: too large, too many, too deep, or small and unfolding.

use super::files::{NOT_EXPORTED, empty_contract, exporting, uncontracted};
use super::{ADMITTED, Case, stopped_in};
use crate::hostile::guest::{Guest, custom_section, leb, section};

fn load(limit: &str) -> String {
    stopped_in("load", limit)
}

fn items(text: impl Into<String>) -> Guest {
    Guest::new().with("items", text)
}

/// A core module of raw sections, each by its number and content.
fn raw(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let header = b"\0asm\x01\0\0\0".to_vec();
    sections.iter().fold(header, |module, (id, content)| [module, section(*id, content)].concat())
}

/// A list of equal items, as a section holds it.
fn list(count: usize, item: &[u8]) -> Vec<u8> {
    [leb(count), item.repeat(count)].concat()
}

/// A component of raw sections.
fn component(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let header = b"\0asm\x0d\0\x01\0".to_vec();
    sections.iter().fold(header, |module, (id, content)| [module, section(*id, content)].concat())
}

/// A component in a component in a component.
fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(component(&[]), |inner, _| component(&[(4, inner)]))
}

pub fn cases() -> Vec<Case> {
    let mut cases = functions();
    cases.extend(counts());
    cases.extend(types());
    cases.extend(components());
    cases
}

/// Functions that are large, or small and hard.
fn functions() -> Vec<Case> {
    let function =
        |body: String| items(format!("(func (param i32) (result i32) {body} (local.get 0))"));
    let blocks =
        |depth: usize| function(format!("{}{}", "block ".repeat(depth), "end ".repeat(depth)));
    let branches = |count: usize| {
        function(format!("(block $b (br_table {} (local.get 0)))", "$b ".repeat(count)))
    };
    let live = |count: usize| {
        let values = "(i32.mul (local.get 0) (local.get 0))".repeat(count);
        function(format!("{values} {}", "drop ".repeat(count)))
    };
    let locals = |count: usize| items(format!("(func (local {}))", "i64 ".repeat(count)));
    let raw_locals = |count: usize| {
        let code = [vec![1], leb(count), vec![0x7e, 0x0b]].concat();
        raw(&[
            (1, list(1, &[0x60, 0, 0])),
            (3, vec![1, 0]),
            (10, [vec![1], leb(code.len()), code].concat()),
        ])
    };
    // Every loop carries every local: what joins where has to be found out.
    let joins = |loops: usize, locals: usize| {
        let sets: String = (1..=locals)
            .map(|n| format!("(local.set {n} (i32.add (local.get {n}) (local.get 0)))"))
            .collect();
        let body = format!("(loop {sets} (br_if 0 (local.get 0)))").repeat(loops);
        items(format!("(func (param i32) (local {}) {body})", "i32 ".repeat(locals)))
    };
    let nested_loops = |depth: usize, locals: usize| {
        let sets: String =
            (1..=locals).map(|n| format!("(local.set {n} (local.get {}))", n - 1)).collect();
        let body = format!(
            "{} {sets} {}",
            "loop ".repeat(depth),
            "(br_if 0 (local.get 0)) end ".repeat(depth)
        );
        items(format!("(func (param i32) (local {}) {body})", "i32 ".repeat(locals)))
    };
    let calls = |count: usize| items(format!("(func $c) (func {})", "(call $c)".repeat(count)));
    vec![
        Case::new(
            "function: too large",
            function("(drop (i32.const 1))".repeat(400_000)),
            load("`function` limit of 512Ki: it asked for 1200004"),
        ),
        Case::new("function: all live at once", live(20_000), ADMITTED),
        Case::new("function: deep blocks", blocks(20_000), ADMITTED),
        Case::new(
            "function: too deep blocks",
            blocks(1_000_000),
            load("`function` limit of 512Ki: it asked for 3000004"),
        ),
        Case::new("function: many branches", branches(50_000), ADMITTED),
        Case::new(
            "function: too many branches",
            branches(2_000_000),
            load("`function` limit of 512Ki: it asked for 2000013"),
        ),
        Case::new("function: many locals", locals(2_000), ADMITTED),
        Case::new(
            "function: too many locals",
            locals(20_000),
            load("`locals` limit of 2000: it asked for 20000"),
        ),
        Case::new(
            "function: locals by the billion",
            raw_locals(4_000_000_000),
            load("`locals` limit of 2000: it asked for 4000000000"),
        ),
        Case::new("function: joins", joins(85, 200), ADMITTED),
        Case::new("function: nested joins", nested_loops(400, 400), ADMITTED),
        Case::new("function: calls", calls(10_000), ADMITTED),
        Case::new(
            "function: too many calls",
            calls(300_000),
            load("`function` limit of 512Ki: it asked for 600002"),
        ),
    ]
}

/// Many of anything.
fn counts() -> Vec<Case> {
    let globals = list(300_000, &[0x7f, 0, 0x41, 0, 0x0b]);
    let types = list(400_000, &[0x60, 0, 0]);
    let exports = (0..200_000).map(|n| format!("(export \"e{n}\" (memory 0))")).collect::<String>();
    let imports: Vec<u8> = (0..100_000)
        .flat_map(|n: u32| {
            let name = format!("{n:06}");
            [vec![1, b'm', 6], name.into_bytes(), vec![0, 0]].concat()
        })
        .collect();
    let empty_functions = |count: usize| {
        raw(&[
            (1, list(1, &[0x60, 0, 0])),
            (3, list(count, &[0])),
            (10, list(count, &[2, 0, 0x0b])),
        ])
    };
    let segments = list(200_000, &[1, 0]);
    let ballast = || [Guest::new().module(), custom_section("ballast", &vec![0; 8 << 20])].concat();
    vec![
        Case::new(
            "many functions",
            empty_functions(200_000),
            load("`functions` limit of 30000: it asked for 200000"),
        ),
        Case::new("some functions", items("(func)".repeat(5_000)), ADMITTED),
        Case::new(
            "many types",
            raw(&[(1, types)]),
            load("`declarations` limit of 1Mi: it asked for 1200003"),
        ),
        Case::new(
            "many globals",
            raw(&[(6, globals)]),
            load("`declarations` limit of 1Mi: it asked for 1500003"),
        ),
        Case::new(
            "many exports",
            items(exports),
            load("`declarations` limit of 1Mi: it asked for 1889118"),
        ),
        Case::new(
            "many imports",
            raw(&[(1, list(1, &[0x60, 0, 0])), (2, [leb(100_000), imports].concat())]),
            load("`declarations` limit of 1Mi: it asked for 1100007"),
        ),
        Case::new(
            "many data segments",
            raw(&[(11, segments)]),
            load("`declarations` limit of 1Mi: it asked for 1600000"),
        ),
        Case::new(
            "many functions declared, none there",
            raw(&[(1, list(1, &[0x60, 0, 0])), (3, list(50_000, &[0]))]),
            "not loaded: policy file `hostile.wasm` does not compile: function section has non-zero count but code section is absent (at offset 0xc365)",
        ),
        Case::new(
            "more functions than bytes",
            raw(&[(10, leb(4_000_000_000))]),
            "not loaded: policy file `hostile.wasm` does not compile: function section is absent but code section has non-zero count (at offset 0xa)",
        ),
        Case::new(
            "more types than bytes",
            raw(&[(1, leb(1_000_000))]),
            "not loaded: policy file `hostile.wasm` does not compile: unexpected end-of-file (at offset 0xd)",
        ),
        Case::new(
            "many sections of nothing",
            raw(&vec![(0, vec![1, b'x']); 100_000]),
            uncontracted(NOT_EXPORTED),
        ),
        Case::new("large custom section", ballast, ADMITTED),
        Case::new(
            "file too large",
            || [b"\0asm\x01\0\0\0".to_vec(), vec![0; 33 << 20]].concat(),
            load("`module` limit of 32Mi: it asked for 34603016"),
        ),
    ]
}

/// Types of types.
fn types() -> Vec<Case> {
    // A type within a type within a type, in three bytes each.
    let deep = |depth: usize| {
        component(&[(7, [vec![1], [0x42, 1, 1].repeat(depth), vec![0x42, 0]].concat())])
    };
    let doubled = |times: usize| {
        let pairs: String =
            (1..=times).map(|n| format!("(type $t{n} (tuple $t{0} $t{0}))", n - 1)).collect();
        let text = format!(
            "(component (type $t0 (tuple u8 u8)) {pairs} (type (func (param \"x\" $t{times}))))"
        );
        wat::parse_str(text).expect("the text is sound")
    };
    let records = |fields: usize| {
        let fields: String = (0..fields).map(|n| format!("(field \"f{n}\" string)")).collect();
        wat::parse_str(format!("(component (type (record {fields})))")).expect("the text is sound")
    };
    let chained = |length: usize| {
        let lists: String =
            (1..=length).map(|n| format!("(type $t{n} (list $t{}))", n - 1)).collect();
        wat::parse_str(format!("(component (type $t0 (list u8)) {lists})"))
            .expect("the text is sound")
    };
    vec![
        Case::new("types: deep", exporting(deep(4_000), 0), empty_contract()),
        Case::new(
            "types: too deep",
            deep(300_000),
            "not loaded: policy file `hostile.wasm` does not compile: its types are nested too deeply",
        ),
        Case::new(
            "types: a contract that is nearly too deep",
            [Guest::new().plain(), custom_section("component-type", &deep(4_000))].concat(),
            "not loaded: policy file `hostile.wasm` is a core module that cannot become a component: decoding custom section component-type: expected one export in component",
        ),
        Case::new(
            "types: deep contract",
            [Guest::new().plain(), custom_section("component-type", &deep(300_000))].concat(),
            "not loaded: policy file `hostile.wasm` does not compile: its contract is damaged",
        ),
        Case::new("types: doubled ten times", exporting(doubled(10), 0), empty_contract()),
        Case::new(
            "types: doubled thirty times",
            exporting(doubled(30), 0),
            "not loaded: policy file `hostile.wasm` does not compile: failed to parse WebAssembly module: effective type size exceeds the limit of 1000000 (at offset 0x54)",
        ),
        Case::new(
            "types: doubled ninety times",
            exporting(doubled(90), 0),
            "not loaded: policy file `hostile.wasm` does not compile: failed to parse WebAssembly module: effective type size exceeds the limit of 1000000 (at offset 0x54)",
        ),
        Case::new(
            "types: list of list of list",
            exporting(chained(99), 0),
            "not loaded: policy file `hostile.wasm` does not compile: failed to parse WebAssembly module: type nesting is too deep (at offset 0xf4)",
        ),
        Case::new("types: long record", exporting(records(9_000), 0), empty_contract()),
        Case::new(
            "types: too long record",
            exporting(records(20_000), 0),
            "not loaded: policy file `hostile.wasm` does not compile: failed to parse WebAssembly module: record field size is out of bounds (at offset 0xe)",
        ),
    ]
}

/// Components in components.
fn components() -> Vec<Case> {
    let many = |text: &str, count: usize| {
        wat::parse_str(format!("(component {})", text.repeat(count))).expect("the text is sound")
    };
    let given = "(component (import \"c\" (component $c)) (instance (instantiate $c)) (instance (instantiate $c)))";
    let args: String = (0..5_000).map(|n| format!("(with \"a{n}\" (instance $i))")).collect();
    let arguments = format!(
        "(component (component $c) (component $e) (instance $i (instantiate $e)) (instance (instantiate $c {args})))"
    );
    let parse = |text: &str| wat::parse_str(text).expect("the text is sound");
    vec![
        Case::new("components: nested", exporting(nested(10), 0), empty_contract()),
        Case::new(
            "components: nested too deeply",
            nested(1_000),
            load("`nesting` limit of 20: it asked for 21"),
        ),
        Case::new("components: many", exporting(many("(component)", 900), 0), empty_contract()),
        Case::new(
            "components: too many",
            exporting(many("(component)", 5_000), 0),
            "not loaded: policy file `hostile.wasm` does not compile: failed to parse WebAssembly module: components count exceeds limit of 1000 (at offset 0x271a)",
        ),
        Case::new(
            "components: many modules",
            exporting(many("(core module)", 900), 0),
            empty_contract(),
        ),
        Case::new(
            "components: given one",
            parse(given),
            "not loaded: policy file `hostile.wasm` does not compile: it instantiates a component that is imported or does not exist",
        ),
        Case::new("components: many arguments", exporting(parse(&arguments), 2), empty_contract()),
    ]
}
