//! Sessions, through the public interface.

mod connection;
mod cookie_age;
mod cookie_attributes;
mod lifecycle;
mod support;
