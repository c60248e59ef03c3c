//! Sessions in this process.

mod builder;
mod holders;
mod index;
mod limit;
mod pair;
mod revocations;
mod shard;
mod store;
mod writes;
mod yielding;

use std::fmt;
use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use session_core::{MemoryRevocations, Token, TokenSource};

pub use self::builder::MemoryStoreBuilder;
use self::index::Index;
use self::shard::{Key, Shard};

/// Keeps sessions in this process: nothing to set up, nothing left after a restart.
///
/// Made for one process, for development and for tests. Clones share their sessions.
///
/// - **Deadlines are exact.** A session is gone at its deadline, whenever its bytes are removed.
/// - **Expired sessions leave by themselves**, without a background task: whenever one comes or gets another deadline,
///   a few others are looked at and the expired ones removed. Before a store has grown by an eighth, it has looked
///   at every session. [`sweep`](session_core::Store::sweep) removes all of them at once.
/// - **No call pauses for longer because there are more sessions.** Locks are held for a bounded number of
///   them, and what is removed is freed after the lock is.
/// - **A capacity can be set**, and is never exceeded: see [`MemoryStoreBuilder::capacity`].
///
/// A session takes about 90 bytes besides its record.
///
/// ```
/// use session::MemoryStore;
///
/// let store = MemoryStore::new();
/// assert!(store.is_empty());
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Inner>);

struct Inner {
    /// A power of two of them; together they are in the order of their keys.
    shards: Box<[Mutex<Shard>]>,
    index: Arc<Index>,
    /// Sessions held, and those about to be.
    len: AtomicUsize,
    capacity: usize,
    tokens: TokenSource,
    revocations: MemoryRevocations,
}

impl MemoryStore {
    /// A store without a limit to the number of its sessions.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A store with settings of its own.
    pub fn builder() -> MemoryStoreBuilder {
        MemoryStoreBuilder::default()
    }

    /// How many sessions are held, counting expired ones that were not removed yet.
    pub fn len(&self) -> usize {
        self.0.len.load(Ordering::Acquire)
    }

    /// Whether no sessions are held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl Inner {
    fn new(shards: usize, capacity: usize, tokens: TokenSource) -> Self {
        let index = Arc::new(Index::new());
        let shard = || Mutex::new(Shard::new(Arc::clone(&index)));
        let shards = iter::repeat_with(shard).take(shards).collect();
        Self {
            shards,
            index,
            len: AtomicUsize::new(0),
            capacity,
            tokens,
            revocations: MemoryRevocations::new(),
        }
    }

    /// The number of the shard that keeps `key`: its leading bits.
    fn place(&self, key: Key) -> usize {
        let [.., high, low] = (key >> 112).to_be_bytes();
        usize::from(u16::from_be_bytes([high, low])) >> (16 - self.shards.len().ilog2())
    }

    /// The least key of a shard.
    fn start_of(&self, place: usize) -> Option<Key> {
        let shift = Key::BITS - self.shards.len().ilog2();
        (place < self.shards.len()).then(|| (place as Key) << shift)
    }

    /// A shard is whole between any two statements that change it, so a panic under its lock leaves it usable.
    fn lock(&self, place: usize) -> MutexGuard<'_, Shard> {
        self.shards[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one session more, ending another where the store is full.
    fn make_room(&self, place: usize) -> Room<'_> {
        let one_more = |len| (len < self.capacity).then_some(len + 1);
        while self.len.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_err() {
            let mut around = (place..self.shards.len()).chain(0..place);
            let evicted = around.find_map(|place| self.lock(place).evict());
            // The new session takes the place of the evicted one, so the count stays.
            if evicted.is_some() {
                break;
            }
            // Everything counted is about to be inserted by others.
            std::thread::yield_now();
        }
        Room(self)
    }

    fn forget(&self, count: usize) {
        self.len.fetch_sub(count, Ordering::AcqRel);
    }
}

/// One session's place in the count, given back unless the session takes it.
struct Room<'a>(&'a Inner);

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.0.forget(1);
    }
}

/// The key of a token: half of its hash, which is more than anyone could aim at.
fn key(token: &Token) -> Option<Key> {
    let hash = token.store_key()?;
    let half = hash.as_bytes().first_chunk()?;
    Some(Key::from_be_bytes(*half))
}
