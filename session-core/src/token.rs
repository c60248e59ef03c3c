//! Session tokens: the secrets that clients hold.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{StoreError, StoreKey};

/// Random bytes in a token: 256 bits.
const RANDOM_BYTES: usize = 32;
/// Length of those bytes in base64url without padding.
const RANDOM_CHARS: usize = 43;

const _: () = assert!(RANDOM_CHARS == (RANDOM_BYTES * 8).div_ceil(6));

/// The secret that a client holds and that gives access to its session, such as the value of a session cookie.
///
/// For stores on the server it is 32 random bytes in base64url, for the cookie store the sealed record. `Debug` prints
/// `Token(***)`, equality takes constant time, and the text, which all clones share, is zeroised when the last clone
/// is dropped. [`expose`](Token::expose) is the only way to read it, for sending it to the client.
#[doc(alias = "session id")]
#[doc(alias = "sid")]
#[doc(alias = "session key")]
#[doc(alias = "cookie")]
#[derive(Clone)]
pub struct Token(Arc<Text>);

/// The text of a token. A text with the length of a random token is stored inline.
enum Text {
    Random {
        text: Zeroizing<[u8; RANDOM_CHARS]>,
        /// Computed once, since a store needs it several times per request. `None` if the text is not canonical
        /// base64url.
        key: Option<StoreKey>,
    },
    Other {
        /// Boxed, because zeroising a `String` goes byte by byte.
        text: Zeroizing<Box<str>>,
        cache: OnceLock<Box<dyn Any + Send + Sync>>,
    },
}

impl Text {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Random { text, .. } => &**text,
            Self::Other { text, .. } => text.as_bytes(),
        }
    }
}

impl Token {
    /// Returns a new random token.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`] if the operating system returns no random bytes. There is no weaker fallback.
    ///
    /// ```
    /// let token = session_core::Token::random()?;
    /// assert_eq!(token.expose().len(), 43);
    /// assert_eq!(format!("{token:?}"), "Token(***)");
    /// # Ok::<_, session_core::StoreError>(())
    /// ```
    pub fn random() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        getrandom::fill(&mut *bytes).map_err(|error| StoreError::Random(error.into()))?;
        Ok(Self::from_bytes(&bytes))
    }

    /// Returns the token whose text encodes these 32 bytes.
    pub fn from_bytes(bytes: &[u8; RANDOM_BYTES]) -> Self {
        Self(Arc::new(Text::Random { text: encode(bytes), key: Some(StoreKey::of(bytes)) }))
    }

    /// Returns the text. It is meant for the client alone and must not be logged or stored.
    pub fn expose(&self) -> &str {
        match &*self.0 {
            Text::Random { text, .. } => match str::from_utf8(&**text) {
                Ok(text) => text,
                Err(_) => unreachable!("the bytes were copied from a str"),
            },
            Text::Other { text, .. } => text,
        }
    }

    /// Returns the key under which a store on the server keeps the session: the SHA-256 of the random bytes.
    ///
    /// `None` unless the text is the canonical base64url encoding of 32 bytes, so that malformed tokens can be refused
    /// without a lookup.
    pub fn store_key(&self) -> Option<StoreKey> {
        match &*self.0 {
            Text::Random { key, .. } => *key,
            Text::Other { .. } => None,
        }
    }
}

/// A cache beside the text, for stores whose tokens contain the record and are expensive to decode.
impl Token {
    /// Returns the cached value if there is one of type `C`.
    pub fn cached<C: Any>(&self) -> Option<&C> {
        match &*self.0 {
            Text::Random { .. } => None,
            Text::Other { cache, .. } => cache.get()?.downcast_ref(),
        }
    }

    /// Caches a value for all clones of this token, unless one is cached already.
    ///
    /// A value that is valid for a single store must identify that store. Tokens with the length of a random token
    /// cache nothing.
    pub fn cache<C: Any + Send + Sync>(&self, make: impl FnOnce() -> C) {
        if let Text::Other { cache, .. } = &*self.0 {
            cache.get_or_init(|| Box::new(make()));
        }
    }
}

impl From<&str> for Token {
    /// Wraps text from a client without checking it. Loading a malformed token returns `None`.
    fn from(text: &str) -> Self {
        Self(Arc::new(match text.as_bytes().try_into() {
            Ok(random) => Text::Random { text: Zeroizing::new(random), key: StoreKey::of_text(&random) },
            Err(_) => Text::Other { text: Zeroizing::new(text.into()), cache: OnceLock::new() },
        }))
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        // Boxing a string with spare capacity reallocates and leaves a copy of the text behind.
        if text.len() == RANDOM_CHARS || text.len() < text.capacity() {
            return Zeroizing::new(text).as_str().into();
        }
        Self(Arc::new(Text::Other { text: Zeroizing::new(text.into()), cache: OnceLock::new() }))
    }
}

impl From<&Token> for Token {
    fn from(token: &Token) -> Self {
        token.clone()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

fn encode(bytes: &[u8; RANDOM_BYTES]) -> Zeroizing<[u8; RANDOM_CHARS]> {
    let mut text = Zeroizing::new([0; RANDOM_CHARS]);
    URL_SAFE_NO_PAD.encode_slice(bytes, &mut *text).expect("32 bytes are 43 characters of base64url");
    text
}
