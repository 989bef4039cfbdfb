//! What the API server warns of: the `Warning` headers of its responses (RFC 7234, section 5.5), each
//! told once in a run.

use crate::text::sentence;
use http::HeaderMap;
use http::header::WARNING;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The code of the warnings that Kubernetes writes; others are of caches on the way.
const CODE: &str = "299";
/// The most bytes of a warning that are shown.
const LONGEST: usize = 1_000;
/// The most different warnings of a run.
const MOST: usize = 50;

/// The warnings that all clients of a run have heard.
#[derive(Clone, Default)]
pub struct Warnings(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    known: BTreeSet<String>,
    untold: Vec<String>,
}

impl Warnings {
    /// Keep what the headers of a response warn of, unless it is known.
    pub fn hear(&self, headers: &HeaderMap) {
        let values = headers.get_all(WARNING).iter();
        for text in values.flat_map(|value| texts(&String::from_utf8_lossy(value.as_bytes()))) {
            let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let text = sentence(&text, LONGEST);
            if !text.is_empty() && heard.known.len() < MOST && heard.known.insert(text.clone()) {
                heard.untold.push(format!("the cluster warns: {text}"));
            }
        }
    }

    /// The warnings since the last time.
    pub fn take(&self) -> Vec<String> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut heard.untold)
    }
}

/// The texts of a header: `299 - "one", 299 - "two"`. What is not well formed ends it.
fn texts(header: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = header;
    while let Some((code, text, after)) = warning(rest) {
        if code == CODE {
            texts.push(text);
        }
        let Some(next) = after.strip_prefix(',') else { break };
        rest = next;
    }
    texts
}

/// The code and the text of the first warning, and what follows it: its date is skipped.
fn warning(header: &str) -> Option<(&str, String, &str)> {
    let (code, rest) = header.trim_start().split_once(' ')?;
    let (_agent, rest) = rest.trim_start().split_once(' ')?;
    let (text, rest) = quoted(rest.trim_start())?;
    let rest = rest.trim_start();
    let after = quoted(rest).map_or(rest, |(_date, after)| after);
    Some((code, text, after.trim_start()))
}

/// The content of a quoted string at the beginning, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut content = String::new();
    let mut signs = inside.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((content, &inside[at + 1..])),
            '\\' => content.push(signs.next()?.1),
            sign => content.push(sign),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read() {
        let rows: [(&str, &[&str]); 12] = [
            (r#"299 - "a is deprecated""#, &["a is deprecated"]),
            (r#"299 - "one", 299 - "two""#, &["one", "two"]),
            (r#"299 kube:443 "one" "Wed, 21 Oct 2015 07:28:00 GMT",299 - "two""#, &["one", "two"]),
            (r#"299 - "hides \"A\", \\ and, more""#, &[r#"hides "A", \ and, more"#]),
            (r#"110 cache "stale", 299 - "one""#, &["one"]),
            (r#"299 - "one", 299 - two"#, &["one"]),
            (r#"299 - "one" x, 299 - "two""#, &["one"]),
            (r#"299 - "not closed"#, &[]),
            (r#"299 - "not closed\"#, &[]),
            (r#"299 -"#, &[]),
            ("", &[]),
            (r#"  299   -   "spaces"  "#, &["spaces"]),
        ];
        for (header, expected) in rows {
            assert_eq!(texts(header), expected, "{header}");
        }
    }

    #[test]
    fn each_warning_is_told_once_and_does_nothing_to_a_terminal() {
        let warnings = Warnings::default();
        let hear = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(WARNING, value.parse().expect("a header"));
            }
            warnings.hear(&headers);
            warnings.take()
        };
        assert_eq!(hear(&[]), [""; 0]);
        let told = ["the cluster warns: one", "the cluster warns: two\u{fffd}\u{fffd}"];
        assert_eq!(hear(&[r#"299 - "one""#, "299 - \"two\u{9b}\u{202e}\", 299 - \"one\""]), told);
        assert_eq!(hear(&[r#"299 - "one""#, r#"299 - "three""#]), ["the cluster warns: three"]);
        let many: Vec<_> = (0..100).map(|index| format!("299 - \"{index}\"")).collect();
        assert_eq!(hear(&many.iter().map(String::as_str).collect::<Vec<_>>()).len(), MOST - 3);
    }
}
