//! The limits at one position of the input, and the wrapper that applies them.

use serde::de::Error;

use super::budget::Budget;
use crate::codec::format::Codec;
use crate::codec::limits::{LEVEL_SIZE, MAX_DEPTH, MAX_LEVELS};
use crate::codec::position::Position;

/// The limits that remain at one position of the input.
#[derive(Clone, Copy)]
pub(super) struct Limits<'a> {
    pub(super) codec: Codec,
    pub(super) position: Position,
    /// The levels that may still be entered.
    depth: usize,
    /// The size that was charged for the memory of the value here; a larger type is allocated on its own.
    charged: usize,
    /// Shared by all positions.
    pub(super) budget: &'a Budget,
}

impl<'a> Limits<'a> {
    /// The limits of a whole `T`.
    pub(super) fn new<T>(codec: Codec, budget: &'a Budget) -> Self {
        Self { codec, position: Position::Value, depth: MAX_DEPTH, charged: size_of::<T>(), budget }
    }

    pub(super) fn apply_to<T>(self, inner: T) -> Limited<'a, T> {
        Limited { inner, limits: self }
    }

    /// The limits of a `T` at another position.
    pub(super) fn at<T>(self, position: Position) -> Self {
        Self { position, charged: size_of::<T>(), ..self }
    }

    /// The limits inside a `T`.
    pub(super) fn enter<T, E: Error>(self) -> Result<Self, E> {
        let levels = 1 + (size_of::<T>() / LEVEL_SIZE).min(MAX_LEVELS - 1);
        match self.depth.checked_sub(levels) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(E::custom("the value nests too deep")),
        }
    }

    /// Charges for a `T` that is allocated on its own, such as in a `Box`.
    #[inline]
    pub(super) fn allocate<T, E: Error>(self) -> Result<Self, E> {
        if size_of::<T>() <= self.charged {
            return Ok(self);
        }
        self.budget.charge(size_of::<T>())?;
        Ok(Self { charged: size_of::<T>(), ..self })
    }

    /// Whether the format writes a name here.
    pub(super) fn is_written_identifier(self) -> bool {
        self.position == Position::Identifier && self.codec.is_self_describing()
    }
}

/// A deserializer, seed or accessor under limits.
pub(super) struct Limited<'a, T> {
    pub(super) inner: T,
    pub(super) limits: Limits<'a>,
}
