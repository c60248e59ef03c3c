//! Sessions, through the public interface.

mod changes;
mod lifecycle;
mod outage;
mod overlap;
mod support;
