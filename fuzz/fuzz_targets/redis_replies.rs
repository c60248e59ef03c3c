//! See `session_fuzz::redis_replies`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session_fuzz::redis_replies::run(bytes));

#[cfg(not(fuzzing))]
fn main() {}
