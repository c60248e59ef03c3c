//! See `session_fuzz::patches`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session_fuzz::patches::run(bytes));

#[cfg(not(fuzzing))]
fn main() {}
