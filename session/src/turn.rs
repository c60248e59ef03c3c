//! Who goes first.

use tokio::sync::{Mutex, MutexGuard};

/// What one at a time may have, across awaits.
pub(crate) struct Turn(Mutex<()>);

impl Turn {
    pub(crate) fn new() -> Self {
        Self(Mutex::const_new(()))
    }

    /// Waits for it. Mostly it is free, so that the wait itself, which is large, is only made when there is one.
    pub(crate) async fn take(&self) -> MutexGuard<'_, ()> {
        match self.try_take() {
            Some(turn) => turn,
            None => Box::pin(self.0.lock()).await,
        }
    }

    /// Takes it if it is free.
    pub(crate) fn try_take(&self) -> Option<MutexGuard<'_, ()>> {
        self.0.try_lock().ok()
    }
}
