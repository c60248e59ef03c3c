//! Tests that run the example programs.

mod actix;
mod adapters;
mod browser;
mod csrf;
mod demo;
mod oauth;
mod readme;
mod support;
