//! A counter with `session` on axum.

use std::io;

use axum::Router;
use axum::routing::get;
use session::{Databag, MemoryStore, Session, SessionLayer};
use tokio::net::TcpListener;

#[derive(Databag)]
struct Visitor {
    #[databag(counter)]
    visits: u64,
}

async fn home(session: Session<Visitor>) -> String {
    format!("visit {}", session.data.add_visits(1))
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let app = Router::new().route("/", get(home)).layer(SessionLayer::new(MemoryStore::new()));
    axum::serve(listener, app).await
}
