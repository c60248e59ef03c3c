//! See `session_fuzz::open_mutated`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session_fuzz::open_mutated::run(bytes));

#[cfg(not(fuzzing))]
fn main() {}
