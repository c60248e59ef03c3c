//! The ways to make a session live longer.

use super::fixture::MINUTE;
use crate::{Deadlines, Meta, Patch, Store, StoreError, Timestamp, Token, WriteOutcome};

/// A write that extends the idle deadline of a session and leaves it its values.
#[derive(Clone, Copy)]
pub(super) enum Extend {
    Touch,
    Update,
    SetDeadlines,
    Renew,
}

impl Extend {
    pub(super) const ALL: [Self; 4] = [Self::Touch, Self::Update, Self::SetDeadlines, Self::Renew];

    pub(super) async fn run<S: Store>(
        self,
        store: &S,
        token: &Token,
        meta: Meta,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let later = meta.idle_deadline.after(30 * MINUTE);
        let patch = Patch::new().set("name", *b"new");
        match self {
            Self::Touch => store.touch(token, later, now).await,
            Self::Update => store.update(token, &patch.touch(later), now).await,
            Self::SetDeadlines => {
                let deadlines = Deadlines { idle_deadline: later, ..meta.into() };
                store.update(token, &patch.set_deadlines(deadlines), now).await
            }
            Self::Renew => store.renew(token, &patch.touch(later), now).await,
        }
    }
}
