//! The future of a handler, followed by the commit of its session.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::StatusCode;
use pin_project_lite::pin_project;

use super::commit_result::CommitResult;
use super::exchange::{Exchange, Finish};

/// The response of a handler, or its panic.
pub(crate) type Outcome<R> = Result<R, Box<dyn Any + Send>>;

pin_project! {
    /// Runs a handler, then commits its session.
    pub(crate) struct HandlerFuture<F, R> {
        exchange: Exchange,
        #[pin]
        stage: Stage<F, R>,
    }
}

pin_project! {
    #[project = At]
    enum Stage<F, R> {
        Handler { #[pin] handler: F },
        // The handler has finished, and the session is being committed.
        Commit { outcome: Option<Outcome<R>>, commit: Finish },
    }
}

impl<F: Future, R> HandlerFuture<F, R> {
    pub(crate) fn new(handler: F, exchange: Exchange) -> Self {
        Self { exchange, stage: Stage::Handler { handler } }
    }

    /// Polls for the outcome and the result of the commit. `respond` turns the handler's output into the response and its
    /// status. Without a status no changes are saved, as after a panic.
    pub(crate) fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        respond: impl FnOnce(F::Output, &Exchange) -> (R, Option<StatusCode>),
    ) -> Poll<(Outcome<R>, CommitResult)> {
        let mut this = self.project();
        if let At::Handler { mut handler } = this.stage.as_mut().project() {
            let (outcome, status) = match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
                Ok(output) => {
                    let (response, status) = respond(ready!(output), this.exchange);
                    (Ok(response), status)
                }
                Err(panic) => (Err(panic), None),
            };
            let commit = this.exchange.finish(status);
            this.stage.set(Stage::Commit { outcome: Some(outcome), commit });
        }
        let At::Commit { outcome, commit } = this.stage.project() else {
            unreachable!("the handler has finished")
        };
        let result = ready!(Pin::new(commit).poll(cx));
        Poll::Ready((outcome.take().expect("a future is not polled after it is ready"), result))
    }
}
