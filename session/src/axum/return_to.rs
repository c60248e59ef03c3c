//! The extractor of the page to return to.

use std::convert::Infallible;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::http::ReturnTo;

/// The parameter `next` of the query, or `/`.
impl<S: Send + Sync> FromRequestParts<S> for ReturnTo {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let next = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(next.unwrap_or_default())
    }
}

/// The parameter `next` of the query; `None` if it is missing or not a path of this site.
impl<S: Send + Sync> OptionalFromRequestParts<S> for ReturnTo {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.uri.query().and_then(Self::from_query))
    }
}
