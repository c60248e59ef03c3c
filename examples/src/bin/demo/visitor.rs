//! The databag of the shop.

use axum::response::Redirect;
use session::{Databag, Session};

/// What the shop remembers of a visitor.
#[derive(Databag, Debug)]
pub(crate) struct Visitor {
    /// Who it is. Signing in gives the session a new token; for another person it starts with an empty cart.
    #[databag(principal)]
    name: Option<String>,
    /// Shown in the list of their sessions.
    #[databag(label)]
    browser: String,
    cart: Vec<String>,
    /// Shown on the next page, once.
    #[databag(flash)]
    notice: Option<String>,
}

/// Redirects a visitor who is not signed in.
pub(crate) fn turn_away(session: &Session<Visitor>) -> Redirect {
    session.data.set_notice("Please sign in first");
    Redirect::to("/sign-in")
}
