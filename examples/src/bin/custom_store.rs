//! A custom store, checked against the contract: `cargo run -p examples --bin custom_store`
//!
//! The program is the one in the documentation of `session-core`.

include!("../../../session-core/src/docs/custom_store.rs");
