//! The programs, run as a user runs them.

mod csrf;
mod demo;
mod readme;
mod support;
