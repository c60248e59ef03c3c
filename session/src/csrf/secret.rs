//! The secret of a session's form tokens: a stored field.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::{Change, Patch, Record, StoreError};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::codec::{Codec, encode};

/// The stored name of the secret.
pub(super) const FIELD: &str = "csrf.secret";

const LENGTH: usize = 32;

/// The secret of a session's form tokens.
pub(super) struct Secret(Zeroizing<[u8; LENGTH]>);

impl Secret {
    pub(super) fn random() -> Result<Self, StoreError> {
        random_bytes().map(Self)
    }

    /// Reads the stored text.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        decode(text).map(Self)
    }

    /// The text to store.
    pub(super) fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0[..])
    }

    /// Returns a token, another one each time: a random mask, and the secret masked.
    pub(super) fn token(&self) -> Result<String, StoreError> {
        let mask = random_bytes()?;
        Ok(URL_SAFE_NO_PAD.encode([&mask[..], &xor(&self.0, &mask)[..]].concat()))
    }

    /// Whether a token was made of this secret. Compares in constant time.
    pub(super) fn accepts(&self, token: &str) -> bool {
        let token = decode::<{ 2 * LENGTH }>(token);
        let Some((mask, masked)) = token.as_ref().and_then(|token| token.split_first_chunk()) else {
            return false;
        };
        xor(&self.0, mask).ct_eq(masked).into()
    }
}

/// Gives a session that gets a new token a new secret in the same write, if it has one and the request sets no other.
pub(crate) fn replace(before: &Record, patch: &mut Patch) -> Result<(), StoreError> {
    if before.get(FIELD).is_none() || patch.change(FIELD).is_some() {
        return Ok(());
    }
    let mut value = Vec::new();
    encode(&Secret::random()?.to_text(), Codec::MessagePack, None, &mut value)
        .expect("a text of this size can be encoded");
    patch.insert(FIELD, Change::Set(value));
    Ok(())
}

fn random_bytes() -> Result<Zeroizing<[u8; LENGTH]>, StoreError> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    getrandom::fill(&mut *bytes).map_err(|error| StoreError::Random(error.into()))?;
    Ok(bytes)
}

fn decode<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut *bytes).ok()?;
    (length == N).then_some(bytes)
}

fn xor(one: &[u8; LENGTH], other: &[u8; LENGTH]) -> Zeroizing<[u8; LENGTH]> {
    Zeroizing::new(std::array::from_fn(|index| one[index] ^ other[index]))
}
