//! Tests that run the example programs.

mod csrf;
mod demo;
mod readme;
mod support;
