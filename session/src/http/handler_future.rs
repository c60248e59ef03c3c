//! The future of a handler, followed by the commit of its session.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use http::StatusCode;
use pin_project_lite::pin_project;

use super::commit_result::CommitResult;
use super::exchange::{Exchange, Finish};

impl Exchange {
    /// Runs a handler and commits the session for its response, as [`finish`](Exchange::finish) does. A panic of the handler
    /// continues after the commit.
    ///
    /// `status` returns the status of the response; `None` for an error in place of a response, after which nothing is saved
    /// that would not be after a panic.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, RequestInfo, SessionManager, SessionRejection};
    /// # use http::{Request, Response, StatusCode};
    /// # #[derive(Databag)]
    /// # struct Visit { pages: u32 }
    /// /// Serves a request: what an adapter does for each.
    /// async fn serve(manager: &SessionManager<Visit>, request: Request<String>) -> Response<String> {
    ///     let exchange = manager.exchange(&RequestInfo::new(request.headers(), request.uri()));
    ///
    ///     let handler = async {
    ///         let session = exchange.session::<Visit>().await?;
    ///         session.data.update_pages(|pages| *pages += 1);
    ///         Ok(Response::new(format!("page {}", session.data.pages())))
    ///     };
    ///     let handler = async {
    ///         handler.await.unwrap_or_else(|rejection: SessionRejection| empty(rejection.status()))
    ///     };
    ///
    ///     let (mut response, committed) = exchange.run(handler, |response| Some(response.status())).await;
    ///     if let Some(status) = committed.replaces() {
    ///         response = empty(status);
    ///     }
    ///     committed.write(response.headers_mut());
    ///     response
    /// }
    /// # fn empty(status: StatusCode) -> Response<String> {
    /// #     let mut response = Response::new(String::new());
    /// #     *response.status_mut() = status;
    /// #     response
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), session::ConfigError> {
    /// # let manager = SessionManager::builder(MemoryStore::new()).plain_http().build()?;
    /// # let response = serve(&manager, Request::default()).await;
    /// # assert_eq!(response.body(), "page 1");
    /// # assert!(response.headers().contains_key("set-cookie"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run<R>(
        &self,
        handler: impl Future<Output = R>,
        status: impl Fn(&R) -> Option<StatusCode>,
    ) -> (R, CommitResult) {
        let mut handler = pin!(HandlerFuture::new(handler, self.clone()));
        let respond = move |response, _: &Self| {
            let status = status(&response);
            (response, status)
        };
        let (outcome, result) = poll_fn(move |cx| handler.as_mut().poll(cx, &respond)).await;
        (outcome.unwrap_or_else(|panic| resume_unwind(panic)), result)
    }
}

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
        // The handler has finished, and the commit waits for the store.
        Commit { outcome: Option<Outcome<R>>, commit: Finish },
        Finished,
    }
}

impl<F: Future, R> HandlerFuture<F, R> {
    pub(crate) fn new(handler: F, exchange: Exchange) -> Self {
        Self { exchange, stage: Stage::Handler { handler } }
    }

    /// Polls for the outcome and the result of the commit. `respond` turns the handler's output into the response and its
    /// status. Without a status no changes are saved, as after a panic.
    #[inline]
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
            let mut commit = this.exchange.finish(status);
            this.stage.set(Stage::Finished);
            // Most commits are ready at once: the response is not kept for them.
            return match Pin::new(&mut commit).poll(cx) {
                Poll::Ready(result) => Poll::Ready((outcome, result)),
                Poll::Pending => {
                    this.stage.set(Stage::Commit { outcome: Some(outcome), commit });
                    Poll::Pending
                }
            };
        }
        let At::Commit { outcome, commit } = this.stage.project() else {
            unreachable!("a future is not polled after it is ready")
        };
        let result = ready!(Pin::new(commit).poll(cx));
        Poll::Ready((outcome.take().expect("a future is not polled after it is ready"), result))
    }
}
