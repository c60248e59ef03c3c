//! Who goes first.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// What one at a time may have, across awaits: who asks when it is free, not who waited longest.
#[derive(Default)]
pub(crate) struct Turn {
    taken: AtomicBool,
    /// Wakes one who waits, or else the next who would.
    given_back: Notify,
}

/// Gives it back when dropped.
pub(crate) struct Taken<'a>(&'a Turn);

impl Turn {
    /// Waits for it. Mostly it is free, so that the wait itself, which is large, is only made when there is one.
    pub(crate) async fn take(&self) -> Taken<'_> {
        loop {
            if let Some(turn) = self.try_take() {
                return turn;
            }
            Box::pin(self.given_back.notified()).await;
        }
    }

    /// Takes it if it is free.
    pub(crate) fn try_take(&self) -> Option<Taken<'_>> {
        if self.taken.swap(true, Ordering::Acquire) { None } else { Some(Taken(self)) }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.taken.store(false, Ordering::Release);
        self.0.given_back.notify_one();
    }
}
