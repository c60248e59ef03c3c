//! What is said, and what goes on, when something is wrong.

mod answers;
mod panics;
mod request_info;
mod standard_error;
mod texts;
mod unsaved;
