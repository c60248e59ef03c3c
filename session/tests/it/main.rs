//! Everything about the crate that its users can see.

mod memory;
