//! Every line that this helper prints. Progress goes to stderr with the time since the start;
//! stdout carries only what was asked for.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Start the clock that [`step`] shows.
pub fn start() {
    LazyLock::force(&START);
}

/// Say what goes on.
pub fn step(line: impl Display) {
    to_stderr(&format!("{:>11}  {line}", elapsed(START.elapsed())));
}

/// Say why the command ends badly.
pub fn error(error: impl Display) {
    to_stderr(&format!("error: {error}"));
}

/// Pass on a line of another program.
pub fn pass(line: impl Display) {
    to_stderr(&format!("             {line}"));
}

/// Answer: the line that a script reads.
pub fn answer(line: impl Display) {
    // A reader that has gone away (`| head`) is no failure of the command.
    let _ = writeln!(io::stdout(), "{line}");
}

/// `7.3 s` or `12 min 40 s`.
pub fn elapsed(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

fn to_stderr(text: &str) {
    // There is nowhere left to say that stderr cannot be written.
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_is_readable() {
        let rows = [
            ("nothing", 0, "0.0 s"),
            ("seconds", 7_300, "7.3 s"),
            ("nearly a minute", 59_900, "59.9 s"),
            ("minutes", 760_000, "12 min 40 s"),
        ];
        for (name, milliseconds, expected) in rows {
            assert_eq!(elapsed(Duration::from_millis(milliseconds)), expected, "{name}");
        }
    }
}
