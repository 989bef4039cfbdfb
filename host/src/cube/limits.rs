//! Every bound of the room, standing together; each number with its reason. A document has its own in `yaml`.
//!
//! Invariant: resolving costs time and memory proportional to these numbers, whatever the text says.

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
