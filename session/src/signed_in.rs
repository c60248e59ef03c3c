//! Sessions in which somebody is signed in, by type.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use crate::access_rejection::AccessRejection;
use crate::databag::HasPrincipal;
use crate::session::Session;

/// The session of a visitor who is signed in.
///
/// It dereferences to its [`Session`], and [`principal`](SignedIn::principal) is not an `Option`. With the feature `axum` it is an
/// extractor; others get [`AccessRejection::NotSignedIn`], which is status 401.
///
/// ```
/// # #[cfg(feature = "axum")]
/// # mod site {
/// use session::{Databag, SignedIn};
///
/// #[derive(Databag)]
/// struct Visitor {
///     #[databag(principal)]
///     user_id: Option<u64>,
///     cart: Vec<String>,
/// }
///
/// async fn order(visitor: SignedIn<Visitor>) -> String {
///     let user_id: u64 = visitor.principal();
///     format!("user {user_id} orders {:?}", visitor.data.take_cart())
/// }
///
/// async fn greet(visitor: Option<SignedIn<Visitor>>) -> String {
///     visitor.map_or("hello".to_owned(), |visitor| format!("hello, user {}", visitor.principal()))
/// }
/// # }
/// ```
///
/// A handler that takes `Option<SignedIn<T>>` runs for strangers too, and one that takes `Result<SignedIn<T>, AccessRejection>` runs in any case. A
/// session that cannot be loaded is an error for both of the others, and never a stranger.
#[doc(alias("current_user", "login_required", "authenticated"))]
pub struct SignedIn<T: HasPrincipal> {
    session: Session<T>,
    principal: T::Principal,
}

impl<T: HasPrincipal> SignedIn<T> {
    /// Checks that somebody is signed in to a session, such as one without HTTP in a test.
    ///
    /// # Errors
    ///
    /// [`AccessRejection::NotSignedIn`].
    pub fn of(session: Session<T>) -> Result<Self, AccessRejection> {
        let principal = session.principal().ok_or(AccessRejection::NotSignedIn)?;
        Ok(Self { session, principal })
    }

    /// The principal who was signed in when this was extracted, also after a sign-out in the meantime.
    pub fn principal(&self) -> T::Principal {
        self.principal.clone()
    }

    /// The session.
    pub fn into_session(self) -> Session<T> {
        self.session
    }
}

impl<T: HasPrincipal> Deref for SignedIn<T> {
    type Target = Session<T>;

    fn deref(&self) -> &Session<T> {
        &self.session
    }
}

impl<T: HasPrincipal> Clone for SignedIn<T> {
    fn clone(&self) -> Self {
        Self { session: self.session.clone(), principal: self.principal.clone() }
    }
}

impl<T: HasPrincipal> fmt::Debug for SignedIn<T> {
    /// Prints the handle id, never the principal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignedIn").field(&self.session).finish()
    }
}

/// The session of a visitor who signed in, or entered the password again, less than `SECONDS` ago.
///
/// It dereferences to [`SignedIn`], and so to the [`Session`]. With the feature `axum` it is an extractor for
/// actions that require [re-authentication](crate::guide::authentication); others get [`AccessRejection::NotSignedIn`] or
/// [`AccessRejection::NotFresh`], both of status 401. An application that redirects them takes the `Result`:
///
/// ```
/// # #[cfg(feature = "axum")]
/// # mod site {
/// # use axum::response::{IntoResponse, Redirect, Response};
/// # use session::{Databag, SignedIn};
/// # #[derive(Databag)]
/// # struct Visitor { #[databag(principal)] user_id: Option<u64> }
/// use session::{AccessRejection, Fresh};
///
/// async fn pay(visitor: Result<Fresh<Visitor, 300>, AccessRejection>) -> Response {
///     match visitor {
///         Ok(visitor) => format!("paid by user {}", visitor.principal()).into_response(),
///         Err(AccessRejection::NotFresh) => Redirect::to("/password?next=%2Fpay").into_response(),
///         Err(AccessRejection::NotSignedIn) => Redirect::to("/login?next=%2Fpay").into_response(),
///         Err(other) => other.into_response(),
///     }
/// }
/// # }
/// ```
#[doc(alias("step_up", "sudo mode", "recently_authenticated"))]
pub struct Fresh<T: HasPrincipal, const SECONDS: u64>(SignedIn<T>);

impl<T: HasPrincipal, const SECONDS: u64> Fresh<T, SECONDS> {
    /// Checks that the visitor of a session proved their identity less than `SECONDS` ago.
    ///
    /// # Errors
    ///
    /// [`AccessRejection::NotSignedIn`] and [`AccessRejection::NotFresh`].
    pub fn of(session: Session<T>) -> Result<Self, AccessRejection> {
        let signed_in = SignedIn::of(session)?;
        let is_fresh = signed_in.is_fresh(Duration::from_secs(SECONDS));
        if is_fresh { Ok(Self(signed_in)) } else { Err(AccessRejection::NotFresh) }
    }

    /// The session, without the guarantee.
    pub fn into_signed_in(self) -> SignedIn<T> {
        self.0
    }
}

impl<T: HasPrincipal, const SECONDS: u64> Deref for Fresh<T, SECONDS> {
    type Target = SignedIn<T>;

    fn deref(&self) -> &SignedIn<T> {
        &self.0
    }
}

impl<T: HasPrincipal, const SECONDS: u64> Clone for Fresh<T, SECONDS> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: HasPrincipal, const SECONDS: u64> fmt::Debug for Fresh<T, SECONDS> {
    /// Prints the handle id, never the principal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fresh").field(&self.0.session).finish()
    }
}
