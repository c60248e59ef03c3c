//! The change of one field.

use std::fmt;

/// The change of one field.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// Sets the field to these bytes.
    Set(Vec<u8>),
    /// Removes the field.
    Remove,
    /// Removes the field if its value before this patch is exactly `expected`; otherwise leaves it.
    ///
    /// A different value is not a conflict: a value that was written since the load is kept.
    RemoveIf {
        /// The value that was loaded.
        expected: Vec<u8>,
    },
    /// Adds to a counter, starting from its value at the time of the write and saturating at `min` and `max`.
    ///
    /// A field that is absent, dropped by the same patch or not a counter counts as zero.
    #[doc(alias = "increment")]
    Add {
        /// The number to add, negative to subtract.
        by: i64,
        /// The minimum of the counter's type.
        min: i64,
        /// The maximum of the counter's type.
        max: i64,
        /// Whether the sum is marked as [kept](crate::value::is_kept).
        keep: bool,
    },
    /// Sets the field to `value` if it holds `expected`; otherwise the whole patch is a conflict.
    ///
    /// `None` stands for an absent field. `expected` is compared with the value before this patch, even if the patch
    /// drops the field.
    #[doc(alias = "cas")]
    #[doc(alias = "compare and swap")]
    CompareAndSet {
        /// The value that was loaded.
        expected: Option<Vec<u8>>,
        /// The value to write.
        value: Option<Vec<u8>>,
    },
}

impl Change {
    /// Returns the value that the field is set to, if it is known before the write.
    pub(crate) fn value(&self) -> Option<&[u8]> {
        match self {
            Self::Set(value) => Some(value),
            Self::CompareAndSet { value, .. } => value.as_deref(),
            Self::Remove | Self::RemoveIf { .. } | Self::Add { .. } => None,
        }
    }

    /// Returns an upper bound for the bytes of the value.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Add { .. } => 24,
            _ => self.value().map_or(0, <[u8]>::len),
        }
    }
}

impl fmt::Debug for Change {
    /// Writes the kind of change without its bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Set(_) => "Set(***)",
            Self::Remove => "Remove",
            Self::RemoveIf { .. } => "RemoveIf(***)",
            Self::Add { .. } => "Add(***)",
            Self::CompareAndSet { .. } => "CompareAndSet(***)",
        })
    }
}
