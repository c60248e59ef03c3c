//! What data writes, and what becomes of writes under way.

mod meanings;
mod writes;
