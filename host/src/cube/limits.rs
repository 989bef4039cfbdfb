//! Every bound of the room, standing together; each number with its reason.
//!
//! Invariant: reading costs time and memory proportional to these numbers, whatever the text says.

/// Bytes of one file. The largest published cubes stay below 20 KB.
pub(crate) const FILE_BYTES: usize = 4 << 20;

/// Levels of lists and mappings in a document or an override, so that no walk over the tree exhausts the stack.
pub(crate) const DEPTH: usize = 100;

/// What one value of a document weighs besides its text; see [`DOCUMENT_WEIGHT`].
pub(crate) const NODE_WEIGHT: usize = 32;

/// Weight of a document after its aliases were expanded: text in bytes, plus [`NODE_WEIGHT`] for each value.
/// A file of full size fits; "billion laughs" does not.
pub(crate) const DOCUMENT_WEIGHT: usize = 16 << 20;

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

/// Bytes of text built by interpolation in a whole configuration.
pub(crate) const RESOLVED_BYTES: usize = 16 << 20;

/// Unresolvable values that are remembered for `config`; more would only repeat themselves.
pub(crate) const FAULTS: usize = 100;

/// Characters of a text quoted in a message.
pub(crate) const QUOTED: usize = 80;

/// A text shortened for a message, control characters made visible.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted: String = text
        .chars()
        .take(QUOTED)
        .flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] })
        .collect();
    if text.chars().nth(QUOTED).is_some() {
        quoted.push('…');
    }
    quoted
}
