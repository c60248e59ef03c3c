//! The response future: runs the handler, then one commit.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use crate::error::Error;
use crate::http::{CommitResult, Exchange, Finish};

pin_project! {
    /// The future of [`SessionService`](super::SessionService).
    pub struct ResponseFuture<F: Future> {
        exchange: Exchange,
        #[pin]
        stage: Stage<F>,
    }
}

/// The outcome of a handler: its result, or its panic.
type Outcome<R> = Result<R, Box<dyn Any + Send>>;

pin_project! {
    #[project = At]
    enum Stage<F: Future> {
        Handler { #[pin] handler: F },
        // The handler has finished, and the session is being committed.
        Commit { outcome: Option<Outcome<F::Output>>, commit: Finish },
    }
}

impl<F: Future> ResponseFuture<F> {
    pub(super) fn new(handler: F, exchange: Exchange) -> Self {
        Self { exchange, stage: Stage::Handler { handler } }
    }
}

impl<F, ResBody, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ResBody: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        loop {
            match this.stage.as_mut().project() {
                At::Handler { mut handler } => {
                    let outcome = match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
                        Ok(poll) => Ok(ready!(poll)),
                        Err(panic) => Err(panic),
                    };
                    let status =
                        outcome.as_ref().ok().and_then(|result| result.as_ref().ok()).map(Response::status);
                    let commit = this.exchange.finish(status);
                    this.stage.set(Stage::Commit { outcome: Some(outcome), commit });
                }
                At::Commit { outcome, commit } => {
                    let result = ready!(Pin::new(commit).poll(cx));
                    let mut outcome = outcome.take().expect("a future is not polled after it is ready");
                    write(&mut outcome, result);
                    return Poll::Ready(outcome.unwrap_or_else(|panic| resume_unwind(panic)));
                }
            }
        }
    }
}

/// Applies the result of the commit to the response, if there is one.
fn write<ResBody: Default, E>(outcome: &mut Outcome<Result<Response<ResBody>, E>>, mut result: CommitResult) {
    if let Ok(Ok(response)) = outcome {
        if let Some(error) = result.take_error() {
            *response = failed(error);
        }
        result.write(response.headers_mut());
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
