//! The part of the stack that key bytes pass over.

use std::hint::black_box;

/// Frames to clear, a quarter more than the calls below [`wiped`] take: keys of AES lie four times side by side in wide
/// registers, which makes it 11 KB where the compiler optimises and 13 KB where it does not.
const DEPTH: usize = if cfg!(debug_assertions) { 12 } else { 7 };
/// Bytes in each frame.
const FRAME: usize = 2048;

/// Runs `work` and then overwrites the stack that it used.
///
/// Ciphers and hashes wipe what they own when they are dropped, but each move on the way there leaves a copy behind.
pub fn wiped<R>(work: impl FnOnce() -> R) -> R {
    let result = below(work);
    overwrite(DEPTH);
    result
}

#[inline(never)]
fn below<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Clears that many frames.
#[inline(never)]
fn overwrite(depth: usize) {
    let mut frame = [0_u8; FRAME];
    black_box(&mut frame);
    if depth > 1 {
        overwrite(depth - 1);
    }
    // Keeps the frame in place until those below are done.
    black_box(&mut frame);
}
