//! Tests that the application behaves the same on every library.

mod sql;
mod workload;
