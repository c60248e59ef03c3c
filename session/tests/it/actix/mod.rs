//! What is actix-web's own: its routing, its middleware and its errors, and the cases of axum on it.

mod body;
mod client;
mod csrf;
mod errors;
mod middleware;
mod scopes;
mod server;
mod websocket;
mod workers;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use session::{SessionMiddleware, Store};

use crate::support::on_actix::call;
use crate::support::{Browser, Reply, Session, Site};

/// The middleware of a site.
fn sessions<S: Store>(site: &Site<S>) -> SessionMiddleware {
    site.layer.clone().into()
}

/// Sets a different value in the session on each call. In actix-web `()` is no response.
async fn write(session: Session) -> &'static str {
    session.data.update_visits(|visits| *visits += 1);
    ""
}

/// Sends a request to an application, as a server does.
async fn send<B: MessageBody + 'static>(
    app: &impl Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    browser: &Browser,
) -> Reply {
    Reply::read(call(app, browser.request()).await).await
}
