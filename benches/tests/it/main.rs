//! Tests that the application behaves the same on every library.

mod lines;
mod sql;
mod workload;
