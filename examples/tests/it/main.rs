//! Tests that run the example programs.

mod actix;
mod csrf;
mod demo;
mod oauth;
mod readme;
mod support;
