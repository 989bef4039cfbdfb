//! The lines that a guest logs in one call. Lines beyond the limits are dropped and counted: too much
//! to tell is no reason to end a review.

use crate::job::{LogLevel, LogLine};
use crate::policy::{Limit, Limits};

/// The log of one call.
#[derive(Default)]
pub struct Log {
    kept: Vec<LogLine>,
    lines: usize,
    bytes: usize,
    dropped: usize,
    /// The limit that was met, and the highest level of a line that was dropped.
    met: Option<(Limit, LogLevel)>,
}

impl Log {
    /// Keep a text as far as the limits allow. `missing` bytes of it were cut before.
    pub fn write(&mut self, level: LogLevel, text: &str, missing: usize, limits: &Limits) {
        let text = limits.clean_lines(text, missing);
        let mut kept: Vec<&str> = Vec::new();
        for line in text.split('\n') {
            match self.full_for(line, limits) {
                None => {
                    self.lines += 1;
                    self.bytes += line.len();
                    kept.push(line);
                }
                Some(limit) => self.drop_line(limit, level),
            }
        }
        if !kept.is_empty() {
            self.kept.push(LogLine { level, message: kept.join("\n") });
        }
    }

    /// The lines that were kept, and one that counts those that were dropped.
    pub fn into_lines(self, limits: &Limits) -> Vec<LogLine> {
        let mut lines = self.kept;
        if let Some((limit, level)) = self.met {
            let message = dropped(self.dropped, "line", limit, limits);
            lines.push(LogLine { level, message });
        }
        lines
    }

    /// The limit that one more line would exceed. After the first that was dropped all are, so that
    /// what is kept has no gaps.
    fn full_for(&self, line: &str, limits: &Limits) -> Option<Limit> {
        if let Some((limit, _)) = self.met {
            return Some(limit);
        }
        let exceeds = |limit, used| limits.check(limit, used).is_err();
        if exceeds(Limit::LogLines, self.lines + 1) {
            return Some(Limit::LogLines);
        }
        exceeds(Limit::LogBytes, self.bytes + line.len()).then_some(Limit::LogBytes)
    }

    fn drop_line(&mut self, limit: Limit, level: LogLevel) {
        self.dropped += 1;
        let level = self.met.map_or(level, |(_, highest)| highest.max(level));
        self.met = Some((limit, level));
    }
}

/// The sentence that so many lines or sentences were dropped.
pub fn dropped(count: usize, of: &str, limit: Limit, limits: &Limits) -> String {
    let row = limit.row();
    let (key, value) = (row.key, row.unit.write(limits.get(limit)));
    let were = if count == 1 { " was" } else { "s were" };
    format!("{count} more {of}{were} dropped at the `{key}` limit of {value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_beyond_the_limits_are_counted() {
        let limits = Limits::default().with(Limit::LogLines, 3).with(Limit::LogBytes, 10);
        let rows: [(&[&str], &[&str]); 6] = [
            (&["a", "b", "c"], &["a", "b", "c"]),
            (
                &["a", "b", "c", "d"],
                &["a", "b", "c", "1 more line was dropped at the `log-lines` limit of 3"],
            ),
            (
                &["a\nb\nc\nd\ne", "f"],
                &["a\nb\nc", "3 more lines were dropped at the `log-lines` limit of 3"],
            ),
            (&["1234567890"], &["1234567890"]),
            (
                &["12345", "678901", "2"],
                &["12345", "2 more lines were dropped at the `log-bytes` limit of 10"],
            ),
            (&[""], &[""]),
        ];
        for (texts, expected) in rows {
            let mut log = Log::default();
            texts.iter().for_each(|text| log.write(LogLevel::Info, text, 0, &limits));
            let lines = log.into_lines(&limits);
            let found: Vec<_> = lines.iter().map(|line| line.message.as_str()).collect();
            assert_eq!(found, expected, "{texts:?}");
        }
    }

    #[test]
    fn a_warning_that_was_dropped_is_warned_of() {
        let limits = Limits::default().with(Limit::LogLines, 1);
        for (level, expected) in
            [(LogLevel::Debug, LogLevel::Debug), (LogLevel::Warn, LogLevel::Warn)]
        {
            let mut log = Log::default();
            for level in [LogLevel::Info, level, LogLevel::Debug] {
                log.write(level, "x", 0, &limits);
            }
            assert_eq!(log.into_lines(&limits)[1].level, expected);
        }
    }
}
