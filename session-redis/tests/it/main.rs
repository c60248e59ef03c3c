//! Sessions in Redis, through the public interface, on servers of the tests' own.

mod commands;
mod contract;
mod failover;
mod faults;
mod permissions;
#[cfg(feature = "seal")]
mod sealing;
mod setup;
mod support;
