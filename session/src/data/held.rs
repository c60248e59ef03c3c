//! A databag in this library's care.

use std::ops::{Deref, DerefMut};

use crate::databag::Databag;

/// A databag whose secrets are overwritten before it is dropped.
pub(super) struct Held<T> {
    bag: T,
    /// [`Databag::wipe`], by pointer: the accessors of a generic databag hold one without naming its bounds.
    wipe: fn(&mut T),
}

impl<T: Databag> From<T> for Held<T> {
    fn from(bag: T) -> Self {
        Self { bag, wipe: T::wipe }
    }
}

impl<T: Databag> Default for Held<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.bag
    }
}

impl<T> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.bag
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        (self.wipe)(&mut self.bag);
    }
}
