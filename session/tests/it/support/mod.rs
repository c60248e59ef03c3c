//! A site, its visitors, and a store that counts.

mod browser;
mod site;
mod spy;

pub(crate) use browser::{Browser, Reply};
pub(crate) use site::{Site, T0, seconds};
pub(crate) use spy::{SpyStore, Verb};
