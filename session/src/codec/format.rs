//! The formats of field values.

use super::position::Position;

/// The number of bincode in the header of a value, which errors name also without the feature.
pub(super) const BINCODE: u8 = 1;
/// The number of JSON in the header of a value.
pub(super) const JSON: u8 = 2;
/// The number of MessagePack in the header of a value.
pub(super) const MESSAGE_PACK: u8 = 4;
/// The only key of the map that stands for an integer that needs more than 64 bits, in self-describing formats. Other
/// numbers, strings and bytes are never mistaken for one.
pub(super) const WIDE_INTEGER: &str = "128-bit integer";

/// The encoding of a field.
///
/// [`MessagePack`](Codec::MessagePack) and [`Json`](Codec::Json) are self-describing: after a field's type changed, a
/// stored value is decoded with the same meaning or rejected.
#[doc(alias("encoding", "serialization"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// Compact and self-describing: fields of structs and variants of enums are written by name, so they can be added,
    /// removed and reordered, and integers can become wider.
    #[default]
    MessagePack,
    /// Self-describing text, readable in the store. It cannot represent NaN and infinite floats.
    Json,
    /// The most compact, and positional: struct fields and enum variants are identified by their order alone, so bytes of
    /// another type decode to a wrong value. A field with this codec declares a `version`, to be changed with its type.
    #[cfg(feature = "bincode")]
    Bincode,
}

impl Codec {
    /// Returns the codec's number in the header of a value.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::MessagePack => MESSAGE_PACK,
            Self::Json => JSON,
            #[cfg(feature = "bincode")]
            Self::Bincode => BINCODE,
        }
    }

    /// Whether the bytes carry the type of each value and the names of fields and variants.
    pub(super) fn is_self_describing(self) -> bool {
        matches!(self, Self::MessagePack | Self::Json)
    }

    /// Whether an integer that needs more than 64 bits is written as a map with the key [`WIDE_INTEGER`]. JSON writes one
    /// that is a map's key as digits.
    pub(super) fn marks_wide_integers(self, position: Position) -> bool {
        self.is_self_describing() && (self, position) != (Self::Json, Position::Key)
    }
}
