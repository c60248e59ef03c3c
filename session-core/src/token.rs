//! What the client holds, and the key a store derives from it.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::StoreError;

/// Random bytes in a token: 256 bits.
const RANDOM_BYTES: usize = 32;
/// Length of those bytes in base64url without padding.
const RANDOM_CHARS: usize = 43;

const _: () = assert!(RANDOM_CHARS == (RANDOM_BYTES * 8).div_ceil(6));

/// What the client holds: the secret that opens its session.
///
/// For stores on the server it is 32 random bytes in base64url, for the cookie store the sealed record.
/// `Debug` shows `Token(***)`, equality takes constant time, and the text, which clones share, is wiped with the last.
/// [`expose`](Token::expose) is the only way to read it, for sending it to the client.
#[derive(Clone)]
pub struct Token(Arc<Text>);

/// The text of a token; one as long as a random token needs no allocation of its own.
enum Text {
    Random {
        text: Zeroizing<[u8; RANDOM_CHARS]>,
        /// What a store asks for more than once in a request; `None` when the text spells no token.
        key: Option<StoreKey>,
    },
    Other {
        /// Boxed, because a `String` is wiped byte by byte.
        text: Zeroizing<Box<str>>,
        note: OnceLock<Box<dyn Any + Send + Sync>>,
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
    /// A fresh random token.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`] when the operating system gives no randomness; there is no weaker source.
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

    /// The token that these 32 bytes spell.
    pub fn from_bytes(bytes: &[u8; RANDOM_BYTES]) -> Self {
        Self(Arc::new(Text::Random { text: spelling(bytes), key: Some(StoreKey::of(bytes)) }))
    }

    /// The text that goes to the client, and nowhere else.
    pub fn expose(&self) -> &str {
        match &*self.0 {
            Text::Random { text, .. } => match str::from_utf8(&**text) {
                Ok(text) => text,
                Err(_) => unreachable!("it was copied from text"),
            },
            Text::Other { text, .. } => text,
        }
    }

    /// The key under which a store on the server keeps the session: the SHA-256 of the random bytes.
    ///
    /// `None` unless the text is the one canonical spelling of 32 bytes, so what a client invents
    /// costs a store nothing.
    pub fn store_key(&self) -> Option<StoreKey> {
        match &*self.0 {
            Text::Random { key, .. } => *key,
            Text::Other { .. } => None,
        }
    }
}

/// For stores whose tokens hold the record: what it takes long to read out of one is read once.
impl Token {
    /// What was noted beside the text, if that was an `N`.
    pub fn noted<N: Any>(&self) -> Option<&N> {
        match &*self.0 {
            Text::Random { .. } => None,
            Text::Other { note, .. } => note.get()?.downcast_ref(),
        }
    }

    /// Notes something beside the text, for all clones of this token, unless something is noted already. A note that
    /// only one store can make must say which one made it. Beside a random token nothing is noted.
    pub fn note<N: Any + Send + Sync>(&self, make: impl FnOnce() -> N) {
        if let Text::Other { note, .. } = &*self.0 {
            note.get_or_init(|| Box::new(make()));
        }
    }
}

impl From<&str> for Token {
    /// Takes what a client sent, unchecked: a store answers "none" for what is not a token.
    fn from(text: &str) -> Self {
        Self(Arc::new(match text.as_bytes().try_into() {
            Ok(random) => Text::Random { text: Zeroizing::new(random), key: StoreKey::spelt(&random) },
            Err(_) => Text::Other { text: Zeroizing::new(text.into()), note: OnceLock::new() },
        }))
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        // What has room to spare would be moved into its box, and a copy left behind.
        if text.len() == RANDOM_CHARS || text.len() < text.capacity() {
            return Zeroizing::new(text).as_str().into();
        }
        Self(Arc::new(Text::Other { text: Zeroizing::new(text.into()), note: OnceLock::new() }))
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

/// The text of the token of these bytes.
fn spelling(bytes: &[u8; RANDOM_BYTES]) -> Zeroizing<[u8; RANDOM_CHARS]> {
    let mut text = Zeroizing::new([0; RANDOM_CHARS]);
    URL_SAFE_NO_PAD.encode_slice(bytes, &mut *text).expect("the text of 32 bytes has 43 characters");
    text
}

/// The name of a session inside a store: the SHA-256 of its token, which cannot be turned back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    fn of(bytes: &[u8; RANDOM_BYTES]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The key of the token that a text spells, if it does and there is no other spelling.
    fn spelt(text: &[u8; RANDOM_CHARS]) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut *bytes);
        (length == Ok(RANDOM_BYTES)).then(|| Self::of(&bytes))
    }

    /// The 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for StoreKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for StoreKey {
    /// Base64url without padding, 43 characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({self})")
    }
}

type Mint = dyn Fn() -> Result<Token, StoreError> + Send + Sync;

/// Where a store on the server gets fresh tokens: [`Token::random`], unless a test says otherwise.
#[derive(Clone, Default)]
pub struct TokenSource(Option<Arc<Mint>>);

impl TokenSource {
    /// Tokens from a function of the test's own, to provoke collisions and failures.
    pub fn from_fn(mint: impl Fn() -> Result<Token, StoreError> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(mint)))
    }

    /// A fresh token.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`] when there is no randomness.
    pub fn mint(&self) -> Result<Token, StoreError> {
        self.0.as_ref().map_or_else(Token::random, |mint| mint())
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "TokenSource(function)" } else { "TokenSource(system)" })
    }
}
