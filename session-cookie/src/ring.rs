//! A set of keys for rotation: one seals, all open.

use std::str::FromStr;

use crate::key::{Key, from_env};
use crate::key_error::KeyError;
use crate::key_id::KeyId;

/// The key that seals, and older keys that still open.
///
/// To rotate keys, deploy the new one to all nodes for opening, then for sealing, and remove the old one once the
/// longest session that it sealed has expired. No user is logged out: a cookie that an older key opened is sealed again
/// with the current key in the same response.
///
/// ```
/// use session_cookie::{Key, KeyRing};
///
/// let (new, old) = (Key::generate()?, Key::generate()?);
/// let ring = KeyRing::new(new, [old])?;
/// assert_eq!(format!("{ring:?}"), format!("KeyRing({:?})", ring.ids().collect::<Vec<_>>()));
/// # Ok::<_, session_cookie::KeyError>(())
/// ```
pub struct KeyRing {
    /// The first key seals, all keys open.
    keys: Vec<Key>,
}

impl KeyRing {
    /// Creates a ring in which `sealing` seals and opens, and `opening` only open.
    ///
    /// # Errors
    ///
    /// [`KeyError::Duplicate`] when two keys have the same id, because they are equal or by a rare collision.
    pub fn new(sealing: Key, opening: impl IntoIterator<Item = Key>) -> Result<Self, KeyError> {
        let mut ring = Self::from(sealing);
        for key in opening {
            if ring.find(*key.id().as_bytes()).is_some() {
                return Err(KeyError::Duplicate(key.id()));
            }
            ring.keys.push(key);
        }
        Ok(ring)
    }

    /// Reads keys from an environment variable, in the format of [`parse`](str::parse).
    ///
    /// # Errors
    ///
    /// [`KeyError::Missing`] when the variable is not set or empty, otherwise any error of parsing.
    pub fn from_env(variable: &str) -> Result<Self, KeyError> {
        from_env(variable)?.parse()
    }

    /// Returns the ids of the keys, that of the sealing key first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys.iter().map(Key::id)
    }

    pub(crate) fn sealing(&self) -> &Key {
        &self.keys[0]
    }

    pub(crate) fn find(&self, id: [u8; 4]) -> Option<&Key> {
        self.keys.iter().find(|key| *key.id().as_bytes() == id)
    }
}

impl From<Key> for KeyRing {
    fn from(key: Key) -> Self {
        Self { keys: vec![key] }
    }
}

impl FromStr for KeyRing {
    type Err = KeyError;

    /// Parses keys separated by commas, the sealing key first.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (sealing, opening) = text.split_once(',').unwrap_or((text, ""));
        let opening = opening.split(',').filter(|text| !text.trim().is_empty());
        Self::new(sealing.parse()?, opening.map(str::parse).collect::<Result<Vec<_>, _>>()?)
    }
}

impl std::fmt::Debug for KeyRing {
    /// Shows the ids.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeyRing").field(&self.ids().collect::<Vec<_>>()).finish()
    }
}
