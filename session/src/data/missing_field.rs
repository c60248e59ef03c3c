//! Missing required fields.

use std::fmt;

use crate::codec::CodecError;

/// A required field that is missing or unreadable in the session of a principal, which is therefore treated as absent.
#[derive(Debug)]
pub struct MissingField {
    /// The name under which the field is stored.
    pub name: &'static str,
    /// The path of the databag's type.
    pub databag: &'static str,
    /// Why it could not be read, if it is present.
    pub error: Option<CodecError>,
}

impl fmt::Display for MissingField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, databag, error } = self;
        let state = if error.is_some() { "cannot be read" } else { "is missing" };
        write!(
            f,
            "required field `{name}` {state} in a session, which counts as none, in databag `{databag}`"
        )
    }
}

impl std::error::Error for MissingField {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.as_ref().map(|error| error as _)
    }
}
