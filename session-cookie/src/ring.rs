//! Several keys, so that they can be changed.

use std::str::FromStr;

use crate::key::from_env;
use crate::{Key, KeyError, KeyId};

/// The key that seals, and older ones that still open.
///
/// To change keys, first let all nodes open with the new one, then seal with it, and drop the old one when the longest
/// session that it sealed has ended. Nobody is logged out: what an old key opens is sealed anew by the present
/// one in that same response.
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
    /// The first one seals, all open.
    keys: Vec<Key>,
}

impl KeyRing {
    /// `sealing` seals and opens, `opening` only open.
    ///
    /// # Errors
    ///
    /// [`KeyError::Duplicate`] when two have the same id, because they are the same or by a rare coincidence.
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

    /// The keys in an environment variable, written as [`parse`](str::parse) takes them.
    ///
    /// # Errors
    ///
    /// [`KeyError::Missing`] when the variable is not set or empty, otherwise as for parsing.
    pub fn from_env(variable: &str) -> Result<Self, KeyError> {
        from_env(variable)?.parse()
    }

    /// The ids of the keys, the sealing one first.
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

    /// Reads keys separated by commas, the sealing one first.
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
