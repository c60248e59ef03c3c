//! States of actix-session: an object in JSON.

use session_core::Timestamp;

use super::json_values::parse;
use super::unreadable::Unreadable;
use crate::OldSession;

pub(super) fn is_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(super) fn decode(bytes: &[u8], expires_at: Option<Timestamp>) -> Result<OldSession, Unreadable> {
    let state = serde_json::from_slice(bytes).map_err(|_| Unreadable("actix-session"))?;
    let values = parse(state).ok_or(Unreadable("actix-session"))?;
    Ok(OldSession::new(values, expires_at))
}
