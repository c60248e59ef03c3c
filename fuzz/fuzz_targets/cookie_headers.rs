//! See `session_fuzz::cookie_headers`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session_fuzz::cookie_headers::run(bytes));

#[cfg(not(fuzzing))]
fn main() {}
