//! Diagnostics: errors, warnings and panics.

mod error_responses;
mod panics;
mod request_info;
mod standard_error;
mod texts;
mod unsaved;
