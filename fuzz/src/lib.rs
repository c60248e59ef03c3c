//! Fuzz targets, as functions of the input's bytes.
//!
//! Each module has a function `run`, which panics when a guarantee is violated, and `seeds`, the initial corpus. The
//! programs in `fuzz_targets` pass `run` to libFuzzer: `cargo +nightly fuzz run records`. The tests run it on a few
//! thousand reproducible inputs, with any compiler.

#![forbid(unsafe_code)]

pub mod cookie_headers;
pub mod field_values;
pub mod open_arbitrary;
pub mod open_mutated;
pub mod patches;
pub mod records;
pub mod redis_replies;

mod input;
mod resp;
mod sealing;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future that does no I/O to completion and returns its output.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
