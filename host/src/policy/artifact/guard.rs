//! A guard around work on foreign input: a panic in it becomes an error, and prints nothing.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The number of guarded pieces of work that run right now.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Run the work; a panic becomes an error with its message.
pub fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |info| {
            // The compiler shares its work with threads that have no name, and propagates their
            // panics.
            let is_helper =
                AT_WORK.load(Ordering::Relaxed) > 0 && thread::current().name().is_none();
            if !IS_QUIET.get() && !is_helper {
                usual(info);
            }
        }));
    });
    let before = IS_QUIET.replace(true);
    AT_WORK.fetch_add(1, Ordering::Relaxed);
    // Unwind safety: what the work has touched is dropped with it.
    let result = catch_unwind(AssertUnwindSafe(work));
    AT_WORK.fetch_sub(1, Ordering::Relaxed);
    IS_QUIET.set(before);
    result.map_err(|panic| message(&*panic))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(guarded(|| 5), Ok(5));
        assert_eq!(guarded(|| -> u8 { panic!("on {}", "purpose") }), Err("on purpose".to_owned()));
        assert!(!IS_QUIET.get());
    }
}
