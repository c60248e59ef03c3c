//! Sessions, through the public interface.

mod changes;
mod lifecycle;
mod overlap;
mod support;
