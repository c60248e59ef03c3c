//! The data of one session with its lock, and the report of changes that were never saved.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use super::Data;
use super::lock::{Guard, Lock};
use super::tracked::Tracked;
use crate::databag::Databag;
use session_core::Patch;

/// Receives the report that changes were dropped unsaved.
pub trait OnUnsaved: Send + Sync {
    /// Called once, when the last owner of changed data is dropped.
    fn unsaved(&self);
}

/// What all clones of one [`Data`] share.
pub(super) struct Shared<T> {
    tracked: Lock<Tracked<T>>,
    /// Outside of the lock: it is set where a closure under the lock may be the caller.
    report: OnceLock<Report<T>>,
}

struct Report<T> {
    /// [`Tracked::has_changes`], by pointer: the accessors of a generic databag hold one without naming its bounds.
    has_changes: fn(&mut Tracked<T>) -> bool,
    receiver: Arc<dyn OnUnsaved>,
}

impl<T> Shared<T> {
    pub(super) fn new(tracked: Tracked<T>) -> Self {
        Self { tracked: Lock::new(tracked), report: OnceLock::new() }
    }

    pub(super) fn lock(&self) -> Guard<'_, Tracked<T>> {
        self.tracked.lock()
    }

    /// `None` inside a closure that the calling thread runs under the lock.
    pub(super) fn lock_unless_held(&self) -> Option<Guard<'_, Tracked<T>>> {
        self.tracked.lock_unless_held()
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        let Some(Report { has_changes, receiver }) = self.report.take() else { return };
        let tracked = self.tracked.get_mut();
        // Fields are encoded to compare them, by code of the application, whose panic must not meet another that unwinds.
        let changed = catch_unwind(AssertUnwindSafe(|| has_changes(tracked))).unwrap_or_else(|payload| {
            mem::forget(payload);
            true
        });
        if changed {
            receiver.unsaved();
        }
    }
}

impl<T: Databag> Data<T> {
    /// Whether fields differ from the record, or cannot be encoded to see.
    pub fn has_changes(&self) -> bool {
        self.0.lock().has_changes()
    }

    /// From now on nobody saves the data: changes that there are when its last owner is dropped are reported.
    pub fn report_unsaved(&self, receiver: Arc<dyn OnUnsaved>) {
        // A second report would say the same.
        let _ = self.0.report.set(Report { has_changes: Tracked::has_changes, receiver });
    }
}

impl<T: Databag> Tracked<T> {
    fn has_changes(&mut self) -> bool {
        if !self.is_written() {
            return false;
        }
        self.catch_up();
        self.patch(false).as_ref().map_or(true, Patch::changes_fields)
    }
}
