//! The demo site in Chromium.

mod accessibility;
mod chromium;
mod devices;
mod layout;
mod live;
mod screenshot;
mod shopping;
mod webdriver;

use std::process::Command;

use crate::support::Server;

/// Starts the demo on the memory store.
fn start() -> Server {
    start_on("memory")
}

/// Starts the demo on a store as in `DEMO_STORE`.
fn start_on(store: &str) -> Server {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    Server::start(demo.env("DEMO_STORE", store).env_remove("DEMO_KEY").env("DEMO_LISTEN", "127.0.0.1:0"))
}
