//! Sessions, through the public interface.

mod lifecycle;
mod support;
