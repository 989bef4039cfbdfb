//! The bounds of resolving, each with its reason: time and memory are proportional to these
//! numbers, whatever the text says. A document has bounds of its own in the room `yaml`.

/// Interpolations nested in each other or followed one after the other, with the levels of what
/// they lead to. More than the tree is deep, and within half the stack of a thread (2 MB),
/// unoptimised.
pub const RESOLUTION_DEPTH: usize = 128;

/// Interpolations inside one interpolation (`${a.${b.${c}}}`). Real cubes use two.
pub const GRAMMAR_DEPTH: usize = 20;

/// Values visited while all interpolations of a configuration are resolved.
pub const RESOLUTION_STEPS: usize = 200_000;

/// Bytes of one text with interpolations in it. A command line of a container is shorter.
pub const INTERPOLATED_BYTES: usize = 64 << 10;

/// Weight of what interpolation builds in a whole configuration, counted as in a document.
pub const RESOLVED_BYTES: usize = 8 << 20;

/// Unresolvable values that are collected; after so many the others are shown as written without
/// a try.
pub const FAULTS: usize = 100;
