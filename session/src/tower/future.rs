//! The response of a service with sessions: first the handler, then one commit.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use session_core::BoxFuture;

use crate::http::{Finish, Incoming, Slot};

pin_project! {
    /// The future of [`SessionService`](super::SessionService).
    pub struct ResponseFuture<F: Future> {
        #[pin]
        inner: F,
        slot: Arc<Slot>,
        // What a session is loaded from that no handler asked for.
        eager: Option<Incoming>,
        state: State<F::Output>,
    }
}

enum State<R> {
    /// The handler runs.
    Running,
    /// The handler is done, with a response or a panic, and the session is being committed.
    Committing(Option<Result<R, Box<dyn Any + Send>>>, BoxFuture<'static, Finish>),
}

impl<F: Future> ResponseFuture<F> {
    pub(super) fn new(inner: F, slot: Arc<Slot>, eager: Option<Incoming>) -> Self {
        Self { inner, slot, eager, state: State::Running }
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
            match this.state {
                State::Running => {
                    let polled = catch_unwind(AssertUnwindSafe(|| this.inner.as_mut().poll(cx)));
                    let outcome = match polled {
                        Ok(poll) => Ok(ready!(poll)),
                        Err(panic) => Err(panic),
                    };
                    let eager = this.eager.take();
                    let asked = this.slot.is_opened();
                    if eager.is_none() && !asked {
                        this.slot.close();
                        return Poll::Ready(outcome.unwrap_or_else(|panic| resume_unwind(panic)));
                    }
                    let status =
                        outcome.as_ref().ok().and_then(|result| result.as_ref().ok()).map(Response::status);
                    let slot = Arc::clone(this.slot);
                    let commit = Box::pin(async move {
                        if let Some(incoming) = eager {
                            slot.open_unused(incoming).await;
                        }
                        let finish = slot.finish(status, asked).await;
                        slot.close();
                        finish
                    });
                    *this.state = State::Committing(Some(outcome), commit);
                }
                State::Committing(outcome, commit) => {
                    let finish = ready!(commit.as_mut().poll(cx));
                    let mut response = match outcome.take() {
                        Some(Ok(Ok(response))) => response,
                        Some(Ok(Err(error))) => return Poll::Ready(Err(error)),
                        Some(Err(panic)) => resume_unwind(panic),
                        None => panic!("polled after completion"),
                    };
                    if let Some(status) = finish.error {
                        response = Response::new(ResBody::default());
                        *response.status_mut() = status;
                    }
                    this.slot.write(&finish, response.headers_mut());
                    return Poll::Ready(Ok(response));
                }
            }
        }
    }
}
