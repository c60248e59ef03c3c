//! Serializer adapter that rejects, in the same pass, values that its format could not restore, and detects values that
//! can be verified only by decoding them.

mod checker;
mod compound;
mod serializer;

pub(super) use self::checker::Checker;
