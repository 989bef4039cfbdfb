//! What the scan counts.

use super::*;

fn exceeds(limit: Limit, value: u64, used: u64) -> Result<(), ScanError> {
    Err(ScanError::Exceeds(Exceeded { limit, value, used: Some(used) }))
}

#[test]
fn sizes_are_counted_through_all_modules() {
    let module = |name: &str| {
        format!(
            "(core module ${name} (func (local i32 i64)) (func (result i32) i32.const 1000000))"
        )
    };
    let component =
        wat::parse_str(format!("(component {} {})", module("a"), module("b"))).expect("sound text");
    let limits = Limits::default();
    let with = |limit, value| scan(&component, &limits.clone().with(limit, value));
    assert_eq!(scan(&component, &limits), Ok(()));
    assert_eq!(with(Limit::Functions, 3), exceeds(Limit::Functions, 3, 4));
    assert_eq!(with(Limit::Function, 5), exceeds(Limit::Function, 5, 6));
    assert_eq!(with(Limit::Locals, 1), exceeds(Limit::Locals, 1, 2));
    assert_eq!(with(Limit::Nesting, 1), exceeds(Limit::Nesting, 1, 2));
    assert!(matches!(scan(&component[..component.len() - 3], &limits), Err(ScanError::Damaged(_))));
}

#[test]
fn what_is_instantiated_twice_counts_twice() {
    let double = |inner: &str| {
        format!("(component $c {inner} (instance (instantiate $c)) (instance (instantiate $c)))")
    };
    let doubled =
        |times: usize| (0..times).fold("(component $c)".to_owned(), |inner, _| double(&inner));
    let size = |times: usize| {
        let component =
            wat::parse_str(format!("(component {})", doubled(times))).expect("sound text");
        let limits = Limits::default().with(Limit::Nesting, 1000);
        (1..)
            .find(|size| scan(&component, &limits.clone().with(Limit::Declarations, *size)).is_ok())
    };
    let sizes: Vec<_> = (4..8).map(|times| size(times).expect("there is a size")).collect();
    assert!(sizes.windows(2).all(|pair| pair[1] > 2 * pair[0]), "{sizes:?}");
}
