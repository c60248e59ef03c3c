//! The formats of stored values, and the limits that writing and reading share.

/// The most bytes that one field may take.
pub(crate) const MAX_VALUE: usize = 4 << 20;
/// How deep values nest: every sequence, map, struct, enum, variant's content, newtype and `Some` is one level.
pub(crate) const MAX_DEPTH: usize = 128;
/// The size in memory from which a value that is read counts as two levels, then three and so on: large values take
/// more of the stack.
pub(crate) const LEVEL_SIZE: usize = 256;
/// The most levels that one value counts as.
pub(crate) const MAX_LEVELS: usize = 8;
/// How many values are read whatever they take: more than most fields have.
pub(crate) const FREE_VALUES: usize = 512;
/// The name of the only member of what stands for an integer that 64 bits do not hold. Other numbers, texts and bytes
/// are never taken for one.
pub(crate) const WIDE_INTEGER: &str = "128-bit integer";

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    MessagePack,
    Json,
    #[cfg(feature = "bincode")]
    Bincode,
}

impl Format {
    /// Whether bytes say the kind of what they hold, and the names of members and variants.
    pub(crate) fn is_self_describing(self) -> bool {
        matches!(self, Self::MessagePack | Self::Json)
    }
}

/// Where a value stands in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An element, a member, a map's value, or the whole.
    Value,
    /// A map's key.
    Key,
    /// The name of a struct's member or of an enum's variant.
    Name,
    /// The content of a `Some`.
    Some,
}
