//! Reasons for refusing a request.

use http::StatusCode;

/// Why a request was refused as a possible forgery. The response has status 403.
///
/// [`CsrfLayer`](super::CsrfLayer) puts it into the extensions of the response, for middleware that renders it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CsrfRefusal {
    /// A page of another origin sent the request, or the browser does not say which page did.
    #[error(
        "the request comes from a page of another site; add its origin by `CsrfLayer::trust` if it is yours"
    )]
    CrossOrigin,
    /// The form token is missing, malformed, or of another session or an earlier token of this one.
    #[error("the form token is not that of the session; reload the page and send the form again")]
    Token,
}

impl CsrfRefusal {
    /// Returns the status for the response: 403.
    pub fn status(self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
}
