//! A small shop that shows what sessions do: a cart that survives signing in, notices, "remember me", a list of devices,
//! a one-time code, races of concurrent requests, and a store that can be stopped.
//!
//! `cargo run -p examples --bin demo` listens on 127.0.0.1:3000, or on the address in `DEMO_LISTEN`, and stores
//! sessions in memory, or in the store that `DEMO_STORE` selects.

mod activity;
mod assets;
mod calls;
mod cart;
mod client;
mod devices;
mod failures;
mod fingerprint;
mod frame;
mod goods;
mod live;
mod observed_store;
mod panel;
mod payment;
mod race;
mod races;
mod shop;
mod sign_in;
mod site;
mod store;
mod time_left;
mod visitor;

use std::env;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use session::csrf::CsrfLayer;
use tokio::net::TcpListener;

use crate::site::Site;
use crate::store::Failure;
use crate::visitor::Visitor;

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
    let site = Site::new(store::chosen().await?)?;
    let address = env::var("DEMO_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let service = router(site).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await?;
    Ok(())
}

fn router(site: Site) -> Router {
    let for_users = Router::new()
        .route("/devices", get(devices::list))
        .route("/devices/end", post(devices::end))
        .route("/devices/end-others", post(devices::end_others))
        .route("/pay", get(payment::page).post(payment::pay))
        .route("/pay/code", post(payment::send_code))
        .route_layer(session::guard::<Visitor>().redirect_to("/sign-in"));
    let pages = for_users
        .route("/", get(shop::page))
        .route("/cart", get(cart::page).post(cart::add))
        .route("/cart/remove", post(cart::remove))
        .route("/cart/clear", post(cart::clear))
        .route("/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/races", get(races::page).post(races::run))
        .route("/failures", get(failures::page))
        .route("/failures/end-session", post(failures::end_session))
        .route_layer(site.sessions.layer())
        .route("/failures/stop-store", post(failures::stop_store))
        .route("/failures/start-store", post(failures::start_store))
        .fallback(failures::not_found)
        .layer(CsrfLayer::new())
        // Outside of the session layer, so that the commit is included.
        .layer(from_fn_with_state(Arc::clone(&site.activity), activity::observe))
        .layer(from_fn_with_state(site.clone(), failures::show))
        .layer(from_fn(client::insert_address));
    let live = Router::new()
        .route("/live", get(live::stream))
        .layer(site.sessions.layer())
        .layer(from_fn(client::insert_address));
    pages
        .merge(live)
        .route("/assets/{file}", get(assets::file))
        .layer(from_fn(assets::restrict_content))
        .with_state(site)
}
