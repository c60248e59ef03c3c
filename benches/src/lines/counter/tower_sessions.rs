//! A counter with `tower-sessions`.

use std::io;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

const VISITS: &str = "visits";

async fn home(session: Session) -> String {
    let visits = session.get::<u64>(VISITS).await.unwrap().unwrap_or_default() + 1;
    session.insert(VISITS, visits).await.unwrap();
    format!("visit {visits}")
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let app = Router::new().route("/", get(home)).layer(SessionManagerLayer::new(MemoryStore::default()));
    axum::serve(listener, app).await
}
