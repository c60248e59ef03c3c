//! Sessions in Redis, through the public interface, on servers of the tests' own.

mod commands;
mod contract;
mod cut_off;
mod failover;
mod faults;
mod migration;
mod permissions;
#[cfg(feature = "seal")]
mod sealing;
mod setup;
mod support;
