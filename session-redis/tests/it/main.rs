//! Integration tests on real servers, through the public API.

mod bulk;
mod clocks;
mod commands;
mod connection;
mod contract;
mod counting;
mod damage;
mod failover;
mod faults;
mod index;
mod index_repair;
mod interrupted_clients;
mod limit;
mod lost_replies;
mod migration;
mod permissions;
mod reach;
mod revocations;
#[cfg(feature = "seal")]
mod sealed_form;
#[cfg(feature = "seal")]
mod sealing;
mod sentinel;
mod setup;
mod stress;
mod support;
#[cfg(feature = "seal")]
mod tampering;
