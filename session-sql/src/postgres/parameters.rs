//! Metadata and session limits as parameters of statements.

use session_core::{Evict, Patch, SessionLimit};

use super::held_value::HeldValue;
use super::query::Call;
use crate::meta::{MetaColumns, encode_duration, encode_time};
use crate::seal::Seal;

/// The parameters of a session limit.
pub(super) struct LimitColumns {
    pub(super) held: HeldValue,
    max: i64,
    rejects: bool,
}

impl LimitColumns {
    pub(super) fn new(limit: SessionLimit<'_>, seal: Option<&Seal>) -> Self {
        Self {
            held: HeldValue::new(limit.name, limit.value, seal),
            max: i64::try_from(limit.max.get()).unwrap_or(i64::MAX),
            rejects: limit.on_full == Evict::Reject,
        }
    }
}

pub(super) fn bind_limit<'q>(call: Call<'q>, limit: Option<&'q LimitColumns>) -> Call<'q> {
    let call = match limit {
        None => call.bind(None::<&[u8]>).bind(None::<&str>),
        Some(limit) => limit.held.bind(call),
    };
    call.bind(limit.map(|limit| limit.max)).bind(limit.map(|limit| limit.rejects))
}

/// Binds the metadata of a new session.
pub(super) fn bind_meta(call: Call<'_>, columns: MetaColumns) -> Call<'_> {
    call.bind(columns.handle_id)
        .bind(columns.created_at)
        .bind(columns.authenticated_at)
        .bind(columns.idle_timeout)
        .bind(columns.idle_deadline)
        .bind(columns.lifetime_deadline)
        .bind(columns.remember)
        .bind(None::<i64>)
}

/// Binds what a patch changes in the metadata.
pub(super) fn bind_meta_changes<'q>(call: Call<'q>, patch: &Patch) -> Call<'q> {
    let (identity, deadlines) = (patch.identity(), patch.deadlines());
    call.bind(identity.map(|(id, _)| id.as_bytes().to_vec()))
        .bind(identity.map(|(_, created_at)| encode_time(created_at)))
        .bind(patch.authenticated_at().map(encode_time))
        .bind(deadlines.map(|new| encode_duration(new.idle_timeout)))
        .bind(deadlines.map(|new| encode_time(new.idle_deadline)))
        .bind(deadlines.map(|new| encode_time(new.lifetime_deadline)))
        .bind(deadlines.map(|new| new.remember))
        .bind(patch.idle_deadline().map(encode_time))
}
