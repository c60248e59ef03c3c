//! Sessions in Redis, through the public interface, on servers of the tests' own.

mod contract;
mod support;
