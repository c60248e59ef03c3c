//! Tests of the public API.

mod conformance;
mod faulty;
mod handle_id;
mod limited;
mod patch;
mod planted;
mod record_format;
mod revocations;
mod seal;
mod sealed;
mod unique_ids;
mod wrapper;
