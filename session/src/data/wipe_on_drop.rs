//! A databag that is zeroised on drop.

use std::ops::{Deref, DerefMut};

use crate::databag::Databag;

/// A databag whose secrets are zeroised on drop.
#[derive(Default)]
pub(super) struct WipeOnDrop<T: Databag>(T);

impl<T: Databag> From<T> for WipeOnDrop<T> {
    fn from(bag: T) -> Self {
        Self(bag)
    }
}

impl<T: Databag> Deref for WipeOnDrop<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Databag> DerefMut for WipeOnDrop<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Databag> Drop for WipeOnDrop<T> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}
