//! The interface of an application of actix-web, whose types stay on their thread.

use std::net::TcpListener;
use std::pin::Pin;

use anyhow::Result;
use axum::body::Bytes;
use http::{HeaderValue, Response};

/// A future that stays on its thread.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// What an application of actix-web can do.
pub trait ActixApp {
    /// Sends one request and reads its answer to the end.
    fn get(&self, path: &str, cookie: Option<&HeaderValue>) -> Pending<'_, Response<Bytes>>;

    /// Answers whoever connects, on one thread, until the process ends.
    fn serve(&self, listener: TcpListener) -> Pending<'_, ()>;
}
