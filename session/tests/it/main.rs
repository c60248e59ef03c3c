//! Sessions, through the public interface.

mod changes;
mod decoding;
mod failed_response;
mod gone;
mod late;
mod lifecycle;
mod model;
mod outage;
mod overlap;
mod reload;
mod support;
