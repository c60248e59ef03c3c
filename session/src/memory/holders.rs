//! The sessions that hold one value.

use session_core::{HandleId, Timestamp};

use super::Inner;
use super::index::Holder;
use super::shard::Key;

/// A value of an indexed field, by its name.
pub(super) type Held<'a> = (&'a str, &'a [u8]);

/// Which of the sessions that hold a value.
#[derive(Clone, Copy)]
pub(super) enum Which {
    All,
    But(HandleId),
    Only(HandleId),
}

impl Which {
    pub(super) fn includes(self, id: HandleId) -> bool {
        match self {
            Self::All => true,
            Self::But(other) => id != other,
            Self::Only(one) => id == one,
        }
    }
}

impl Inner {
    /// The live sessions of `which` that hold a value. None is left out because it is renewed at this moment.
    pub(super) fn holders(&self, held: Held<'_>, which: Which, now: Timestamp) -> Vec<Holder> {
        loop {
            let mut moved = false;
            let mut holders = self.index.holders(held);
            holders.retain(|holder| {
                let shard = self.lock(self.place(holder.key));
                let entry = shard.get(holder.key);
                moved |= entry.is_none();
                entry.is_some_and(|entry| entry.is_live(now) && entry.holds(Some(held), which))
            });
            if !moved {
                return holders;
            }
        }
    }

    /// Ends the session under a key if it is one of `which` and holds what it should, and tells whether it was live.
    pub(super) fn end(&self, key: Key, held: Option<Held<'_>>, which: Which, now: Timestamp) -> bool {
        let mut shard = self.lock(self.place(key));
        let holds = shard.get(key).is_some_and(|entry| entry.holds(held, which));
        let ended = if holds { shard.remove(key) } else { None };
        drop(shard);
        self.forget(usize::from(ended.is_some()));
        ended.is_some_and(|ended| ended.is_live(now))
    }
}
