//! Sessions, through the public interface.

mod after_response;
mod by_hand;
mod caching;
mod changes;
mod config;
mod connection;
mod cookie_age;
mod cookie_attributes;
mod decoding;
mod default;
mod derive;
mod expiry;
mod failed_response;
mod gone;
mod handle;
mod header_transport;
mod late;
mod lifecycle;
mod listeners;
mod manager;
mod meaning;
mod memory;
mod model;
mod original;
mod outage;
mod overlap;
mod presented_tokens;
mod reload;
mod renewal;
#[cfg(feature = "cookie")]
mod sealed;
mod secrecy;
mod support;
mod tokens;
mod tower;
mod turns;
