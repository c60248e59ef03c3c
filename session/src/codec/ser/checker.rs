//! Counts and checks while a value is serialized.

use std::cell::Cell;

use serde::ser::Error;

use crate::codec::format::Codec;
use crate::codec::limits::{MAX_DEPTH, MAX_LEVELS, MAX_SIZE, UNCOUNTED_VALUES};
use crate::codec::position::Position;

/// The nesting depth up to which a value decodes whatever the size of its types.
const SAFE_DEPTH: usize = MAX_DEPTH / MAX_LEVELS;

/// Counts and checks of one value that is being serialized.
pub(in crate::codec) struct Checker {
    codec: Codec,
    values: Cell<usize>,
    max_depth: Cell<usize>,
    has_wide_integers: Cell<bool>,
    refusal: Cell<Option<&'static str>>,
}

impl Checker {
    pub(in crate::codec) fn new(codec: Codec) -> Self {
        Self {
            codec,
            values: Cell::new(0),
            max_depth: Cell::new(0),
            has_wide_integers: Cell::new(false),
            refusal: Cell::new(None),
        }
    }

    /// Wraps a value so that it is checked when it is serialized.
    pub(in crate::codec) fn check<'a, T>(&'a self, value: &'a T) -> Checked<'a, &'a T> {
        Context { checker: self, depth: 0, position: Position::Value }.apply_to(value)
    }

    /// Returns why the value was rejected, if a check did.
    pub(in crate::codec) fn refusal(&self) -> Option<&'static str> {
        self.refusal.get()
    }

    /// Whether the value can be verified only by decoding it: it is large or deep, or has integers of 128 bits, which
    /// serde cannot buffer.
    pub(in crate::codec) fn needs_verification(&self) -> bool {
        self.values.get() > UNCOUNTED_VALUES
            || self.max_depth.get() > SAFE_DEPTH
            || self.has_wide_integers.get()
    }
}

/// A value that is checked when it is serialized, or the serializer that it is given to.
pub(in crate::codec) struct Checked<'a, T> {
    pub(super) inner: T,
    pub(super) context: Context<'a>,
}

/// The position that serialization has reached in the value.
#[derive(Clone, Copy)]
pub(in crate::codec) struct Context<'a> {
    checker: &'a Checker,
    depth: usize,
    position: Position,
}

impl<'a> Context<'a> {
    pub(super) fn apply_to<T>(self, inner: T) -> Checked<'a, T> {
        Checked { inner, context: self }
    }

    pub(super) fn at(self, position: Position) -> Self {
        Self { position, ..self }
    }

    /// The context of an `Option`'s content. A key that is an `Option` is written as its content.
    pub(super) fn at_some(self) -> Self {
        if self.position == Position::Key { self } else { self.at(Position::Some) }
    }

    pub(super) fn is_json(self) -> bool {
        self.checker.codec == Codec::Json
    }

    fn refuse<E: Error>(self, reason: &'static str) -> E {
        self.checker.refusal.set(Some(reason));
        E::custom(reason)
    }

    /// Counts a value.
    pub(super) fn count<E: Error>(self) -> Result<(), E> {
        let values = self.checker.values.get() + 1;
        self.checker.values.set(values);
        if values > MAX_SIZE {
            Err(self.refuse("it has more elements than a field may have bytes"))
        } else {
            Ok(())
        }
    }

    /// Counts a value that nests by `levels`, and returns the context inside it.
    pub(super) fn enter<E: Error>(self, levels: usize) -> Result<Self, E> {
        self.count()?;
        let depth = self.depth + levels;
        if depth > MAX_DEPTH {
            return Err(self.refuse("it nests more than 128 levels deep"));
        }
        self.checker.max_depth.set(self.checker.max_depth.get().max(depth));
        Ok(Self { depth, ..self })
    }

    /// Counts a value that is written like `None`, and rejects it as the content of a `Some`.
    pub(super) fn count_null<E: Error>(self) -> Result<(), E> {
        if self.position == Position::Some && self.checker.codec.is_self_describing() {
            return Err(self.refuse(
                "`Some` of a value that is written like `None`, such as `Some(None)`, would be read as `None`; use an enum with a \
                 variant for each case",
            ));
        }
        self.count()
    }

    /// Counts a float.
    pub(super) fn count_float<E: Error>(self, is_finite: bool) -> Result<(), E> {
        if self.is_json() && !is_finite {
            return Err(self.refuse("JSON has no NaN and no infinity; leave out `codec = \"json\"`"));
        }
        self.count()
    }

    /// Counts a 128-bit integer, and returns whether one that needs more than 64 bits is written as a map with the key
    /// [`WIDE_INTEGER`](crate::codec::format::WIDE_INTEGER).
    pub(super) fn count_wide_integer<E: Error>(self) -> Result<bool, E> {
        self.count()?;
        self.checker.has_wide_integers.set(true);
        Ok(self.checker.codec.marks_wide_integers(self.position))
    }
}
