//! Code that the programs in `src/bin` do not need: adapters for web frameworks that `session` has no feature for.

pub mod adapters;
