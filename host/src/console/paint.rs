//! Lines fit for a terminal: the colours of this program, and nothing else that acts on it.
//!
//! A line is put together of own words and foreign text, and rendered at the end: colours are marks
//! until then, with a number that no file of others can hold, and all else is made visible.

use crate::text::visible;
use std::io::{self, IsTerminal};

/// What begins a mark: no character, so it stands in no text.
const MARK: char = '\u{fdd0}';
/// How far lines after the first are indented, so that none passes for a line of its own.
const INDENT: &str = "          ";

/// Whether lines are coloured, and the number of the marks if so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    number: Option<u64>,
}

/// The meaning of a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Removed text, and errors.
    Removed,
    /// Added text.
    Added,
    /// A place, or the first word of a line.
    Strong,
    /// A warning.
    Warning,
}

impl Paint {
    /// On where stderr is a terminal, unless `NO_COLOR` (<https://no-color.org>) or `TERM=dumb`
    /// says otherwise.
    pub fn for_stderr() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_on = io::stderr().is_terminal() && !is_set("NO_COLOR") && !is_dumb;
        Self { number: is_on.then(|| getrandom::u64().ok()).flatten() }
    }

    /// On, wherever the lines go.
    #[cfg(test)]
    pub fn always() -> Self {
        Self { number: Some(8) }
    }

    /// The text with the mark of its tone.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        match self.mark() {
            Some(mark) => format!("{mark}{};{text}{mark}0;", tone.code()),
            None => text.to_owned(),
        }
    }

    /// A line as it is written to a terminal. Line breaks in it stay, the rest of it is indented.
    pub fn rendered(self, line: &str) -> String {
        let Some(mark) = self.mark() else { return fit(line) };
        let mut parts = line.split(&mark);
        let mut rendered = fit(parts.next().unwrap_or_default());
        for part in parts {
            let (code, text) = part.split_once(';').unwrap_or_default();
            rendered.push_str(&format!("\u{1b}[{code}m{}", fit(text)));
        }
        rendered
    }

    fn mark(self) -> Option<String> {
        self.number.map(|number| format!("{MARK}{number:016x}"))
    }
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Self::Removed => "31",
            Self::Added => "32",
            Self::Strong => "1",
            Self::Warning => "33",
        }
    }
}

fn fit(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join(&format!("\n{INDENT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_own_colours_acts_on_a_terminal() {
        let rows = [
            ("+ a", "+ a"),
            ("\u{1b}[2Ja\u{9b}31m\u{202e}\t", "\\u{1b}[2Ja\\u{9b}31m\\u{202e}\\t"),
            ("\u{fdd0}0000000000000007;31;a", "\\u{fdd0}0000000000000007;31;a"),
            ("a\nerror: b", "a\n          error: b"),
            ("a\r\nb", "a\\r\n          b"),
        ];
        for (text, plain) in rows {
            let (off, on) = (Paint::default(), Paint::always());
            assert_eq!(off.rendered(&off.paint(Tone::Added, text)), plain);
            assert_eq!(on.rendered(text), plain);
            let painted = on.rendered(&format!("a {} b", on.paint(Tone::Added, text)));
            assert_eq!(painted, format!("a \u{1b}[32m{plain}\u{1b}[0m b"));
        }
    }
}
