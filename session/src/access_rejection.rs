//! Reasons to refuse a request.

use http::StatusCode;

use crate::error::SessionRejection;

/// Why a request was refused by a [`Guard`](crate::Guard), or by the extractor [`SignedIn`](crate::SignedIn) or
/// [`Fresh`](crate::Fresh).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessRejection {
    /// Nobody is signed in. Status 401.
    #[error("nobody is signed in; let the visitor sign in, and repeat the request")]
    NotSignedIn,
    /// The visitor is signed in, but proved their identity too long ago. Status 401.
    #[error(
        "the visitor signed in too long ago; ask for the password again, call `authenticated()`, and repeat the request"
    )]
    NotFresh,
    /// The visitor is signed in, but does not fulfil a [requirement](crate::Guard::require). Status 403.
    #[error("the visitor is signed in, but not allowed to do this")]
    NotAllowed,
    /// There is no session to find out from.
    #[error(transparent)]
    Session(#[from] SessionRejection),
}

impl AccessRejection {
    /// Returns the status for the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotSignedIn | Self::NotFresh => StatusCode::UNAUTHORIZED,
            Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::Session(rejection) => rejection.status(),
        }
    }
}
