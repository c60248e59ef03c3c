//! The response future: runs the handler, then one commit.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use crate::error::Error;
use crate::http::{Exchange, HandlerFuture};

pin_project! {
    /// The future of [`SessionService`](super::SessionService).
    pub struct ResponseFuture<F: Future> {
        #[pin]
        handler: HandlerFuture<F, F::Output>,
    }
}

impl<F: Future> ResponseFuture<F> {
    pub(super) fn new(handler: F, exchange: Exchange) -> Self {
        Self { handler: HandlerFuture::new(handler, exchange) }
    }
}

impl<F, ResBody, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ResBody: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let (outcome, mut result) = ready!(self.project().handler.poll(cx, |output, _| {
            let status = output.as_ref().ok().map(Response::status);
            (output, status)
        }));
        let mut output = outcome.unwrap_or_else(|panic| resume_unwind(panic));
        if let Ok(response) = &mut output {
            if let Some(error) = result.take_error() {
                *response = failed(error);
            }
            result.write(response.headers_mut());
        }
        Poll::Ready(output)
    }
}

/// The response that replaces the handler's if the session could not be committed. The error is in its extensions, for
/// middleware that renders it; the client receives only the status.
fn failed<ResBody: Default>(error: Error) -> Response<ResBody> {
    let mut response = Response::new(ResBody::default());
    *response.status_mut() = error.status();
    response.extensions_mut().insert(Arc::new(error));
    response
}
