//! Tables of the documentation that follow from the code.

use std::fs;

use crate::support::policy::TABLE;
use crate::support::workspace;

#[test]
fn the_limits_are_documented() {
    let row = |row: &mlcube_k8s::policy::Row| {
        format!("| `{}` | {} | {} |\n", row.key, row.unit.write(row.default), row.reason)
    };
    let table: String = TABLE.iter().map(row).collect();
    let text = fs::read_to_string(workspace().join("docs/policies.md"))
        .expect("the documentation is there");
    assert!(text.contains(&table), "`docs/policies.md` has this table:\n{table}");
}
