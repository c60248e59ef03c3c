//! Failures on purpose, and the pages that are shown instead of a response that failed.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use session::{Error, Session};

use crate::frame::Frame;
use crate::site::Site;
use crate::visitor::Visitor;

pub(crate) async fn page(session: Session<Visitor>, State(site): State<Site>) -> Html<String> {
    let can_end = session.id().is_some() && !site.is_in_cookies();
    let content = html! {
        p.lead { "What a visitor sees when a session ends elsewhere, or when the store does not respond." }
        ul.lanes {
            li.card {
                h2 { "End this session from elsewhere" }
                p.muted {
                    "An administrator, or you on another device, ends the session by its handle id. The cookie stays in "
                    "this browser and opens nothing from then on."
                }
                @if can_end {
                    form method="post" action="/failures/end-session" { button.danger { "End this session" } }
                } @else if site.is_in_cookies() {
                    p.warning { "Sessions in cookies are not found by their handle id." }
                } @else {
                    p.warning { "You have no session yet: put something into your cart first." }
                }
            }
            li.card {
                h2 { "Stop the store" }
                p.muted {
                    "Every call of the store fails, for all visitors of this process. A store that does not respond is an "
                    "error, and never an empty session."
                }
                form method="post" action="/failures/stop-store" { button.danger { "Stop the store" } }
            }
        }
    };
    Frame::of(&session).page("/failures", "Failures", &content)
}

/// Ends the session by its handle id, which leaves the handle of this request and the cookie as they are.
pub(crate) async fn end_session(
    session: Session<Visitor>,
    State(site): State<Site>,
) -> Result<Redirect, Error> {
    if let Some(id) = session.id() {
        site.sessions.destroy_by_id(id).await?;
    }
    Ok(Redirect::to("/"))
}

pub(crate) async fn stop_store(State(site): State<Site>) -> Redirect {
    site.switch.stop();
    Redirect::to("/")
}

pub(crate) async fn start_store(State(site): State<Site>) -> Redirect {
    site.switch.start();
    Redirect::to("/")
}

pub(crate) async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// Middleware that replaces the body of a failed response by a page, and keeps its status and headers.
pub(crate) async fn show(State(site): State<Site>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let (title, text) = describe(status, &site);
    let content = html! { (text) p { a.button.quiet href="/" { "To the shop" } } };
    let page = Frame::without_session().page("", title, &content).into_response();
    let content_type = page.headers().get(CONTENT_TYPE).cloned();
    *response.body_mut() = page.into_body();
    response.headers_mut().remove(axum::http::header::CONTENT_LENGTH);
    response.headers_mut().extend(content_type.map(|value| (CONTENT_TYPE, value)));
    response
}

fn describe(status: StatusCode, site: &Site) -> (&'static str, Markup) {
    match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            ("The session store does not respond", store_failed(site.switch.is_stopped()))
        }
        StatusCode::NOT_FOUND => ("There is no such page", html! {}),
        StatusCode::FORBIDDEN => (
            "This request came from another site",
            html! { p.lead { "It was refused before it changed anything." } },
        ),
        StatusCode::CONFLICT => (
            "Another request was faster",
            html! { p.lead { "Your session was renewed or ended meanwhile, and nothing was written." } },
        ),
        _ => ("The request failed", html! { p.lead { "Status " (status) } }),
    }
}

fn store_failed(is_stopped: bool) -> Markup {
    html! {
        p.lead { "Your session is not lost: the shop cannot read it at the moment, and does not treat you as a stranger." }
        @if is_stopped {
            form.actions method="post" action="/failures/start-store" { button { "Start the store again" } }
        }
    }
}
