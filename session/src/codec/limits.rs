//! Limits that encoding and decoding share.

/// The maximum size of one field's value in bytes, header included.
pub(crate) const MAX_SIZE: usize = 4 << 20;
/// The maximum size of an entry's key in bytes, as JSON text.
pub(crate) const MAX_KEY: usize = 256;
/// The maximum number of entries to which a request may add another one.
pub(crate) const MAX_ENTRIES: usize = 1024;
/// The maximum nesting depth. Every sequence, map, struct, enum, variant's content, newtype and `Some` is one level.
pub(crate) const MAX_DEPTH: usize = 128;
/// The size of a Rust type from which its decoding counts as two levels, then three and so on, since large values take
/// more of the stack.
pub(crate) const LEVEL_SIZE: usize = 256;
/// The maximum number of levels that one value counts as.
pub(crate) const MAX_LEVELS: usize = 8;
/// The number of values that are decoded without counting their memory; most fields have fewer.
pub(crate) const UNCOUNTED_VALUES: usize = 512;
