//! A site, its visitors, and a store that counts.

mod bag;
mod browser;
mod open;
mod site;
mod spy;
mod stored;

pub(crate) use bag::Bag;
pub(crate) use browser::{Browser, Reply};
pub(crate) use open::Open;
pub(crate) use site::{Site, T0, seconds};
pub(crate) use spy::{SpyStore, Verb};

/// The session that the tests' handlers get.
pub(crate) type Session = session::Session<Bag>;
