//! Rows of tables: their names, and tables that are tried to the end.

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A name that can be typed without quotes: what is neither letter nor digit nor one of `-._/`
/// becomes `-`.
pub fn slug(text: &str) -> String {
    let sign =
        |sign: char| if sign.is_alphanumeric() || "-._/".contains(sign) { sign } else { ' ' };
    let words = text.chars().map(sign).collect::<String>();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}

/// Names in which none is twice: the second `x` is called `x-2`.
#[derive(Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    pub fn unique(&mut self, name: String) -> String {
        let others = (2..).map(|number| format!("{name}-{number}"));
        let all = std::iter::once(name.clone()).chain(others);
        let name = all.into_iter().find(|name| !self.0.contains(name)).expect("numbers do not end");
        self.0.insert(name.clone());
        name
    }
}

/// Check every row by its name, also when one before it is wrong, and fail at the end with all that
/// are.
pub fn each<N: AsRef<str>, R>(rows: impl IntoIterator<Item = (N, R)>, mut check: impl FnMut(R)) {
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, row) in rows {
        count += 1;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(row))) {
            wrong.push(format!("{}: {}", name.as_ref(), message(panic.as_ref())));
        }
    }
    assert!(count > 0, "the rows were lost");
    assert!(wrong.is_empty(), "{} of {count} rows are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked")
}
