//! Counts a visitor's visits: `cargo run -p examples --bin counter`, then open <http://127.0.0.1:3000>.

use axum::{Router, routing::get};
use session::{Databag, MemoryStore, Session, SessionLayer};

#[derive(Databag)]
struct Visitor {
    #[databag(counter)] // what concurrent requests add adds up
    visits: u64,
}

async fn count(session: Session<Visitor>) -> String {
    format!("visit {}\n", session.data.add_visits(1))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/", get(count)).layer(SessionLayer::new(MemoryStore::new()));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await
}
