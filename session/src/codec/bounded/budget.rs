//! What decoding one value may take.

use std::cell::Cell;

use serde::de::Error;

use crate::codec::format::FREE_VALUES;

/// How many elements may be claimed beyond one for each byte, at least [`FREE_VALUES`]: those that take none.
const FREE_ELEMENTS: usize = 1024;
/// The memory that any value may take, in bytes.
const BASE: usize = 1 << 20;
/// The memory that each byte of the input allows besides.
const PER_BYTE: usize = 16;
/// The elements that collections make room for with the first: those of a leaf of a `BTreeMap`.
const FIRST: usize = 11;
/// The most elements for which room is made before they are there.
const MAX_HINT: usize = 32;

/// Elements and memory, used up together wherever in the value.
pub(super) struct Budget {
    /// Elements that may be claimed: one for each byte, and some that take none.
    elements: Cell<usize>,
    /// Charges that are free: an element and what it points to are two.
    free: Cell<usize>,
    memory: Cell<usize>,
}

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            elements: Cell::new(bytes.saturating_add(FREE_ELEMENTS)),
            free: Cell::new(2 * FREE_VALUES),
            memory: Cell::new(bytes.saturating_mul(PER_BYTE).saturating_add(BASE)),
        }
    }

    /// Takes the elements that a sequence or map claims to have. A format that tells no length spends at least a byte on
    /// each, and needs no counting.
    pub(super) fn claim<E: Error>(&self, length: Option<usize>) -> Result<(), E> {
        match self.elements.get().checked_sub(length.unwrap_or(0)) {
            Some(left) => {
                self.elements.set(left);
                Ok(())
            }
            None => Err(E::custom("the value claims more elements than its bytes can hold")),
        }
    }

    /// Charges for an element of a collection.
    pub(super) fn element<T, E: Error>(&self, is_first: bool) -> Result<(), E> {
        let count = if is_first { 1 + FIRST } else { 1 };
        self.charge(size_of::<T>().saturating_mul(count))
    }

    /// Charges for memory.
    pub(super) fn charge<E: Error>(&self, size: usize) -> Result<(), E> {
        if let Some(free) = self.free.get().checked_sub(1) {
            self.free.set(free);
            return Ok(());
        }
        match self.memory.get().checked_sub(size) {
            Some(left) => {
                self.memory.set(left);
                Ok(())
            }
            None => Err(E::custom("the value takes too much memory for its bytes")),
        }
    }
}

/// The elements for which to make room, when so many are claimed.
pub(super) fn hint(length: Option<usize>) -> Option<usize> {
    length.map(|length| length.min(MAX_HINT))
}
