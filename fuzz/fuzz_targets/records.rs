//! See `session_fuzz::records`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session_fuzz::records::run(bytes));

#[cfg(not(fuzzing))]
fn main() {}
