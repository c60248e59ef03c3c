//! Names of keys, and tokens whose keys share a slot.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::{StoreError, StoreKey, Token, TokenSource};
use tokio::task::yield_now;
use zeroize::Zeroizing;

use crate::slot::slot;

/// Number of characters of a hash that determine the slot.
const TAG: usize = 2;
/// Number of tokens tried before yielding to other tasks: some tens of microseconds.
const YIELD_EVERY: u32 = 128;
/// Maximum number of tokens tried. One in 4096 has the slot; with this many, none has it with probability e⁻³².
const MAX_TRIES: u32 = 32 * 4096;

/// Prefix of the keys of one store.
#[derive(Clone, Debug)]
pub(crate) struct Prefix(String);

/// A key, and its slot. That of a session is `prefix:{ab}cdef…`: the hash of its token, the first two characters of
/// which are the hash tag.
///
/// In a cluster the hash tag determines the slot. A session is renewed in one step because its new token is chosen such
/// that its hash has the same tag.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) slot: u16,
}

impl Key {
    /// The hash in the key of a session.
    pub(crate) fn hash(&self) -> String {
        self.name.rsplit_once(":{").map_or_else(String::new, |(_, hash)| hash.replacen('}', "", 1))
    }
}

impl Prefix {
    /// `None` unless the prefix has 1 to 128 visible ASCII characters and no braces.
    pub(crate) fn new(prefix: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}');
        let valid = (1..=128).contains(&prefix.len()) && prefix.bytes().all(plain);
        valid.then(|| Self(prefix.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the session with this hash of its token.
    pub(crate) fn key(&self, key: &StoreKey) -> Key {
        let hash = URL_SAFE_NO_PAD.encode(key.as_bytes());
        let (tag, rest) = hash.split_at(TAG);
        Key { name: [&self.0, ":{", tag, "}", rest].concat(), slot: slot(tag.as_bytes()) }
    }

    /// The key of the session with this hash, in base64url.
    pub(crate) fn of_hash(&self, hash: &str) -> Option<Key> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(hash).ok()?.try_into().ok()?;
        Some(self.key(&StoreKey::from(bytes)))
    }

    /// The redirect to the current key of a session that was renewed, whose first key this is.
    pub(crate) fn redirect(key: &Key) -> Key {
        Key { name: format!("{}>", key.name), slot: key.slot }
    }

    /// The index set of the value with this digest.
    pub(crate) fn index(&self, digest: &str) -> Key {
        self.plain('i', digest)
    }

    /// The index set with this name; `None` if the name is not that of an index set of this store.
    pub(crate) fn parse_index(&self, name: &[u8]) -> Option<Key> {
        let digest = str::from_utf8(name).ok()?.strip_prefix(&self.0)?.strip_prefix(":i:")?;
        let decoded = URL_SAFE_NO_PAD.decode(digest).ok()?;
        (decoded.len() == 32).then(|| self.index(digest))
    }

    /// The floor of a name in the revocation list.
    pub(crate) fn floor(&self, name: &StoreKey) -> Key {
        self.plain('r', &name.to_string())
    }

    fn plain(&self, kind: char, rest: &str) -> Key {
        let name = format!("{}:{kind}:{rest}", self.0);
        Key { slot: slot(name.as_bytes()), name }
    }

    /// The session with a key of this name; `None` if the name is not that of a session of this store.
    pub(crate) fn parse(&self, name: &[u8]) -> Option<Key> {
        let name = str::from_utf8(name).ok()?;
        let (tag, rest) = name.strip_prefix(&self.0)?.strip_prefix(":{")?.split_once('}')?;
        let hash = format!("{tag}{rest}");
        if tag.len() == TAG { self.of_hash(&hash) } else { None }
    }

    /// SCAN pattern of sessions. It matches some other keys, which [`parse`](Prefix::parse) rejects.
    pub(crate) fn sessions(&self) -> String {
        self.pattern(":{??}*")
    }

    /// SCAN pattern of index sets. It matches some other keys, which [`parse_index`](Prefix::parse_index) rejects.
    pub(crate) fn indexes(&self) -> String {
        self.pattern(":i:*")
    }

    fn pattern(&self, rest: &str) -> String {
        let mut pattern = String::with_capacity(self.0.len() + 8);
        for character in self.0.chars() {
            if matches!(character, '*' | '?' | '[' | ']' | '\\' | '^' | '-') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern + rest
    }
}

/// Mints a token whose key has the same slot as `old`.
///
/// That costs 12 of its 256 random bits and about a millisecond, during which it yields to other tasks.
pub(crate) async fn mint_in_slot(old: &StoreKey, tokens: &TokenSource) -> Result<Token, StoreError> {
    let mut bytes = Zeroizing::new([0; 32]);
    let first = tokens.mint()?;
    match URL_SAFE_NO_PAD.decode(first.expose()) {
        Ok(drawn) if drawn.len() == bytes.len() => bytes.copy_from_slice(&Zeroizing::new(drawn)),
        _ => return Err(StoreError::NoFreeToken),
    }
    let start = bytes.last_chunk().map_or(0, |last| u32::from_le_bytes(*last));
    for step in 0..MAX_TRIES {
        if let Some(last) = bytes.last_chunk_mut() {
            *last = start.wrapping_add(step).to_le_bytes();
        }
        let token = Token::from_bytes(&bytes);
        if token.store_key().is_some_and(|key| tag_bits(&key) == tag_bits(old)) {
            return Ok(token);
        }
        if step % YIELD_EVERY == YIELD_EVERY - 1 {
            yield_now().await;
        }
    }
    Err(StoreError::NoFreeToken)
}

/// The bits that the two characters of the tag encode.
fn tag_bits(key: &StoreKey) -> u16 {
    let [high, low, ..] = *key.as_bytes();
    u16::from_be_bytes([high, low]) >> 4
}
