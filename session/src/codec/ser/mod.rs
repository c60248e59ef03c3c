//! Serializer adapter that rejects, in the same pass, what its format could not give back, and notices values that only
//! decoding can verify.

mod checker;
mod compound;
mod serializer;

pub(super) use self::checker::Checker;
