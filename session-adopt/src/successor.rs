//! The token of the session that replaced an old one, sealed for clients that present the old id.
//!
//! It is kept under a hash of the old id, while the id itself is deleted, so that the store reveals neither.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, CookieJar, Key};
use session_core::Token;
use sha2::{Digest as _, Sha256};

/// How long requests with the old id find the successor: those that are under way, and one more if the first response was
/// lost.
pub(crate) const FOUND_FOR: Duration = Duration::from_secs(60);

/// Associated data of the seal.
const NAME: &str = "session-adopt successor";

/// The SHA-256 of an old id.
pub(crate) fn hash(id: &str) -> [u8; 32] {
    Sha256::new().chain_update("session-adopt old id\0").chain_update(id).finalize().into()
}

/// Returns the name under which the successor of an old session is kept.
pub(crate) fn name(id: &str) -> String {
    format!("session-adopt:{}", URL_SAFE_NO_PAD.encode(hash(id)))
}

pub(crate) fn seal(id: &str, token: &Token) -> String {
    let mut jar = CookieJar::new();
    jar.private_mut(&key(id)).add(Cookie::new(NAME, token.expose().to_owned()));
    jar.get(NAME).map_or_else(String::new, |sealed| sealed.value().to_owned())
}

/// Returns the token, or `None` if it was not sealed for this id.
pub(crate) fn open(id: &str, sealed: &str) -> Option<Token> {
    let sealed = Cookie::new(NAME, sealed.to_owned());
    let opened = CookieJar::new().private(&key(id)).decrypt(sealed)?;
    Some(Token::from(opened.value()))
}

/// The key of the client that knows the old id.
fn key(id: &str) -> Key {
    Key::derive_from(&[b"session-adopt successor key of the old id ", id.as_bytes()].concat())
}
