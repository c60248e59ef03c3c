//! The guide: one page for each attribute that determines the behaviour of a field; and one page each on
//!
//! - [`databags`]: several databags in one session,
//! - [`guards`]: pages for signed-in visitors, and the way back after signing in,
//! - [`authentication`]: asking for the password again,
//! - [`stores`]: which store to choose, and what it costs,
//! - [`deadlines`]: when sessions end, for all of them or for one,
//! - [`renewal`]: when a session gets a new token,
//! - [`cookies`]: how the token travels,
//! - [`events`]: audit logs,
//! - [`frameworks`]: axum, actix-web, tower and others,
//! - [`testing`]: tests of an application.
//!
#![cfg_attr(
    feature = "csrf",
    doc = "Forms are protected against cross-site requests by the module [`csrf`](crate::csrf), behind the feature of that name.\n"
)]
//!
//! The attributes that determine how a field is stored, and all accessors, are listed at
//! [`Databag`](derive@crate::Databag).

macro_rules! pages {
    ($($page:ident)*) => { $(
        #[doc = include_str!(concat!("docs/attributes/", stringify!($page), ".md"))]
        pub mod $page {}
    )* };
}

pages! { principal index label flash counter entries cas ttl secret keep required bind }

#[cfg(feature = "http")]
#[doc = include_str!("docs/guards.md")]
pub mod guards {}

#[doc = include_str!("docs/authentication.md")]
pub mod authentication {}

#[doc = include_str!("docs/databags.md")]
pub mod databags {}

#[doc = include_str!("docs/cookies.md")]
pub mod cookies {}

#[doc = include_str!("docs/renewal.md")]
pub mod renewal {}

#[doc = include_str!("docs/frameworks.md")]
pub mod frameworks {}

#[doc = include_str!("docs/events.md")]
pub mod events {}

#[doc = include_str!("docs/deadlines.md")]
pub mod deadlines {}

#[doc = include_str!("docs/testing.md")]
pub mod testing {}
#[doc = include_str!("docs/stores.md")]
pub mod stores {}
