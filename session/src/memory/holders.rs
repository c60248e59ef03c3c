//! The sessions that hold one value.

use session_core::{HandleId, Timestamp};

use super::Inner;
use super::index::Holder;

/// A value of an indexed field, by its name.
pub(super) type Held<'a> = (&'a str, &'a [u8]);

impl Inner {
    /// The live sessions that hold a value, but the one of the handle id `except`. None is left out because it is renewed
    /// at this moment.
    pub(super) fn holders(&self, held: Held<'_>, except: Option<HandleId>, now: Timestamp) -> Vec<Holder> {
        loop {
            let mut moved = false;
            let mut holders = self.index.holders(held);
            holders.retain(|holder| {
                let shard = self.lock(self.place(holder.key));
                let entry = shard.get(holder.key);
                moved |= entry.is_none();
                entry.is_some_and(|entry| entry.is_live(now) && entry.holds(held, except))
            });
            if !moved {
                return holders;
            }
        }
    }

    /// Ends a session if it still is one of those.
    pub(super) fn end_holder(
        &self,
        holder: &Holder,
        held: Held<'_>,
        except: Option<HandleId>,
        now: Timestamp,
    ) -> bool {
        let mut shard = self.lock(self.place(holder.key));
        let holds = shard.live(holder.key, now).is_some_and(|entry| entry.holds(held, except));
        let ended = if holds { shard.remove(holder.key) } else { None };
        drop(shard);
        self.forget(usize::from(ended.is_some()));
        ended.is_some()
    }
}
