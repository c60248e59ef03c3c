//! Everything about the crate that its users can see.

mod bombs;
mod capped;
mod codec;
mod conformance;
mod data;
mod faulty;
mod handle;
mod integers;
mod meanings;
mod patch;
mod pointers;
mod record_format;
mod revocations;
mod round_trips;
mod sealed;
mod secrets;
