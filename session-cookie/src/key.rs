//! The secret key that seals and opens cookies.

use std::fmt;
use std::str::FromStr;

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hkdf::Hkdf;
use session_core::__keys::{check, is_placeholder, is_words, with_stack_wiped};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use crate::key_error::KeyError;
use crate::key_id::KeyId;

/// Length of a key in bytes: one half authenticates, the other encrypts.
const LENGTH: usize = 64;
/// HKDF salts for keys and key ids; they name the version of the derivation.
const KEY_SALT: &[u8] = b"session-cookie/v1 key";
const ID_SALT: &[u8] = b"session-cookie/v1 key id";

/// 64 secret bytes that seal and open session cookies.
///
/// The key allows signing in as any user: keep them in a secret manager or an environment variable, never in the
/// source. Constructors refuse bytes that do not look random and every key that was ever printed in the documentation
/// or the tests of this crate. `Debug` prints the [`KeyId`] only;
/// the bytes stay in one place on the heap and are wiped on drop. Expanded round keys exist only while a cookie is being
/// sealed or opened.
///
/// ```no_run
/// use session_cookie::Key;
///
/// let key: Key = std::env::var("SESSION_KEY")?.parse()?; // made by `openssl rand -hex 64`
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct Key {
    /// Boxed, because moving an array would leave a copy behind.
    bytes: Box<Zeroizing<[u8; LENGTH]>>,
    id: KeyId,
}

impl Key {
    /// Generates a key of 64 random bytes. Its cookies do not open after a restart unless the key is stored.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`] when the operating system gives no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        Self::fill(|bytes| getrandom::fill(bytes).map_err(|error| KeyError::Random(error.into())))
    }

    /// Creates a key from 64 random bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when they do not look random.
    pub fn from_bytes(mut bytes: [u8; LENGTH]) -> Result<Self, KeyError> {
        let key = check(&bytes).map_err(KeyError::from).and_then(|()| Self::from_exact(&bytes));
        bytes.zeroize();
        key
    }

    /// Creates a key from bytes without any check: for known-answer tests and fuzzing, whose keys are public.
    #[doc(hidden)]
    pub fn unchecked_for_tests(bytes: &[u8; LENGTH]) -> Self {
        Self::from_exact(bytes).expect("copying bytes cannot fail")
    }

    /// Derives a key with HKDF-SHA-256 from a secret that also serves other purposes, or that is not 64 bytes long.
    ///
    /// Each `context` gives an independent key. The secret is at least 32 random bytes: not text, and not hex or base64,
    /// which [`parse`](str::parse) reads.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when the secret is too short or does not look random.
    ///
    /// ```no_run
    /// # use session_cookie::Key;
    /// let secret = std::fs::read("/run/secrets/shop")?;
    /// let sessions = Key::derive(&secret, "shop sessions")?;
    /// let admin = Key::derive(&secret, "admin sessions")?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn derive(secret: &[u8], context: &str) -> Result<Self, KeyError> {
        check(secret)?;
        Self::fill(|bytes| {
            expand(KEY_SALT, secret, context.as_bytes(), bytes);
            Ok(())
        })
    }

    /// Reads a key from an environment variable, in the format of [`parse`](str::parse).
    ///
    /// # Errors
    ///
    /// [`KeyError::Missing`] when the variable is not set or empty, otherwise any error of parsing.
    pub fn from_env(variable: &str) -> Result<Self, KeyError> {
        from_env(variable)?.parse()
    }

    /// Returns the public identifier of this key, which each sealed cookie carries.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Runs `work` with a cipher that exists for this call only, then clears the stack that both used.
    pub(crate) fn with_cipher<R>(&self, work: impl FnOnce(&mut Aes256Siv) -> R) -> R {
        with_stack_wiped(|| work(&mut cipher(&self.bytes)))
    }

    fn from_exact(bytes: &[u8; LENGTH]) -> Result<Self, KeyError> {
        Self::fill(|filled| {
            filled.copy_from_slice(bytes);
            Ok(())
        })
    }

    /// Creates a key that `fill` writes in place, so that no copy of it is moved.
    pub(crate) fn fill(
        fill: impl FnOnce(&mut [u8; LENGTH]) -> Result<(), KeyError>,
    ) -> Result<Self, KeyError> {
        let mut bytes = Box::new(Zeroizing::new([0; LENGTH]));
        let mut id = [0; 4];
        with_stack_wiped(|| {
            fill(&mut bytes)?;
            expand(ID_SALT, &bytes[..], b"", &mut id);
            Ok::<_, KeyError>(())
        })?;
        Ok(Self { bytes, id: KeyId(id) })
    }
}

impl FromStr for Key {
    type Err = KeyError;

    /// Parses hex or base64, of either alphabet and with or without padding; surrounding white space is ignored. Words
    /// that happen to be base64 are refused as text.
    ///
    /// 64 bytes are the key itself; any other length from 32 bytes on is a secret for [`Key::derive`] with an empty
    /// context.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bytes = decode(text).and_then(|bytes| {
            check(&bytes)?;
            if !is_hex && is_words(text) { Err(KeyError::Text) } else { Ok(bytes) }
        });
        let bytes = bytes
            .map_err(|error| if is_placeholder(text.as_bytes()) { KeyError::Placeholder } else { error })?;
        match <&[u8; LENGTH]>::try_from(&bytes[..]) {
            Ok(bytes) => Self::from_exact(bytes),
            Err(_) => Self::derive(&bytes, ""),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

/// Creates a cipher. Not inlined, so that the frame of its construction and that of its use do not add up to more stack
/// than is cleared.
#[inline(never)]
fn cipher(key: &[u8; LENGTH]) -> Aes256Siv {
    Aes256Siv::new(key.into())
}

pub(crate) fn from_env(variable: &str) -> Result<Zeroizing<String>, KeyError> {
    let text = Zeroizing::new(std::env::var(variable).unwrap_or_default());
    if text.trim().is_empty() { Err(KeyError::Missing(variable.to_owned())) } else { Ok(text) }
}

fn expand(salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info, out)
        .expect("a key is far shorter than HKDF can give");
}

fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if text.is_empty() {
        return Err(KeyError::Empty);
    }
    if let Some(bytes) = decode_hex(text) {
        return Ok(bytes);
    }
    let alphabet: &Alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decoded = GeneralPurpose::new(alphabet, config).decode(text);
    decoded.map(Zeroizing::new).map_err(|_| KeyError::Malformed)
}

fn decode_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks();
    let mut bytes = Zeroizing::new(Vec::with_capacity(pairs.len()));
    for [high, low] in pairs {
        bytes.push(digit(*high)? << 4 | digit(*low)?);
    }
    rest.is_empty().then_some(bytes)
}
