//! Integration tests on real servers, through the public API.

mod bulk;
mod clocks;
mod commands;
mod connection;
mod contract;
mod counting;
mod cut_off;
mod damage;
mod failover;
mod faults;
mod healing;
mod index;
mod limit;
mod lost_replies;
mod migration;
mod permissions;
mod reach;
mod revocations;
#[cfg(feature = "seal")]
mod sealing;
mod sentinel;
mod setup;
mod storm;
mod support;
#[cfg(feature = "seal")]
mod tampering;
