//! Sessions, through the public interface.

mod changes;
mod failed_response;
mod lifecycle;
mod outage;
mod overlap;
mod support;
