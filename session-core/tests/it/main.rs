//! Everything about the crate that its users can see.

mod conformance;
mod faulty;
mod handle_id;
mod limited;
mod patch;
mod record_format;
mod revocations;
mod sealed;
mod wrapper;
