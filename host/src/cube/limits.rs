//! The bounds of what a cube may say, each with its reason. A document has bounds of its own in
//! the room `yaml`, and interpolations have theirs in `omegaconf`.

/// Keys in the path of one override. With a value of full depth below it, the tree stays within
/// what can be resolved.
pub const OVERRIDE_KEYS: usize = 20;

/// Bytes of the entry point of a task, which is one line. A command line of a container is shorter.
pub const ENTRYPOINT_BYTES: usize = 64 << 10;
