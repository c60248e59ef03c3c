//! Object-safe interface of an actix-web application.

use std::net::TcpListener;
use std::pin::Pin;

use anyhow::Result;
use axum::body::Bytes;
use http::{HeaderValue, Response};

/// A boxed future that is not `Send`.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// An actix-web application, called in process or served over HTTP.
pub trait ActixApp {
    /// Sends one request and reads the whole response.
    fn get(&self, path: &str, cookie: Option<&HeaderValue>) -> Pending<'_, Response<Bytes>>;

    /// Serves HTTP on one thread until the process ends.
    fn serve(&self, listener: TcpListener) -> Pending<'_, ()>;
}
