//! The databag of the shop.

use axum::response::Redirect;
use session::{Databag, Session};

/// Session data of a visitor.
#[derive(Databag, Debug)]
pub(crate) struct Visitor {
    /// The user, once signed in. A login renews the token; a login of another user starts with an empty cart.
    #[databag(principal)]
    name: Option<String>,
    /// Shown in the list of the user's sessions.
    #[databag(label)]
    browser: String,
    cart: Vec<String>,
    /// Flash message, shown once on the next page.
    #[databag(flash)]
    notice: Option<String>,
}

/// Redirects a visitor who is not signed in.
pub(crate) fn turn_away(session: &Session<Visitor>) -> Redirect {
    session.data.set_notice("Please sign in first");
    Redirect::to("/sign-in")
}
