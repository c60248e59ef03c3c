//! Sessions of another library, continued as sessions of this one.

mod cookies;
mod deadlines;
mod failures;
mod old_store;
mod once;
mod overlap;

use session::adopt::{OldSession, UnreadableValue};
use session::{Databag, SessionLayer};

use crate::support::{Browser, Site};
use old_store::OldStore;

#[derive(Databag)]
pub(crate) struct Account {
    #[databag(principal)]
    user: Option<u64>,
    cart: Vec<String>,
}

pub(crate) type Session = session::Session<Account>;

/// Sets the fields of an account from the values `user_id` and `cart`.
fn map(old: &OldSession, session: &Session) -> Result<(), UnreadableValue> {
    if let Some(user) = old.get::<u64>("user_id")? {
        session.data.set_user(user);
    }
    if let Some(cart) = old.get::<Vec<String>>("cart")? {
        session.data.set_cart(cart);
    }
    Ok(())
}

/// A site that adopts sessions of another store, which has the session `one` of user 7, until 600 s after the start.
fn site() -> (OldStore, Site) {
    with(|builder| builder)
}

fn with(
    configure: impl FnOnce(session::Builder<SessionLayer>) -> session::Builder<SessionLayer>,
) -> (OldStore, Site) {
    let old = OldStore::default();
    old.insert("one", r#"{"user_id": 7, "cart": ["tea"]}"#, 600);
    let site = Site::with(|builder| configure(builder.adopt::<Account>(old.clone(), map)));
    (old, site)
}

/// A browser with the old cookie.
fn visitor() -> Browser {
    Browser::with_cookie("old", "one")
}

async fn user(session: Session) -> String {
    format!("{:?} {:?}", session.data.user(), session.data.cart())
}

/// What `user` answers to user 7.
const USER: &str = r#"Some(7) ["tea"]"#;
const NOBODY: &str = "None []";
