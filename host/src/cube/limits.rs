//! Every bound of the room, standing together; each number with its reason.
//!
//! Invariant: reading costs time and memory proportional to these numbers, whatever the text says.

use crate::text::visible;

/// Bytes of one file. The largest published cubes stay below 20 KB.
pub(crate) const FILE_BYTES: usize = 4 << 20;

/// Levels of lists and mappings in a document or an override, so that no walk over the tree exhausts the stack.
pub(crate) const DEPTH: usize = 100;

/// What one key or value of a document weighs besides its text: about the bytes that it takes as a node.
pub(crate) const NODE_WEIGHT: usize = 128;

/// Weight of a document after its aliases were expanded: text in bytes, plus [`NODE_WEIGHT`] for each key and value.
/// A text of full size fits and so do 65,000 values; "billion laughs" does not. A configuration is kept three times, as a
/// tree and as JSON before and after its interpolations, beside the file itself: in all less than 64 MB.
pub(crate) const DOCUMENT_WEIGHT: usize = 8 << 20;

/// Keys in the path of one override. With a value of full depth below it, the tree stays within [`RESOLUTION_DEPTH`].
pub(crate) const OVERRIDE_KEYS: usize = 20;

/// Interpolations nested in each other or followed one after the other, with the levels of what they lead to.
/// More than the tree is deep, and within half the stack of a thread (2 MB), unoptimised.
pub(crate) const RESOLUTION_DEPTH: usize = 128;

/// Interpolations inside one interpolation (`${a.${b.${c}}}`). Real cubes use two.
pub(crate) const GRAMMAR_DEPTH: usize = 20;

/// Values visited while all interpolations of a configuration are resolved.
pub(crate) const RESOLUTION_STEPS: usize = 200_000;

/// Bytes of one text with interpolations in it. A command line of a container is shorter.
pub(crate) const INTERPOLATED_BYTES: usize = 64 << 10;

/// Weight of what interpolation builds in a whole configuration, counted as in a document.
pub(crate) const RESOLVED_BYTES: usize = 8 << 20;

/// Bytes of the entry point of a task, which is one line. A command line of a container is shorter.
pub(crate) const ENTRYPOINT_BYTES: usize = 64 << 10;

/// Unresolvable values that are told by `config`; after so many the others are shown as written without a try.
pub(crate) const FAULTS: usize = 100;

/// Characters of a text quoted in a message.
pub(crate) const QUOTED: usize = 80;

/// A text shortened for a message, control characters made visible.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = visible(&text.chars().take(QUOTED).collect::<String>());
    if text.chars().nth(QUOTED).is_some() {
        quoted.push('…');
    }
    quoted
}
