//! What containers write, as it goes to a stream: the bytes as they are, or each line behind the name
//! of who wrote it and its time.

use crate::event::{ContainerRun, Piece};
use std::borrow::Cow;
use std::sync::Arc;

/// The lines of a stream on which containers write.
#[derive(Debug, Default)]
pub struct Lines {
    /// What wrote the line that has not ended.
    open: Option<Arc<ContainerRun>>,
}

impl Lines {
    /// Whether a line has not ended.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The end of a line that has no end, if there is one.
    pub fn end(&mut self) -> Option<&'static [u8]> {
        self.open.take().map(|_| &b"\n"[..])
    }

    /// A piece as it is written. Only where another run of a container has left its line without an
    /// end, that line ends first.
    pub fn add<'a>(
        &mut self,
        run: &Arc<ContainerRun>,
        piece: &'a Piece,
        is_named: bool,
    ) -> Cow<'a, [u8]> {
        let Piece { bytes, times } = piece;
        if bytes.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let is_own = self.open.as_ref().is_some_and(|open| open == run);
        let end = if is_own { None } else { self.end() };
        self.open = (!bytes.ends_with(b"\n")).then(|| Arc::clone(run));
        if !is_named && times.is_empty() && end.is_none() {
            return Cow::Borrowed(bytes);
        }
        let name = if is_named { name(run) } else { String::new() };
        let mut written = Vec::with_capacity(bytes.len() + bytes.len() / 2);
        written.extend(end.into_iter().flatten());
        let (mut times, mut at) = (times.iter().peekable(), 0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if at > 0 || !is_own {
                written.extend_from_slice(name.as_bytes());
            }
            if let Some((_, time)) = times.next_if(|(begin, _)| *begin == at) {
                written.extend_from_slice(format!("{time:.9} ").as_bytes());
            }
            written.extend_from_slice(line);
            at += line.len();
        }
        Cow::Owned(written)
    }
}

/// Who wrote a line: `[x2kpz/main] `.
fn name(ContainerRun { pod, container, .. }: &ContainerRun) -> String {
    format!("[{}/{container}] ", short(pod))
}

/// What tells a Pod from the others of its Job: the five letters that Kubernetes adds, and before
/// them the index if it has one.
fn short(pod: &str) -> &str {
    let Some((rest, _)) = pod.rsplit_once('-') else { return pod };
    let index = rest.rfind('-').map_or(0, |at| at + 1);
    let is_index = index > 0 && rest[index..].bytes().all(|byte| byte.is_ascii_digit());
    if is_index { &pod[index..] } else { &pod[rest.len() + 1..] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Part;
    use jiff::Timestamp;

    fn run(pod: &str, container: &str) -> Arc<ContainerRun> {
        let (pod, container) = (pod.to_owned(), container.to_owned());
        Arc::new(ContainerRun {
            pod,
            container,
            restart: 0,
            part: Part::Main,
            attempt: 1,
            is_alone: false,
        })
    }

    /// Pieces of two runs, each with the second of its first line if that has a time, and what is
    /// written of them with and without names.
    #[test]
    fn lines_say_who_wrote_them() {
        type Pieces = &'static [(usize, &'static str, Option<i64>)];
        let rows: [(&str, Pieces, &str, &str); 7] = [
            ("whole lines", &[(0, "a\nb\n", None), (1, "c\n", None)], "a\nb\nc\n", {
                "[one/m] a\n[one/m] b\n[2-two/n] c\n"
            }),
            ("a part goes on", &[(0, "a", None), (0, "b\nc", None)], "ab\nc", {
                "[one/m] ab\n[one/m] c"
            }),
            (
                "another run between",
                &[(0, "a", None), (1, "b\n", None), (0, "c\n", None)],
                "a\nb\nc\n",
                "[one/m] a\n[2-two/n] b\n[one/m] c\n",
            ),
            ("empty lines", &[(0, "\n\n", None)], "\n\n", "[one/m] \n[one/m] \n"),
            ("nothing", &[(0, "", None), (1, "a\n", None)], "a\n", "[2-two/n] a\n"),
            (
                "times",
                &[(0, "a\n", Some(1)), (0, "b", Some(2)), (0, "c\n", None)],
                "1970-01-01T00:00:01.000000000Z a\n1970-01-01T00:00:02.000000000Z bc\n",
                "[one/m] 1970-01-01T00:00:01.000000000Z a\n[one/m] 1970-01-01T00:00:02.000000000Z bc\n",
            ),
            (
                "a line with a time, interrupted",
                &[(0, "a", Some(1)), (1, "b\n", None), (0, "c\n", None)],
                "1970-01-01T00:00:01.000000000Z a\nb\nc\n",
                "[one/m] 1970-01-01T00:00:01.000000000Z a\n[2-two/n] b\n[one/m] c\n",
            ),
        ];
        let runs = [run("job-7-one", "m"), run("job-2-two", "n")];
        let runs = [run("job-one", "m"), runs[1].clone()];
        for (name, pieces, plain, named) in rows {
            for (is_named, expected) in [(false, plain), (true, named)] {
                let (mut lines, mut written) = (Lines::default(), Vec::new());
                for (of, text, time) in pieces {
                    let time = time.map(|second| Timestamp::from_second(second).expect("a time"));
                    let times = time.into_iter().map(|time| (0, time)).collect();
                    let piece = Piece { bytes: text.as_bytes().to_vec(), times };
                    written.extend_from_slice(&lines.add(&runs[*of], &piece, is_named));
                }
                assert_eq!(String::from_utf8_lossy(&written), expected, "{name}");
            }
        }
    }

    #[test]
    fn pods_have_short_names() {
        let rows = [
            ("mlcube-digits-qpm3u6dsiy-x2kpz", "x2kpz"),
            ("mlcube-digits-qpm3u6dsiy-12-x2kpz", "12-x2kpz"),
            ("alone", "alone"),
            ("7-x2kpz", "x2kpz"),
            ("j-7-x2kpz", "7-x2kpz"),
            ("", ""),
        ];
        for (pod, expected) in rows {
            assert_eq!(short(pod), expected, "{pod}");
        }
    }
}
