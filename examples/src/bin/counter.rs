//! Counts a visitor's visits: `cargo run -p examples --bin counter`, then open <http://127.0.0.1:3000>.

use axum::{Router, routing::get};
use session::{Databag, MemoryStore, Session, SessionLayer};

#[derive(Databag)]
struct Visitor {
    visits: u64,
}

async fn count(session: Session<Visitor>) -> String {
    session.data.update_visits(|visits| *visits += 1);
    format!("visit {}\n", session.data.visits())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/", get(count)).layer(SessionLayer::new(MemoryStore::new()));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await
}
