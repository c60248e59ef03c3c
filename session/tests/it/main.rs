//! Sessions, through the public interface.

mod support;
