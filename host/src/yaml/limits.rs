//! The bounds of a document, each with its reason: time and memory are proportional to these
//! numbers, whatever the text says. And the quoting of a text in a message.

use crate::text::visible;

/// Bytes of one file. The largest published cubes stay below 20 KB.
pub const FILE_BYTES: usize = 4 << 20;

/// Levels of lists and mappings in a document or an override, so that no walk over the tree
/// exhausts the stack.
pub const DEPTH: usize = 100;

/// Weight of one key or value of a document besides its text: about the bytes that it takes as a
/// node.
pub const NODE_WEIGHT: usize = 128;

/// Weight of a document after its aliases were expanded: text in bytes, plus [`NODE_WEIGHT`] for
/// each key and value. A text of full size fits and so do 65,000 values; "billion laughs" does not.
/// A configuration is kept three times, as a tree and as JSON before and after its interpolations,
/// beside the file itself: in all less than 64 MB.
pub const DOCUMENT_WEIGHT: usize = 8 << 20;

/// Characters of a text quoted in a message.
const QUOTED: usize = 80;

/// A text shortened for a message, control characters made visible.
pub fn quote(text: &str) -> String {
    let mut quoted = visible(&text.chars().take(QUOTED).collect::<String>());
    if text.chars().nth(QUOTED).is_some() {
        quoted.push('…');
    }
    quoted
}
