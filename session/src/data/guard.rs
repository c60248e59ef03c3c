//! Locked data that reports unreadable fields when it is unlocked.

use std::mem;
use std::ops::{Deref, DerefMut};
use std::thread;

use super::contents::Contents;
use super::lock;

/// The locked data of a session. On drop, calls the hook with the fields that could not be read meanwhile.
pub(crate) struct Guard<'a>(Option<lock::Guard<'a, Contents>>);

impl<'a> Guard<'a> {
    /// Wraps a lock guard, and brings the record up to date.
    pub(crate) fn new(mut contents: lock::Guard<'a, Contents>) -> Self {
        contents.catch_up();
        Self(Some(contents))
    }

    /// Wraps a lock guard, for operations that do not need the record.
    pub(crate) fn without_record(contents: lock::Guard<'a, Contents>) -> Self {
        Self(Some(contents))
    }
}

impl Deref for Guard<'_> {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        self.0.as_deref().expect("the lock is released on drop")
    }
}

impl DerefMut for Guard<'_> {
    fn deref_mut(&mut self) -> &mut Contents {
        self.0.as_deref_mut().expect("the lock is released on drop")
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.0.as_ref().is_some_and(|contents| !contents.base.unreadable.is_empty()) {
            self.report_unreadable();
        }
    }
}

impl Guard<'_> {
    #[cold]
    fn report_unreadable(&mut self) {
        // A panic of the hook during a panic of the closure would abort the process.
        let Some(mut contents) = self.0.take().filter(|_| !thread::panicking()) else { return };
        let Some(hook) = contents.base.on_unreadable.clone() else { return };
        let fields = mem::take(&mut contents.base.unreadable);
        drop(contents);
        for field in fields {
            hook(field);
        }
    }
}
