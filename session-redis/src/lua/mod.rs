//! Lua scripts. Each write of a session is one script, so that it is atomic.

mod codes;
pub(crate) mod outcome;
pub(crate) mod script;
