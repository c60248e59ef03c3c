//! Zeroisation of the stack after work with secret keys.

use std::hint::black_box;

/// Frames to overwrite: a quarter more stack than the calls below [`with_stack_wiped`] use. AES round keys lie four
/// times side by side in wide registers, so those calls use 11 KB in optimised builds and 13 KB in debug builds.
const DEPTH: usize = if cfg!(debug_assertions) { 12 } else { 7 };
/// Bytes of each frame.
const FRAME: usize = 2048;

/// Runs `work` and then overwrites the part of the stack that it used.
///
/// Ciphers and hashes zeroise themselves on drop, but every move before that may leave a copy on the stack.
pub fn with_stack_wiped<R>(work: impl FnOnce() -> R) -> R {
    let result = below(work);
    overwrite(DEPTH);
    result
}

#[inline(never)]
fn below<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Overwrites `depth` frames.
#[inline(never)]
fn overwrite(depth: usize) {
    let mut frame = [0_u8; FRAME];
    black_box(&mut frame);
    if depth > 1 {
        overwrite(depth - 1);
    }
    // Keeps this frame alive until the deeper ones are overwritten.
    black_box(&mut frame);
}
