use axum::Router;
use axum::routing::post;
use leptos::prelude::*;
use session::{Databag, Session, SessionLayer};

#[derive(Databag)]
struct Visit {
    #[databag(counter)]
    pages: u32,
}

#[server]
async fn count() -> Result<u32, ServerFnError> {
    let session: Session<Visit> = leptos_axum::extract().await?;
    Ok(session.data.add_pages(1))
}

#[component]
fn Page() -> impl IntoView {
    // Blocking: the head of the response, which has the cookie, waits for what changes the session.
    let pages = Resource::new_blocking(|| (), |()| count());
    view! {
        <Suspense>{move || Suspend::new(async move { pages.await.map(|pages| format!("{pages} pages")) })}</Suspense>
    }
}

pub fn app(sessions: SessionLayer) -> Router {
    // As `leptos_axum::generate_route_list` does in an application with routes. Fails the second time.
    _ = any_spawner::Executor::init_tokio();
    Router::new()
        .route("/api/{*function}", post(leptos_axum::handle_server_fns))
        .fallback(leptos_axum::render_app_to_stream(Page))
        .layer(sessions)
}
