//! A databag that is not the tests' own.

#[derive(session::Databag)]
pub(crate) struct Other {}
