//! Errors of the program.

/// An error for the administrator. Errors of stores contain no tokens, values or passwords.
pub(crate) type Failure = Box<dyn std::error::Error>;
