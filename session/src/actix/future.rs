//! The response future: runs the handler, then one commit.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::EitherBody;
use actix_web::dev::ServiceResponse;
use actix_web::error::InternalError;
use actix_web::http::header::HeaderMap;
use actix_web::{Error, HttpResponse};
use http::StatusCode;
use pin_project_lite::pin_project;

use super::convert::{actix_headers, actix_status, headers_of, status_of};
use crate::http::{CommitResult, Exchange, HandlerFuture};

pin_project! {
    /// The future of [`SessionMiddlewareService`](super::SessionMiddlewareService).
    pub struct ResponseFuture<F, B> {
        #[pin]
        handler: HandlerFuture<F, Answer<B>>,
    }
}

/// What the inner service answered.
enum Answer<B> {
    Response(ServiceResponse<B>),
    /// An error of middleware, and the response to it. Errors of handlers are responses already.
    Error(Error, HttpResponse),
    /// An error of middleware in a request that did not use its session.
    Unused(Error),
}

impl<F, B> ResponseFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    pub(super) fn new(handler: F, exchange: Exchange) -> Self {
        Self { handler: HandlerFuture::new(handler, exchange) }
    }
}

impl<F, B> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (outcome, result) = ready!(self.project().handler.poll(cx, answer));
        let answer = outcome.unwrap_or_else(|panic| resume_unwind(panic));
        Poll::Ready(respond(answer, result))
    }
}

fn answer<B>(
    output: Result<ServiceResponse<B>, Error>,
    exchange: &Exchange,
) -> (Answer<B>, Option<StatusCode>) {
    match output {
        Ok(response) => {
            let status = status_of(response.status());
            (Answer::Response(response), Some(status))
        }
        Err(error) if exchange.is_unused() => (Answer::Unused(error), None),
        Err(error) => {
            let response = error.error_response();
            let status = status_of(response.status());
            (Answer::Error(error, response), Some(status))
        }
    }
}

/// Applies the result of the commit to the response.
fn respond<B>(answer: Answer<B>, mut result: CommitResult) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let failed = result.take_error().map(failed);
    match (answer, failed) {
        (Answer::Response(response), None) => {
            let mut response = response.map_into_left_body();
            write(&result, response.headers_mut());
            Ok(response)
        }
        (Answer::Response(response), Some(mut failed)) => {
            write(&result, failed.headers_mut());
            Ok(response.into_response(failed).map_into_right_body())
        }
        (Answer::Error(error, response), failed) => {
            let mut response = failed.unwrap_or(response);
            write(&result, response.headers_mut());
            Err(InternalError::from_response(error, response).into())
        }
        (Answer::Unused(error), _) => Err(error),
    }
}

fn write(result: &CommitResult, headers: &mut HeaderMap) {
    if !result.is_empty() {
        let mut copy = headers_of(headers);
        result.write(&mut copy);
        *headers = actix_headers(&copy);
    }
}

/// The response that replaces the handler's if the session could not be committed. The error is in its extensions, for
/// middleware that renders it; the client receives only the status.
fn failed(error: crate::error::Error) -> HttpResponse {
    let mut response = HttpResponse::new(actix_status(error.status()));
    response.extensions_mut().insert(Arc::new(error));
    response
}
