//! The session data of a visitor.

use std::collections::BTreeMap;

use session::Databag;

/// The name of the field whose value is never shown.
pub(crate) const SECRET: &str = "code";

#[derive(Databag)]
pub(crate) struct Visitor {
    /// The user, once signed in. A sign-in renews the token and keeps the cart; a sign-in of another user starts with
    /// an empty one.
    #[databag(principal)]
    name: Option<String>,
    /// The user agent from which the user signed in, for the list of devices.
    #[databag(bind = "user-agent", label)]
    browser: Option<String>,
    /// The network from which the user signed in, for the list of devices.
    #[databag(bind = "network", label)]
    network: Option<String>,
    /// How many of each article, by its key. Tabs that add at the same time lose nothing.
    #[databag(entries, counter)]
    cart: BTreeMap<String, u32>,
    /// Messages for the next page, each shown once.
    #[databag(flash)]
    notices: Vec<String>,
    /// The code that confirms a payment. One request can claim it.
    #[databag(flash, ttl = "2m", secret)]
    code: Option<String>,
}
