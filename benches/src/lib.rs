//! The parts of the measurements; `main.rs` tells how to run them.

#![forbid(unsafe_code)]

pub mod actix;
pub mod app;
pub mod bag;
pub mod instructions;
pub mod route;
pub mod variants;
pub mod work;
