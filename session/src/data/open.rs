//! Data that is locked.

use std::mem;
use std::ops::{Deref, DerefMut};
use std::thread;

use super::lock::Guard;
use super::tracked::Tracked;

/// The lock on a session's data. When it is released, the hook is called with the fields that could not be read
/// meanwhile, if there is a hook.
pub(super) struct Open<'a, T>(Option<Guard<'a, Tracked<T>>>);

impl<'a, T> Open<'a, T> {
    pub(super) fn new(guard: Guard<'a, Tracked<T>>) -> Self {
        Self(Some(guard))
    }
}

impl<T> Deref for Open<'_, T> {
    type Target = Tracked<T>;

    fn deref(&self) -> &Tracked<T> {
        self.0.as_deref().expect("the lock is released on drop")
    }
}

impl<T> DerefMut for Open<'_, T> {
    fn deref_mut(&mut self) -> &mut Tracked<T> {
        self.0.as_deref_mut().expect("the lock is released on drop")
    }
}

impl<T> Drop for Open<'_, T> {
    fn drop(&mut self) {
        let Some(mut tracked) = self.0.take() else { return };
        // A hook that panicked while a closure's panic is under way would end the process.
        if tracked.ignored.is_empty() || thread::panicking() {
            return;
        }
        let Some(hook) = tracked.on_ignored.clone() else { return };
        let ignored = mem::take(&mut tracked.ignored);
        drop(tracked);
        for field in ignored {
            hook(field);
        }
    }
}
