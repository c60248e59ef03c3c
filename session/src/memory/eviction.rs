//! Eviction of sessions from a full store.

use session_core::Timestamp;

use super::entry::Entry;
use super::key::Key;
use super::sessions::Sessions;
use super::shard::Evictable;

impl Sessions {
    /// Evicts a session other than `except`: an expired one of the shard, else one without a principal, else any.
    pub(super) fn evict(&self, shard: usize, except: Option<Key>, now: Timestamp) -> Option<Entry> {
        let expired = self.lock(shard).evict(Evictable::Expired(now), except);
        expired
            .or_else(|| {
                let mut anonymous = self.shards_from(shard).filter(|shard| self.usage.has_anonymous(*shard));
                anonymous.find_map(|shard| self.lock(shard).evict(Evictable::Anonymous, except))
            })
            .or_else(|| {
                self.shards_from(shard).find_map(|shard| self.lock(shard).evict(Evictable::Any, except))
            })
    }

    /// Evicts sessions other than the one just written until all are within the limit in bytes.
    pub(super) fn make_room(&self, written: Key, now: Timestamp) {
        while self.usage.bytes() > self.capacity_bytes {
            let Some(evicted) = self.evict(self.shard_of(written), Some(written), now) else { return };
            self.release(1);
            drop(evicted);
        }
    }
}
