//! Diagnostics: errors, warnings and panics.

mod answers;
mod panics;
mod request_info;
mod standard_error;
mod texts;
mod unsaved;
