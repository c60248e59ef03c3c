//! Lua scripts. Each write of a session is one script, so that it is atomic.

pub(crate) mod codes;
pub(crate) mod script;
