//! A look at a file before it is compiled: compiling is what an odd file can make expensive, so what makes it so is counted
//! first. Nothing of the file is trusted or run here.

use super::{Exceeded, Limit, Limits};
use wasmparser::{Parser, Payload};

/// Why a file is not compiled.
#[derive(Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It would take more than it may.
    Exceeds(Exceeded),
    /// It is damaged.
    Damaged(String),
}

/// Check the sizes in a component or core module, and in all modules within.
pub fn scan(bytes: &[u8], limits: &Limits) -> Result<(), Unfit> {
    let mut functions = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| Unfit::Damaged(error.to_string()))? {
            Payload::CodeSectionStart { count, .. } => {
                functions = functions.saturating_add(count as usize);
                limits.check(Limit::Functions, functions).map_err(Unfit::Exceeds)?;
            }
            Payload::CodeSectionEntry(body) => {
                limits.check(Limit::Function, body.range().len()).map_err(Unfit::Exceeds)?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_counted_through_all_modules() {
        let module = |name: &str| format!("(core module ${name} (func) (func (result i32) i32.const 1000000))");
        let component = wat::parse_str(format!("(component {} {})", module("a"), module("b"))).expect("sound text");
        let limits = Limits::default();
        let exceeds = |limit, value, used| Err(Unfit::Exceeds(Exceeded { limit, value, used: Some(used) }));
        assert_eq!(scan(&component, &limits), Ok(()));
        assert_eq!(scan(&component, &limits.clone().with(Limit::Functions, 3)), exceeds(Limit::Functions, 3, 4));
        assert_eq!(scan(&component, &limits.clone().with(Limit::Function, 5)), exceeds(Limit::Function, 5, 6));
        assert!(matches!(scan(&component[..component.len() - 3], &limits), Err(Unfit::Damaged(_))));
    }
}
