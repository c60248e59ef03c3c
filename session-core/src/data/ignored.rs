//! Fields that could not be read.

use crate::CodecError;

/// A stored field that could not be read and shows its default instead. Its bytes stay in the store until it is set.
#[derive(Debug, thiserror::Error)]
#[error("field `{name}` cannot be read and shows its default")]
pub struct Ignored {
    /// The name under which the field is stored.
    pub name: &'static str,
    /// Why it could not be read.
    #[source]
    pub error: CodecError,
}
