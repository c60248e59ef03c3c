//! The public id of a session.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::StoreError;

/// The public id of a session, for lists of sessions, sockets, logs and admin pages.
///
/// It is not secret, gives no access to the session, and stays the same when the token is renewed. Its text, also as
/// serialized by serde, is 22 characters of base64url.
///
/// ```
/// use session_core::HandleId;
///
/// let id = HandleId::random()?;
/// assert_eq!(id.to_string().parse(), Ok(id));
/// # Ok::<_, session_core::StoreError>(())
/// ```
#[doc(alias = "session id")]
#[doc(alias = "public id")]
#[doc(alias = "device id")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandleId([u8; 16]);

impl HandleId {
    /// Returns a new random handle id.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`] if the operating system returns no random bytes.
    pub fn random() -> Result<Self, StoreError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| StoreError::Random(error.into()))?;
        Ok(Self(bytes))
    }

    /// Returns the bytes of the id, in which form stores keep it.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for HandleId {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for HandleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for HandleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandleId({self})")
    }
}

impl Serialize for HandleId {
    /// Serializes the id as text, in every format.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HandleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = HandleId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a handle id, 22 characters of base64url")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<HandleId, E> {
                // The error omits the text, which may be a secret.
                text.parse().map_err(|_| E::custom(ParseHandleIdError))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// The error of parsing text that is not a handle id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a handle id is 22 characters of base64url")]
pub struct ParseHandleIdError;

impl FromStr for HandleId {
    type Err = ParseHandleIdError;

    fn from_str(text: &str) -> Result<Self, ParseHandleIdError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ParseHandleIdError)?;
        Ok(Self(bytes.try_into().map_err(|_| ParseHandleIdError)?))
    }
}
