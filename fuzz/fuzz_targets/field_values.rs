//! See `session_fuzz::field_values`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session_fuzz::field_values::run(bytes));

#[cfg(not(fuzzing))]
fn main() {}
