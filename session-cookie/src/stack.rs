//! The part of the stack that key bytes pass over.

use std::hint::black_box;

/// More than the deepest call below [`wiped`] takes; frames are larger where the compiler does not optimise.
const DEPTH: usize = if cfg!(debug_assertions) { 16 * 1024 } else { 4 * 1024 };

/// Runs `work` and then overwrites the stack that it used.
///
/// Ciphers and hashes wipe what they own when they are dropped, but each move on the way there leaves a copy behind.
pub(crate) fn wiped<R>(work: impl FnOnce() -> R) -> R {
    let result = below(work);
    overwrite();
    result
}

#[inline(never)]
fn below<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[inline(never)]
fn overwrite() {
    black_box(&mut [0_u8; DEPTH]);
}
