//! A small shop: login, a cart, flash messages, logout of this session or of others.
//!
//! `cargo run -p examples --bin demo` listens on 127.0.0.1:3000, or on the address in `DEMO_LISTEN`, and stores
//! sessions in memory, or in the store that `DEMO_STORE` selects.

mod handlers;
mod pages;
mod signed_in;
mod store;
mod visitor;

use std::env;
use std::io;
use std::process::ExitCode;

use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::store::Failure;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Failure> {
    let sessions = store::sessions().await?;
    let site = Router::new()
        .route("/", get(handlers::home))
        .route("/sign-in", get(handlers::sign_in_form).post(handlers::sign_in))
        .route("/cart", get(handlers::cart).post(handlers::add_to_cart))
        .route("/cart/clear", post(handlers::clear_cart))
        .route("/sign-out", post(handlers::sign_out))
        .route("/signed-in", get(signed_in::list))
        .route("/signed-in/end", post(signed_in::end))
        .route("/signed-in/end-others", post(signed_in::end_others))
        .layer(sessions.layer())
        .with_state(sessions);

    let address = env::var("DEMO_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, site).await?;
    Ok(())
}
