//! The compile error for `codec = "bincode"` without the feature `bincode`.

use super::format::Codec;

/// A codec whose feature is enabled: the bound that generated code checks.
#[diagnostic::on_unimplemented(
    message = "`codec = \"bincode\"` needs the feature `bincode` of the crate `session`",
    label = "the feature `bincode` is not enabled",
    note = "add `features = [\"bincode\"]` to the dependency on `session`, or leave out `codec = \"bincode\"`"
)]
pub trait Enabled {
    /// The codec.
    const CODEC: Codec;
}

/// The codec of `codec = "bincode"`.
pub struct Bincode;

#[cfg(feature = "bincode")]
impl Enabled for Bincode {
    const CODEC: Codec = Codec::Bincode;
}
