//! Deserializer adapter with limits that the formats do not have: nesting depth, claimed lengths, memory, and no
//! conversion between types of different meaning.
//!
//! [`Limited`](limits::Limited) wraps each deserializer, seed and accessor, and a visitor is wrapped together with the
//! requested kind of value, so that the limits reach every nested value.

mod budget;
mod deserializer;
mod elements;
mod limits;
mod scalars;
mod variants;
mod visitor;

pub(super) use self::deserializer::deserialize;
