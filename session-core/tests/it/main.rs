//! Everything about the crate that its users can see.

mod bombs;
mod codec;
mod conformance;
mod data;
mod faulty;
mod handle;
mod integers;
mod limited;
mod meanings;
mod patch;
mod record_format;
mod revocations;
mod round_trips;
mod sealed;
mod secrets;
mod wrapper;
