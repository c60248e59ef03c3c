//! Sessions, through the public interface.

mod after_response;
mod by_hand;
mod caching;
mod config;
mod connection;
mod cookie_age;
mod cookie_attributes;
mod header_transport;
mod lifecycle;
mod presented_tokens;
mod support;
mod tower;
