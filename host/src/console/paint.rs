//! Colours for a terminal, and none for anything else.

use std::io::{self, IsTerminal};

/// Whether lines are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    is_on: bool,
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
        Self { is_on: io::stderr().is_terminal() && !is_set("NO_COLOR") && !is_dumb }
    }

    /// The text in the colour of its tone.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Removed => "31",
            Tone::Added => "32",
            Tone::Strong => "1",
            Tone::Warning => "33",
        };
        if self.is_on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_coloured_or_left_alone() {
        assert_eq!(Paint { is_on: false }.paint(Tone::Added, "+ a"), "+ a");
        assert_eq!(Paint { is_on: true }.paint(Tone::Added, "+ a"), "\u{1b}[32m+ a\u{1b}[0m");
    }
}
