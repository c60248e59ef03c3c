//! Session data of `axum_session`: an object in JSON, which may be encrypted.

use std::collections::HashMap;

use cookie::{Cookie, CookieJar, Key};
use serde::Deserialize;
use session_core::Timestamp;

use super::json_values::parse;
use super::unreadable::Unreadable;
use crate::OldSession;

/// Ids are UUIDs, unless the application makes its own.
pub(super) fn is_id(id: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (16..=128).contains(&id.len()) && id.bytes().all(is_allowed)
}

#[derive(Deserialize)]
struct SessionData {
    data: HashMap<String, String>,
}

/// Decrypts a session with the key of the database, if there is one, and decodes it.
pub(super) fn decode(
    id: &str,
    bytes: Vec<u8>,
    expires_at: Option<Timestamp>,
    database_key: Option<&Key>,
) -> Result<OldSession, Unreadable> {
    let session = || {
        let text = String::from_utf8(bytes).ok()?;
        let text = match database_key {
            None => text,
            // The form of an encrypted cookie that has the id as its name.
            Some(key) => {
                let sealed = Cookie::new(id.to_owned(), text);
                CookieJar::new().private(key).decrypt(sealed)?.value().to_owned()
            }
        };
        let SessionData { data } = serde_json::from_str(&text).ok()?;
        Some(OldSession::new(parse(data)?, expires_at))
    };
    session().ok_or(Unreadable("axum_session"))
}
