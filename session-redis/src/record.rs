//! Writes and reads records as hashes, sealed where a key is configured.

use redis::{Cmd, Value};
use session_core::{HandleId, Record, StoreError};

use crate::client::failure::unexpected_reply;
use crate::client::reply::{bytes, pairs};
use crate::damage::Damage;
use crate::key::Key;
use crate::layout::{PREFIX, decode_identity, decode_meta, each_field};
use crate::seal::Sealing;
#[cfg(feature = "seal")]
use crate::seal::manifest;

/// Appends the names and values of all fields of a new session.
#[cfg_attr(not(feature = "seal"), expect(unused_variables, reason = "only seals depend on the key"))]
pub(crate) fn put_record(cmd: &mut Cmd, record: &Record, key: &Key, sealing: &Sealing) {
    #[cfg(feature = "seal")]
    if let Some(ring) = &sealing.ring {
        for (name, value) in manifest::seal(record, 1, key, ring) {
            cmd.arg(name).arg(value);
        }
        return;
    }
    each_field(record, |name, value| {
        cmd.arg(name).arg(value);
    });
}

/// The query for some fields of a session.
pub(crate) fn hmget(key: &Key, names: &[&str]) -> Cmd {
    let mut cmd = redis::cmd("HMGET");
    cmd.arg(&key.name).arg(names);
    cmd
}

/// Reads the record in a reply to HGETALL; `None` if the key does not exist.
///
/// A reply that HGETALL never has is an outage and not corruption: it says nothing about what is stored.
pub(crate) fn read_record(reply: &Value, key: &Key, sealing: &Sealing) -> Result<Option<Record>, StoreError> {
    let pairs = match reply {
        Value::Map(_) | Value::BulkString(_) => pairs(reply).ok_or_else(unexpected_reply)?,
        _ => return Err(unexpected_reply()),
    };
    if pairs.is_empty() {
        return Ok(None);
    }
    #[cfg(feature = "seal")]
    if let Some(ring) = &sealing.ring {
        manifest::verify(&pairs, key, ring)?;
    }
    Ok(Some(read_fields(&pairs, key, sealing)?))
}

/// Reads a record with some of its fields from the reply to [`hmget`], [`META_FIELDS`](crate::layout::META_FIELDS) among them; `None` if the key
/// does not exist. A sealed value is verified by itself then, and not against the fields that are left out.
pub(crate) fn read_some(
    names: &[&str],
    reply: &Value,
    key: &Key,
    sealing: &Sealing,
) -> Result<Option<Record>, Damage> {
    let Value::Array(values) = reply else { return Err(Damage::NotASession) };
    let pairs = names.iter().zip(values).filter_map(|(name, value)| Some((name.as_bytes(), bytes(value)?)));
    let pairs: Vec<_> = pairs.collect();
    if pairs.is_empty() { Ok(None) } else { read_fields(&pairs, key, sealing).map(Some) }
}

/// Reads the handle id in a field `m`.
pub(crate) fn read_id(stored: &[u8], key: &Key, sealing: &Sealing) -> Result<HandleId, Damage> {
    let identity = sealing.open(key, "m", stored)?;
    decode_identity(&identity).map(|(id, _)| id).ok_or(Damage::NotASession)
}

fn read_fields(pairs: &[(&[u8], &[u8])], key: &Key, sealing: &Sealing) -> Result<Record, Damage> {
    let value =
        |name: &str| pairs.iter().find_map(|(other, value)| (*other == name.as_bytes()).then_some(*value));
    let opened = |name: &str| sealing.open(key, name, value(name).ok_or(Damage::NotASession)?);
    let deadlines = value("d").ok_or(Damage::NotASession)?;
    let authentication = value("a").map(|stored| sealing.open(key, "a", stored)).transpose()?;
    let meta = decode_meta(&opened("m")?, &opened("l")?, deadlines, authentication.as_deref());
    let (meta, lifetime_deadline) = meta.ok_or(Damage::NotASession)?;
    if meta.lifetime_deadline != lifetime_deadline {
        return Err(Damage::Deadlines);
    }
    let mut fields = Vec::with_capacity(pairs.len());
    for (stored_name, value) in pairs {
        if stored_name.starts_with(PREFIX.as_bytes()) {
            let stored_name = str::from_utf8(stored_name).map_err(|_| Damage::Name)?;
            fields.push(sealing.open_field(key, stored_name, value)?);
        }
    }
    Ok(Record::new(&meta, fields.iter().map(|(name, value)| (&**name, &**value))))
}
