//! The parts of the measurements; `main.rs` tells how to run them.

#![forbid(unsafe_code)]

pub mod actix;
pub mod allocations;
pub mod app;
pub mod bag;
pub mod child;
pub mod instructions;
pub mod route;
pub mod table;
pub mod time;
pub mod variants;
pub mod work;
