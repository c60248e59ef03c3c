//! Codecs that a feature enables.

use super::Codec;

/// What generated code asks of a codec that a feature enables.
#[diagnostic::on_unimplemented(
    message = "`codec = \"bincode\"` needs the feature `bincode` of the crate `session`",
    label = "the feature `bincode` is not enabled",
    note = "add `features = [\"bincode\"]` to the dependency on `session`, or leave out `codec = \"bincode\"`"
)]
pub trait Enabled {
    /// The codec.
    const CODEC: Codec;
}

/// `codec = "bincode"`.
pub struct Bincode;

#[cfg(feature = "bincode")]
impl Enabled for Bincode {
    const CODEC: Codec = Codec::Bincode;
}
