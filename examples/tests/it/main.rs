//! The programs, run as a user runs them.

mod demo;
mod readme;
mod support;
