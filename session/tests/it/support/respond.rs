//! One request to one handler, on the chosen framework.

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use session::SessionLayer;
use tower::ServiceExt as _;

use super::framework::Framework;
use super::handler::{Arguments, Handler};
use super::on_actix;

/// Sends a request to a handler behind the layer, or without one, and returns the response when its head is ready.
pub(crate) fn respond<Args: Arguments, H: Handler<Args>>(
    layer: Option<SessionLayer>,
    request: Request,
    handler: H,
) -> impl Future<Output = Response> + Send + use<Args, H> {
    let handler = handler.into_any();
    async move {
        match Framework::chosen() {
            Framework::Actix => on_actix::respond(layer.map(Into::into), request, handler).await,
            Framework::Axum => {
                let router = Router::new().fallback(any(move |args: Args| handler.call(args)));
                let router = match layer {
                    Some(layer) => router.layer(layer),
                    None => router,
                };
                router.oneshot(request).await.unwrap()
            }
        }
    }
}
