//! What stores and sessions rely on.

mod bombs;
mod codec;
mod data;
mod record_format;
mod secrets;
