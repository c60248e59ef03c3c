//! The tests of `session` through its public interface.

#[cfg(feature = "derive")]
mod derive;
