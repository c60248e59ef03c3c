//! A mutex that panics with a message, instead of deadlocking, when its thread locks it again.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A short lock. A panic under it does not poison it: the value is valid at every step.
pub(crate) struct Lock<T> {
    value: Mutex<T>,
    /// The thread that holds the lock, as [`this_thread`] names it; zero for none.
    holder: AtomicUsize,
}

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Mutex::new(value), holder: AtomicUsize::new(0) }
    }

    /// # Panics
    ///
    /// When the calling thread holds the lock already.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        let Some(guard) = self.lock_unless_held() else {
            panic!(
                "the session's data was used inside a closure given to its own `read` or `update_…` method: \
                 take what you need out of the closure, or use the closure's argument"
            );
        };
        guard
    }

    /// `None` when the calling thread holds the lock already.
    pub(crate) fn lock_unless_held(&self) -> Option<Guard<'_, T>> {
        let thread = current_thread();
        // Only this thread stores its own name here, so it never reads a stale value of it.
        if self.holder.load(Ordering::Relaxed) == thread {
            return None;
        }
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        self.holder.store(thread, Ordering::Relaxed);
        Some(Guard { value, holder: &self.holder })
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Guard<'a, T> {
    value: MutexGuard<'a, T>,
    holder: &'a AtomicUsize,
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.holder.store(0, Ordering::Relaxed);
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// A number that names the running thread: the address of one of its own variables, never zero.
#[inline]
fn current_thread() -> usize {
    thread_local!(static MARKER: u8 = const { 0 });
    MARKER.with(|marker| std::ptr::from_ref(marker).addr())
}
