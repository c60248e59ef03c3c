//! Benchmarks of this library and others with the same application. `main.rs` documents the command line.

#![forbid(unsafe_code)]

pub mod actix;
pub mod allocations;
pub mod app;
pub mod carts;
pub mod concurrency;
pub mod cookies;
pub mod crypto;
mod error_response;
pub mod goals;
pub mod http;
pub mod instructions;
pub mod lines;
pub mod load_generator;
pub mod machine;
pub mod many_sessions;
pub mod process;
pub mod rate;
pub mod redis_throughput;
pub mod redis_traffic;
pub mod report;
pub mod route;
pub mod session_data;
pub mod sql;
pub mod table;
pub mod thread_time;
pub mod time;
pub mod unused_features;
pub mod variants;
pub mod workload;
