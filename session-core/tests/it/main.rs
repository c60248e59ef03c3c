//! Everything about the crate that its users can see.

mod conformance;
mod faulty;
mod patch;
mod sealed;
