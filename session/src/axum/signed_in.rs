//! The extractors of visitors who are signed in.

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::access_rejection::AccessRejection;
use crate::databag::HasPrincipal;
use crate::session::Session;
use crate::signed_in::{Fresh, SignedIn};

impl<S: Send + Sync, T: HasPrincipal> FromRequestParts<S> for SignedIn<T> {
    type Rejection = AccessRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AccessRejection> {
        Self::of(<Session<T> as FromRequestParts<S>>::from_request_parts(parts, state).await?)
    }
}

/// `None` if nobody is signed in.
impl<S: Send + Sync, T: HasPrincipal> OptionalFromRequestParts<S> for SignedIn<T> {
    type Rejection = AccessRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, AccessRejection> {
        present(<Self as FromRequestParts<S>>::from_request_parts(parts, state).await)
    }
}

impl<S: Send + Sync, T: HasPrincipal, const SECONDS: u64> FromRequestParts<S> for Fresh<T, SECONDS> {
    type Rejection = AccessRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AccessRejection> {
        Self::of(<Session<T> as FromRequestParts<S>>::from_request_parts(parts, state).await?)
    }
}

/// `None` if nobody is signed in, or signed in too long ago.
impl<S: Send + Sync, T: HasPrincipal, const SECONDS: u64> OptionalFromRequestParts<S> for Fresh<T, SECONDS> {
    type Rejection = AccessRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, AccessRejection> {
        present(<Self as FromRequestParts<S>>::from_request_parts(parts, state).await)
    }
}

/// A session that cannot be loaded is an error, and not a stranger's.
fn present<E>(extracted: Result<E, AccessRejection>) -> Result<Option<E>, AccessRejection> {
    match extracted {
        Ok(session) => Ok(Some(session)),
        Err(AccessRejection::NotSignedIn | AccessRejection::NotFresh) => Ok(None),
        Err(other) => Err(other),
    }
}
