//! Each limit of the table: a policy that meets it, and what becomes of the same policy when the
//! limit is raised.

use super::{ADMITTED, Case};
use crate::hostile::guest::{Guest, OWN, RETURNED};

/// A limit that is met.
pub struct Row {
    /// Its name in the table.
    pub key: &'static str,
    make: fn() -> Guest,
    /// A value that the policy meets, and what is said then.
    low: &'static str,
    met: &'static str,
    /// A value with which it passes, and what becomes of it.
    high: &'static str,
    passed: &'static str,
}

const ONE_LINE: &str = "hostile 0.1.0 admitted: 0 edits, told [\"xxxx\"]";
const LINE: &str = "(call $log (i32.const 2) (i32.const 4096) (i32.const 4))";
const COUNTED: &str = "(local $i i32) (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000))))";

fn review(body: &str) -> Guest {
    Guest::new().data(OWN, "xxxx").doing(body)
}

fn items(text: &str) -> Guest {
    Guest::new().with("items", text)
}

fn label() -> Guest {
    review(&format!(
        "(call $set-label (i32.const {OWN}) (i32.const 4) (i32.const {OWN}) (i32.const 4) (i32.const {OWN}) (i32.const 4) (i32.const {RETURNED}))"
    ))
}

pub static ROWS: [Row; 27] = [
    Row {
        key: "fuel",
        make: || review(COUNTED),
        low: "20000",
        met: "broken: policy `hostile` was stopped in `review` at its `fuel` limit of 20000: it used all of it",
        high: "200000",
        passed: ADMITTED,
    },
    Row {
        key: "wall",
        make: || review(&COUNTED.replace("10000", "300000000")),
        low: "1ms",
        met: "broken: policy `hostile` was stopped in `review` at its `wall` limit of 1ms: it used all of it",
        high: "60s",
        passed: ADMITTED,
    },
    Row {
        key: "memory",
        make: Guest::new,
        low: "1Mi",
        met: "not loaded: policy `hostile` was stopped in `describe` at its `memory` limit of 1Mi: it asked for 1280Ki",
        high: "1280Ki",
        passed: ADMITTED,
    },
    Row {
        key: "memories",
        make: || items("(memory 1)"),
        low: "1",
        met: "not loaded: policy `hostile` was stopped in `describe` at its `memories` limit of 1: it asked for 2",
        high: "2",
        passed: ADMITTED,
    },
    Row {
        key: "tables",
        make: || items("(table 1 funcref) (table 1 funcref)"),
        low: "1",
        met: "not loaded: policy `hostile` was stopped in `describe` at its `tables` limit of 1: it asked for 2",
        high: "2",
        passed: ADMITTED,
    },
    Row {
        key: "table-elements",
        make: || items("(table 1000 funcref)"),
        low: "500",
        met: "not loaded: policy `hostile` was stopped in `load` at its `table-elements` limit of 500: it asked for 1000",
        high: "1000",
        passed: ADMITTED,
    },
    Row {
        key: "instances",
        make: || review(LINE),
        low: "1",
        met: "not loaded: policy `hostile` was stopped in `describe` at its `instances` limit of 1: it asked for 2",
        high: "10",
        passed: ONE_LINE,
    },
    Row {
        key: "stack",
        make: || {
            items("(func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))))")
                .doing("(call $f (i32.const 2000))")
        },
        low: "16Ki",
        met: "broken: policy `hostile` was stopped in `review` at its `stack` limit of 16Ki: it used all of it",
        high: "1Mi",
        passed: ADMITTED,
    },
    Row {
        key: "host-call",
        make: || review(LINE),
        low: "10",
        met: "not loaded: policy `hostile` was stopped in `describe` at its `host-call` limit of 10: it used all of it",
        high: "1000",
        passed: ONE_LINE,
    },
    Row {
        key: "host-call-bytes",
        make: || review(LINE),
        low: "60",
        met: "broken: policy `hostile` was stopped in `review` at its `host-call-bytes` limit of 60: it asked for 68",
        high: "68",
        passed: ONE_LINE,
    },
    Row {
        key: "edits",
        make: label,
        low: "1",
        met: "broken: policy `hostile` was stopped in `review` at its `edits` limit of 1: it asked for 2",
        high: "2",
        passed: "hostile 0.1.0 admitted: 2 edits, told []",
    },
    Row {
        key: "edit-bytes",
        make: label,
        low: "10",
        met: "broken: policy `hostile` was stopped in `review` at its `edit-bytes` limit of 10: it asked for 15",
        high: "1000",
        passed: "hostile 0.1.0 admitted: 2 edits, told []",
    },
    Row {
        key: "log-lines",
        make: || review(&LINE.repeat(2)),
        low: "1",
        met: "hostile 0.1.0 admitted: 0 edits, told [\"xxxx\", \"1 more line was dropped at the `log-lines` limit of 1\"]",
        high: "2",
        passed: "hostile 0.1.0 admitted: 0 edits, told [\"xxxx\", \"xxxx\"]",
    },
    Row {
        key: "log-bytes",
        make: || review(LINE),
        low: "3",
        met: "hostile 0.1.0 admitted: 0 edits, told [\"1 more line was dropped at the `log-bytes` limit of 3\"]",
        high: "4",
        passed: ONE_LINE,
    },
    Row {
        key: "text",
        make: || review(LINE),
        low: "3",
        met: "hos… (4 more bytes) 0.1… (2 more bytes) admitted: 0 edits, told [\"xxx… (1 more byte)\"]",
        high: "10",
        passed: ONE_LINE,
    },
    Row {
        key: "schema",
        make: Guest::new,
        low: "1",
        met: "not loaded: policy `hostile` was stopped in `describe` at its `schema` limit of 1: it asked for 2",
        high: "2",
        passed: ADMITTED,
    },
    Row {
        key: "schema-steps",
        make: || Guest::new().describing(3, r#"{"allOf": [true, true]}"#),
        low: "3",
        met: "not loaded: policy `hostile` was stopped in `describe` at its `schema-steps` limit of 3: it used all of it",
        high: "10",
        passed: ADMITTED,
    },
    Row {
        key: "module",
        make: Guest::new,
        low: "100",
        met: "not loaded: policy `hostile` was stopped in `load` at its `module` limit of 100: it asked for {size}",
        high: "1Mi",
        passed: ADMITTED,
    },
    Row {
        key: "functions",
        make: Guest::new,
        low: "4",
        met: "not loaded: policy `hostile` was stopped in `load` at its `functions` limit of 4: it asked for 5",
        high: "5",
        passed: ADMITTED,
    },
    Row {
        key: "function",
        make: || items(&format!("(func {})", "(drop (i32.const 1))".repeat(100))),
        low: "200",
        met: "not loaded: policy `hostile` was stopped in `load` at its `function` limit of 200: it asked for 302",
        high: "1000",
        passed: ADMITTED,
    },
    Row {
        key: "locals",
        make: || items("(func (local i32 i32 i32))"),
        low: "2",
        met: "not loaded: policy `hostile` was stopped in `load` at its `locals` limit of 2: it asked for 3",
        high: "3",
        passed: ADMITTED,
    },
    Row {
        key: "declarations",
        make: Guest::new,
        low: "100",
        met: "not loaded: policy `hostile` was stopped in `load` at its `declarations` limit of 100: it asked for 226",
        high: "1Mi",
        passed: ADMITTED,
    },
    Row {
        key: "nesting",
        make: Guest::new,
        low: "1",
        met: "not loaded: policy `hostile` was stopped in `load` at its `nesting` limit of 1: it asked for 2",
        high: "100",
        passed: ADMITTED,
    },
    Row {
        key: "function-steps",
        make: || items("(func (loop (loop (loop))))"),
        low: "200",
        met: "not loaded: policy `hostile` was stopped in `load` at its `function-steps` limit of 200: it asked for 220",
        high: "1000",
        passed: ADMITTED,
    },
    Row {
        key: "compile-steps",
        make: Guest::new,
        low: "1000",
        met: "not loaded: policy `hostile` was stopped in `load` at its `compile-steps` limit of 1000: it asked for 1012",
        high: "100000",
        passed: ADMITTED,
    },
    Row {
        key: "compile-memory",
        make: Guest::new,
        low: "1Mi",
        met: "not loaded: policy `hostile` was stopped in `load` at its `compile-memory` limit of 1Mi: it used all of it",
        high: "100Mi",
        passed: ADMITTED,
    },
    Row {
        key: "compile",
        make: || {
            items(&format!(
                "(func (param i32) {})",
                "(i32.store (local.get 0) (i32.load (local.get 0)))".repeat(20_000)
            ))
        },
        low: "1ms",
        met: "not loaded: policy `hostile` was stopped in `load` at its `compile` limit of 1ms: it used all of it",
        high: "60s",
        passed: ADMITTED,
    },
];

pub fn cases() -> Vec<Case> {
    let both = |row: &'static Row| {
        let case = |name: String, value: &str, outcome: &str| {
            let file = move || {
                if row.key == "nesting" { (row.make)().component() } else { (row.make)().module() }
            };
            let case = Case::new(name, file, outcome).limit(row.key, value);
            // Time must be what ends it, and so long that a busy machine sees it pass.
            if row.key == "wall" { case.limit("fuel", "100000000000") } else { case }
        };
        [
            case(format!("limit {}", row.key), row.low, row.met),
            case(format!("limit {}, raised", row.key), row.high, row.passed),
        ]
    };
    ROWS.iter().flat_map(both).collect()
}
