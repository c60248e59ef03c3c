//! Where a session is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::{StoreError, StoreKey, Token, TokenSource};
use tokio::task::yield_now;
use zeroize::Zeroizing;

use crate::slot::slot;

/// How many characters of a key's hash decide on its slot.
const TAG: usize = 2;
/// Tokens tried between two chances for other tasks: some tens of microseconds.
const STRIDE: u32 = 128;
/// Tokens tried at most to find one in a given slot. One in 4096 is; that none is has a chance of e⁻³².
const TRIES: u32 = 32 * 4096;

/// The prefix that sets the sessions of one store apart from everything else on the server.
#[derive(Clone, Debug)]
pub(crate) struct Prefix(String);

/// The name of one session on the server: `prefix:{ab}cdef…`, the hash of its token with its slot in braces.
///
/// In a cluster the braces decide where a key lives, so that a session can be renewed in one step: its new token
/// is chosen among those whose key begins with the same two characters.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) slot: u16,
}

impl Key {
    /// The hash in the name of a session's key.
    pub(crate) fn hash(&self) -> String {
        self.name.rsplit_once(":{").map_or_else(String::new, |(_, hash)| hash.replacen('}', "", 1))
    }
}

impl Prefix {
    /// `None` unless it is 1 to 128 visible ASCII characters without braces.
    pub(crate) fn new(prefix: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}');
        let valid = (1..=128).contains(&prefix.len()) && prefix.bytes().all(plain);
        valid.then(|| Self(prefix.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn key(&self, key: &StoreKey) -> Key {
        let hash = URL_SAFE_NO_PAD.encode(key.as_bytes());
        let (tag, rest) = hash.split_at(TAG);
        Key { name: [&self.0, ":{", tag, "}", rest].concat(), slot: slot(tag.as_bytes()) }
    }

    /// The key of the session whose token has this hash, in base64url.
    pub(crate) fn of_hash(&self, hash: &str) -> Option<Key> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(hash).ok()?.try_into().ok()?;
        Some(self.key(&StoreKey::from(bytes)))
    }

    /// Where the session that had this key when it came to the index is looked for next.
    pub(crate) fn forwarder(key: &Key) -> Key {
        Key { name: format!("{}>", key.name), slot: key.slot }
    }

    /// The sessions that are found by a value of this digest.
    pub(crate) fn index(&self, digest: &str) -> Key {
        self.plain('i', digest)
    }

    /// The digest of the value whose index has this name; `None` when the key is no index of this store's.
    pub(crate) fn parse_index(&self, name: &[u8]) -> Option<Key> {
        let digest = str::from_utf8(name).ok()?.strip_prefix(&self.0)?.strip_prefix(":i:")?;
        let decoded = URL_SAFE_NO_PAD.decode(digest).ok()?;
        (decoded.len() == 32).then(|| self.index(digest))
    }

    /// The floor of a name of [`Revocations`](session_core::Revocations).
    pub(crate) fn floor(&self, name: &StoreKey) -> Key {
        self.plain('r', &name.to_string())
    }

    fn plain(&self, kind: char, rest: &str) -> Key {
        let name = format!("{}:{kind}:{rest}", self.0);
        Key { slot: slot(name.as_bytes()), name }
    }

    /// The session that a key of this name is for; `None` when the key is none of this store's.
    pub(crate) fn parse(&self, name: &[u8]) -> Option<Key> {
        let name = str::from_utf8(name).ok()?;
        let (tag, rest) = name.strip_prefix(&self.0)?.strip_prefix(":{")?.split_once('}')?;
        let hash = format!("{tag}{rest}");
        if tag.len() == TAG { self.of_hash(&hash) } else { None }
    }

    /// What SCAN is to look for to find sessions, and some keys that [`parse`](Prefix::parse) sorts out.
    pub(crate) fn sessions(&self) -> String {
        self.pattern(":{??}*")
    }

    /// What SCAN is to look for to find indexes, and some keys that [`parse_index`](Prefix::parse_index) sorts out.
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

/// A fresh token whose key has the same tag as `old`, so that both live in one slot.
///
/// It costs 12 of its 256 random bits and about a millisecond, during which other tasks have their turn.
pub(crate) async fn mint_beside(old: &StoreKey, tokens: &TokenSource) -> Result<Token, StoreError> {
    let mut bytes = Zeroizing::new([0; 32]);
    let first = tokens.mint()?;
    match URL_SAFE_NO_PAD.decode(first.expose()) {
        Ok(drawn) if drawn.len() == bytes.len() => bytes.copy_from_slice(&Zeroizing::new(drawn)),
        _ => return Err(StoreError::NoFreeToken),
    }
    let start = bytes.last_chunk().map_or(0, |last| u32::from_le_bytes(*last));
    for step in 0..TRIES {
        if let Some(last) = bytes.last_chunk_mut() {
            *last = start.wrapping_add(step).to_le_bytes();
        }
        let token = Token::from_bytes(&bytes);
        if token.store_key().is_some_and(|key| tag_bits(&key) == tag_bits(old)) {
            return Ok(token);
        }
        if step % STRIDE == STRIDE - 1 {
            yield_now().await;
        }
    }
    Err(StoreError::NoFreeToken)
}

/// The bits that the two characters of the tag spell.
fn tag_bits(key: &StoreKey) -> u16 {
    let [high, low, ..] = *key.as_bytes();
    u16::from_be_bytes([high, low]) >> 4
}
