//! Sessions, through the public interface.

mod after_response;
mod by_hand;
mod caching;
mod config;
mod connection;
mod cookie_age;
mod cookie_attributes;
mod default;
mod derive;
mod expiry;
mod handle;
mod header_transport;
mod lifecycle;
mod listeners;
mod manager;
mod memory;
mod original;
mod presented_tokens;
mod renewal;
mod secrecy;
mod support;
mod tokens;
mod tower;
