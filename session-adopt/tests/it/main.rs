//! Integration tests through the public API. Sessions made by the other libraries are in the tests of `benches`.

mod claims;
mod secrecy;
mod successors;
