//! The guide, in reading order.
//!
//! # First steps
//!
//! - [`getting_started`]: a first program, what the browser shows, and cookies during development
//! - [`frameworks`]: axum, actix-web, tower and others
//! - [`full_stack`]: Leptos, Dioxus and Loco
//! - [`extractors`]: how handlers, middleware and functions get the session
//! - [`troubleshooting`]: from symptoms to causes
//!
//! # Data of a session
//!
//! - [`principal`]: the signed-in user
//! - [`flash`]: messages that are shown once, one-time codes
//! - [`counter`], [`entries`], [`cas`]: numbers, maps and values that concurrent requests change
//! - [`ttl`]: values that expire before the session
//! - [`keep`]: what remains when the user changes
//! - [`index`], [`label`]: finding sessions by a value, and showing values in lists
//! - [`secret`]: values that appear in no log
//! - [`required`]: fields that must not fall back to a default
//! - [`bind`]: the client from which a user signed in
//! - [`databags`]: several databags in one session, and middleware with data of its own
//! - [`concurrency`]: what concurrent requests do to each other
//! - [`deploying`]: how stored sessions are read after a databag changed
//!
//! # Signing in and cookies
//!
//! - [`signing_in`]: one application with all that belongs to signing in and out
//! - [`guards`]: pages for signed-in visitors, and the way back after signing in
//! - [`oauth`]: signing in with OAuth or OpenID Connect
//! - [`authentication`]: asking for the password again
//! - [`renewal`]: when a session gets a new token
//! - [`deadlines`]: when sessions end, for all of them or for one
//! - [`cookies`]: how the token travels
#![cfg_attr(feature = "csrf", doc = "- [`csrf`](crate::csrf): protection against requests of other sites")]
//! - [`after_response`]: web sockets, streams and background tasks
//!
//! # Operation
//!
//! - [`stores`]: which store to choose, what each cannot do, and what it costs
//! - [`settings`]: all settings and their defaults
//! - [`production`]: proxies, keys, permissions, limits, sizes
//! - [`errors`]: every error, its status, and what to do
//! - [`events`]: audit logs
//! - [`testing`]: tests of an application
//! - [`security`]: what is promised, the test of each promise, and what is not promised
//!
//! # Coming from another library
//!
//! - [`tower_sessions`](coming_from::tower_sessions), [`actix_session`](coming_from::actix_session),
//!   [`axum_session`](coming_from::axum_session): the same program with both libraries
//! - [`spring_session`](coming_from::spring_session): attributes, principals and settings side by side
//! - [`django`](coming_from::django): sessions, authentication and messages side by side
#![cfg_attr(
    feature = "adopt",
    doc = "- [`adoption`]: visitors whom the other library signed in stay signed in"
)]
//!
//! # Reference
//!
//! All attributes of fields, and the accessors, are listed at [`Databag`](derive@crate::Databag), all settings on the page
//! [`settings`], and all errors on the page [`errors`].

macro_rules! pages {
    ($($directory:literal: $($page:ident)*;)*) => { $( $(
        #[doc = include_str!(concat!($directory, stringify!($page), ".md"))]
        pub mod $page {}
    )* )* };
}

pages! {
    "docs/": getting_started frameworks full_stack extractors troubleshooting;
    "docs/attributes/": principal flash counter entries cas ttl keep index label secret required bind;
    "docs/": databags concurrency deploying authentication renewal deadlines cookies after_response;
    "docs/": stores settings production errors events testing security;
}

#[cfg(feature = "http")]
pages! {
    "docs/": signing_in guards oauth;
}

#[cfg(feature = "adopt")]
pages! {
    "docs/": adoption;
}

/// What is written with another library, and what with this one.
pub mod coming_from {
    pages! {
        "docs/coming_from/": tower_sessions actix_session axum_session spring_session django;
    }
}
