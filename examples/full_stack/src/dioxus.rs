use dioxus::prelude::*;
use dioxus::server::axum::Router;
use session::{Databag, Session, SessionLayer};

#[derive(Databag)]
struct Visit {
    #[databag(counter)]
    pages: u32,
}

#[post("/api/count", session: Session<Visit>)]
async fn count() -> Result<u32> {
    Ok(session.data.add_pages(1))
}

#[component]
fn Page() -> Element {
    let pages = use_server_future(count)?;
    match pages() {
        Some(Ok(pages)) => rsx! { p { "{pages} pages" } },
        _ => rsx! { p { "no session" } },
    }
}

pub fn app(sessions: SessionLayer) -> Router {
    dioxus::server::router(Page).layer(sessions)
}
