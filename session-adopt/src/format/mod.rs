//! Stored sessions of other libraries, as values by name.

mod actix_session;
mod axum_session;
mod json_values;
mod tower_sessions;
mod unreadable;

use cookie::Key;

use self::unreadable::Unreadable;
use crate::backend::Stored;
use crate::{OldSession, successor};

/// How a library stores a session.
pub(crate) enum Format {
    TowerSessions,
    /// The id that a client presents is the whole session.
    TowerSessionsCookie,
    ActixSession,
    ActixSessionCookie,
    AxumSession {
        database_key: Option<Key>,
    },
}

impl Format {
    /// Whether this could be an id, so that no other entries of the store are read.
    pub(crate) fn is_id(&self, id: &str) -> bool {
        match self {
            Self::TowerSessions => tower_sessions::is_id(id),
            Self::ActixSession => actix_session::is_id(id),
            Self::AxumSession { .. } => axum_session::is_id(id),
            Self::TowerSessionsCookie | Self::ActixSessionCookie => true,
        }
    }

    pub(crate) fn decode(&self, id: &str, stored: Stored) -> Result<OldSession, Unreadable> {
        let Stored { bytes, expires_at } = stored;
        match self {
            Self::TowerSessions => tower_sessions::decode(id, &bytes),
            Self::TowerSessionsCookie => tower_sessions::decode_cookie(id),
            Self::ActixSession => actix_session::decode(&bytes, expires_at),
            Self::ActixSessionCookie => actix_session::decode(id.as_bytes(), None),
            Self::AxumSession { database_key } => {
                axum_session::decode(id, bytes, expires_at, database_key.as_ref())
            }
        }
    }

    /// A hash that all cookies of one session have in common, as far as the library's cookies say which session they belong to.
    pub(crate) fn session_hash(&self, id: &str) -> [u8; 32] {
        match self {
            Self::TowerSessionsCookie => tower_sessions::number_in_cookie(id)
                .map_or_else(|| successor::hash(id), |number| successor::hash(&number.to_string())),
            _ => successor::hash(id),
        }
    }
}
