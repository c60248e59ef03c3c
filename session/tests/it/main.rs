//! Sessions, through the public interface.

mod derive;
mod lifecycle;
mod memory;
mod support;
