//! The demo site, tested with curl and a cookie jar.

mod devices;
mod failures;
mod keys;
mod live;
mod payment;
mod races;
mod shop;
mod stores;

use std::process::Command;

use crate::support::{Server, Visitor};

/// Returns a fresh key, generated as for production.
fn fresh_key() -> String {
    let output = Command::new("openssl").args(["rand", "-hex", "64"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Returns a command for the demo with only these environment variables set.
fn demo(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.env_remove("DEMO_STORE").env_remove("DEMO_KEY").env("DEMO_LISTEN", "127.0.0.1:0");
    command.envs(variables.iter().copied());
    command
}

pub(crate) fn start(variables: &[(&str, &str)]) -> Server {
    Server::start(&mut demo(variables))
}

fn start_on_cookies(key: &str) -> Server {
    start(&[("DEMO_STORE", "cookie"), ("DEMO_KEY", key)])
}

fn is_signed_in(page: &str, name: &str) -> bool {
    page.contains(&format!("Signed in as <strong>{name}</strong>"))
}

fn is_stranger(page: &str) -> bool {
    page.contains("href=\"/sign-in\">Sign in</a>")
}

/// Returns the home page as it is shown to whoever presents this token.
fn home_with(token: &str, visitor: &Visitor<'_>) -> String {
    visitor.curl("/", &["--header", &format!("Cookie: session={token}")])
}
