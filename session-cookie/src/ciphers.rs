//! Ciphers that are ready to use.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use session_core::__keys::wiped;

/// As many threads seal and open side by side without sharing anything they write to.
const SLOTS: usize = 32;

thread_local! {
    /// Which slot this thread uses, of any key.
    static SLOT: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % SLOTS
    };
}

/// The ciphers that one key made, kept because making one is a tenth of what it costs to seal a small session.
#[derive(Default)]
pub(crate) struct Ciphers(Box<[Slot; SLOTS]>);

/// Boxed inside, because moving a cipher would leave a copy behind: it wipes itself where it is dropped.
#[derive(Default)]
#[repr(align(128))]
struct Slot(Mutex<Option<Box<Aes256Siv>>>);

impl Ciphers {
    /// Runs `work` with a cipher of this key, which is the same in each call. Nobody waits: when another thread is in the
    /// slot, the cipher is made for this once.
    pub(crate) fn with<R>(&self, key: &[u8; 64], work: impl FnOnce(&mut Aes256Siv) -> R) -> R {
        wiped(|| match self.0[SLOT.with(|slot| *slot)].0.try_lock() {
            Ok(mut slot) => work(slot.get_or_insert_with(|| fresh(key))),
            Err(_) => work(&mut fresh(key)),
        })
    }
}

/// Apart from its callers, so that what it takes of the stack does not add to what using the cipher takes.
#[cold]
#[inline(never)]
fn fresh(key: &[u8; 64]) -> Box<Aes256Siv> {
    Box::new(Aes256Siv::new(key.into()))
}
