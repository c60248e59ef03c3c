//! Stored fields that could not be read.

use std::sync::Arc;

use crate::codec::CodecError;

/// A stored field that could not be read and has its default instead. Its bytes stay in the store until it is set.
#[derive(Debug, thiserror::Error)]
#[error("field `{name}` cannot be read and shows its default, in databag `{databag}`")]
pub struct UnreadableField {
    /// The name under which the field is stored.
    pub name: &'static str,
    /// The path of the databag's type.
    pub databag: &'static str,
    /// Why it could not be read.
    #[source]
    pub error: CodecError,
}

/// Callback for fields that could not be read.
pub(crate) type OnUnreadable = Arc<dyn Fn(UnreadableField) + Send + Sync>;
