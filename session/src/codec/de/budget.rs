//! Elements and memory that decoding one value may take.

use std::cell::Cell;

use serde::de::Error;

use crate::codec::limits::UNCOUNTED_VALUES;

/// Elements that may be claimed in addition to one for each byte of input, at least [`UNCOUNTED_VALUES`]: those that
/// take no bytes.
const FREE_ELEMENTS: usize = 1024;
/// Memory in bytes that any value may take.
const BASE_MEMORY: usize = 1 << 20;
/// Memory in bytes that each byte of input adds.
const MEMORY_PER_BYTE: usize = 16;
/// Elements that a collection allocates together with the first: those of a leaf of a `BTreeMap`.
const INITIAL_CAPACITY: usize = 11;
/// The maximum number of elements that a collection preallocates.
const MAX_HINT: usize = 32;

/// The elements and memory that remain, shared by all nested values.
pub(super) struct Budget {
    /// Elements that may be claimed.
    elements: Cell<usize>,
    /// Charges that are not counted: an element and what it points to are two.
    uncounted: Cell<usize>,
    memory: Cell<usize>,
}

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            elements: Cell::new(bytes.saturating_add(FREE_ELEMENTS)),
            uncounted: Cell::new(2 * UNCOUNTED_VALUES),
            memory: Cell::new(bytes.saturating_mul(MEMORY_PER_BYTE).saturating_add(BASE_MEMORY)),
        }
    }

    /// Counts the elements that a sequence or map claims to have. A format without lengths spends at least one byte on
    /// each element, so they need no counting.
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
    pub(super) fn charge_element<T, E: Error>(&self, is_first: bool) -> Result<(), E> {
        let count = if is_first { 1 + INITIAL_CAPACITY } else { 1 };
        self.charge(size_of::<T>().saturating_mul(count))
    }

    /// Charges for memory.
    pub(super) fn charge<E: Error>(&self, size: usize) -> Result<(), E> {
        if let Some(left) = self.uncounted.get().checked_sub(1) {
            self.uncounted.set(left);
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

/// Returns the number of elements to preallocate when the input claims `length`.
pub(super) fn cap_hint(length: Option<usize>) -> Option<usize> {
    length.map(|length| length.min(MAX_HINT))
}
