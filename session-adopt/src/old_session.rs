//! A session of another library.

use std::any::type_name;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use session_core::Timestamp;

/// A session of another library: values by name, as that library stored them.
pub struct OldSession {
    values: Map<String, Value>,
    expires_at: Option<Timestamp>,
}

impl OldSession {
    /// Creates a session with these values. `expires_at` is when it expires unless it is used before, if that is known.
    pub fn new(values: Map<String, Value>, expires_at: Option<Timestamp>) -> Self {
        Self { values, expires_at }
    }

    /// Returns the value of this name, or `None` if there is none or it is `null`.
    ///
    /// ```
    /// # use session_adopt::OldSession;
    /// # let old = OldSession::new([("user_id".to_owned(), 7.into())].into_iter().collect(), None);
    /// assert_eq!(old.get::<u64>("user_id")?, Some(7));
    /// assert_eq!(old.get::<String>("theme")?, None);
    /// # Ok::<_, session_adopt::UnreadableValue>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the value is not a `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, UnreadableValue> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value)
                .map(Some)
                .map_err(|_| UnreadableValue { name: name.to_owned(), expected: type_name::<T>() }),
        }
    }

    /// Returns all values.
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// Returns when the session expires unless it is used before. `None` if the old store does not say.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

impl fmt::Debug for OldSession {
    /// Prints the names of the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OldSession")
            .field("names", &self.values.keys().collect::<Vec<_>>())
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// A value of an old session has another type than expected. The error does not contain the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the value `{name}` of an old session is no `{expected}`; read it with the type with which it was stored"
)]
pub struct UnreadableValue {
    name: String,
    expected: &'static str,
}

impl UnreadableValue {
    /// Creates the error for a value that an application checks itself.
    pub fn new(name: impl Into<String>, expected: &'static str) -> Self {
        Self { name: name.into(), expected }
    }
}
