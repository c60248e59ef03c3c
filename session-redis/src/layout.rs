//! How a record becomes a hash, and back.
//!
//! | field | value |
//! |---|---|
//! | `m` | 1 layout, 16 handle id, 8 creation in milliseconds, low byte first |
//! | `l` | 1 flags, 8 idle timeout, 8 lifetime deadline, both in milliseconds, low byte first |
//! | `d` | the idle and the lifetime deadline, in decimal: what scripts read |
//! | `f:name` | the bytes of the databag field `name` |
//! | `s` | where values are sealed, the [manifest](crate::manifest) of the fields above |
//! | `i` | where the session is in the index, if it is; only scripts read it |
//!
//! Other fields are left alone. The highest number stands for "never".

use std::time::Duration;

use redis::{Cmd, Value};
use session_core::{Change, Deadlines, HandleId, Meta, Patch, Record, StoreError, Timestamp};

use crate::answer;
use crate::index::Join;
use crate::key::Key;
#[cfg(feature = "seal")]
use crate::manifest;
use crate::outcome::{Unreached, corrupt, unexpected};
use crate::sealing::Sealing;

const LAYOUT: u8 = 1;
const REMEMBER: u8 = 1;
/// The last moment that Lua tells from its neighbours; keys that live longer expire then.
const LAST: u64 = (1 << 53) - 1;

/// What is wrong with what is stored under a session's key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Damage {
    #[error("the key holds no hash with the fields of a session")]
    NotASession,
    #[error("the deadlines contradict each other")]
    Deadlines,
    #[error("the key holds no floor of a revocation list")]
    NotAFloor,
    #[error("the name of a field is not text")]
    Name,
    #[cfg(feature = "seal")]
    #[error("a value was not sealed by a key of the ring, for this place")]
    Seal,
    #[cfg(feature = "seal")]
    #[error("fields were removed, added or put back since the session was sealed")]
    Manifest,
}

/// The name of a databag field in the hash.
pub(crate) fn field_name(name: &str) -> String {
    ["f:", name].concat()
}

/// When the key of a session with these deadlines expires, in milliseconds, or `never`.
pub(crate) fn expiry(meta: &Meta) -> String {
    match meta.deadline() {
        Timestamp::NEVER => "never".to_owned(),
        deadline => deadline.as_millis().min(LAST).to_string(),
    }
}

/// Adds what a new session is to be found by.
pub(crate) fn put_joins(cmd: &mut Cmd, joins: &[Join]) {
    for join in joins {
        cmd.arg(format!("i:{}", field_name(&join.name))).arg(join.spelled());
    }
}

/// Adds the names and values of all fields of a new session.
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

/// Passes the name and the value of each field of a record's hash to `put`.
pub(crate) fn each_field(record: &Record, mut put: impl FnMut(&str, &[u8])) {
    let meta = record.meta();
    let limits = Deadlines {
        idle_timeout: meta.idle_timeout,
        idle_deadline: meta.idle_deadline,
        lifetime_deadline: meta.lifetime_deadline,
        remember: meta.remember,
    };
    put("m", &identity(meta.id, meta.created_at));
    put("l", &limits_value(&limits));
    for (name, value) in record.fields() {
        put(&field_name(name), value);
    }
    put("d", deadlines(&limits).as_bytes());
}

/// Adds what `set.lua` takes.
pub(crate) fn put_patch(cmd: &mut Cmd, patch: &Patch, now: Timestamp) {
    let sets = || {
        patch.changes().filter_map(
            |(name, change)| if let Change::Set(value) = change { Some((name, value)) } else { None },
        )
    };
    let identity = patch.identity().map(|(id, created_at)| identity(id, created_at));
    cmd.arg(now.as_millis()).arg(2 * (sets().count() + usize::from(identity.is_some())));
    if let Some(identity) = identity {
        cmd.arg("m").arg(identity);
    }
    for (name, value) in sets() {
        cmd.arg(field_name(name)).arg(value);
    }
    if let Some(deadline) = patch.idle_deadline() {
        cmd.arg("t").arg(deadline.as_millis());
    }
    if let Some(limits) = patch.deadlines() {
        cmd.arg("l").arg(deadlines(&limits)).arg(limits_value(&limits));
    }
    if patch.drops_fields() {
        let kept: Vec<_> = patch.kept().into_iter().flatten().map(field_name).collect();
        cmd.arg("k").arg(if patch.drops_all() { 0 } else { 0x80 }).arg(kept.len()).arg(kept);
    }
    for (name, change) in patch.changes() {
        let name = field_name(name);
        match change {
            Change::Set(_) => continue,
            Change::Remove => cmd.arg("r").arg(name),
            Change::RemoveIf { expected } => cmd.arg("c").arg(name).arg(expected),
            Change::Add { by, min, max, keep } => {
                cmd.arg("a").arg(name).arg(*by).arg(*min).arg(*max).arg(if *keep { b"\x83" } else { b"\x03" })
            }
            Change::CompareAndSet { expected, value } => {
                cmd.arg("x").arg(name).arg(optional(value.as_deref())).arg(optional(expected.as_deref()))
            }
        };
    }
}

/// Adds what the index has to do with a patch.
pub(crate) fn put_index(cmd: &mut Cmd, joins: &[Join], unreached: Option<&Unreached>) {
    for join in joins {
        cmd.arg("i").arg(field_name(&join.name)).arg(join.spelled());
    }
    if let Some(Unreached { index, reach, .. }) = unreached {
        cmd.arg("e").arg(index).arg(reach.as_millis());
    }
}

fn optional(value: Option<&[u8]>) -> Vec<u8> {
    value.map_or_else(Vec::new, |value| [b"=", value].concat())
}

fn identity(id: HandleId, created_at: Timestamp) -> Vec<u8> {
    let mut identity = vec![LAYOUT];
    identity.extend_from_slice(id.as_bytes());
    identity.extend_from_slice(&created_at.as_millis().to_le_bytes());
    identity
}

fn deadlines(limits: &Deadlines) -> String {
    format!("{} {}", limits.idle_deadline.as_millis(), limits.lifetime_deadline.as_millis())
}

fn limits_value(limits: &Deadlines) -> Vec<u8> {
    let timeout = u64::try_from(limits.idle_timeout.as_millis()).unwrap_or(u64::MAX);
    let mut value = vec![if limits.remember { REMEMBER } else { 0 }];
    value.extend_from_slice(&timeout.to_le_bytes());
    value.extend_from_slice(&limits.lifetime_deadline.as_millis().to_le_bytes());
    value
}

/// The record that the answer to HGETALL is; `None` when there is no key.
///
/// What HGETALL never answers is an outage: it says nothing of what is stored.
pub(crate) fn read_record(
    answer: &Value,
    key: &Key,
    sealing: &Sealing,
) -> Result<Option<Record>, StoreError> {
    let pairs = match answer {
        Value::Map(_) | Value::BulkString(_) => pairs(answer).ok_or_else(unexpected)?,
        _ => return Err(unexpected()),
    };
    if pairs.is_empty() {
        return Ok(None);
    }
    #[cfg(feature = "seal")]
    if let Some(ring) = &sealing.ring {
        manifest::verify(&pairs, key, ring).map_err(corrupt)?;
    }
    read_fields(&pairs, key, sealing).map(Some).map_err(corrupt)
}

/// The record of those fields of a session that were asked for by these names, with what all sessions have among them;
/// `None` when there is no key. Where values are sealed each is checked by itself, and not against those that are left out.
pub(crate) fn read_some(
    names: &[&str],
    answer: &Value,
    key: &Key,
    sealing: &Sealing,
) -> Result<Option<Record>, Damage> {
    let Value::Array(values) = answer else { return Err(Damage::NotASession) };
    let pairs = names.iter().zip(values).filter_map(|(name, value)| Some((name.as_bytes(), bytes(value)?)));
    let pairs: Vec<_> = pairs.collect();
    if pairs.is_empty() { Ok(None) } else { read_fields(&pairs, key, sealing).map(Some) }
}

fn read_fields(pairs: &[(&[u8], &[u8])], key: &Key, sealing: &Sealing) -> Result<Record, Damage> {
    let value =
        |name: &str| pairs.iter().find_map(|(other, value)| (*other == name.as_bytes()).then_some(*value));
    let opened = |name: &str| sealing.open(key, name, value(name).ok_or(Damage::NotASession)?);
    let deadlines = value("d").ok_or(Damage::NotASession)?;
    let meta = read_meta(&opened("m")?, &opened("l")?, deadlines);
    let (meta, lifetime_deadline) = meta.ok_or(Damage::NotASession)?;
    if meta.lifetime_deadline != lifetime_deadline {
        return Err(Damage::Deadlines);
    }
    let mut fields = Vec::with_capacity(pairs.len());
    for (stored_name, value) in pairs {
        if stored_name.starts_with(b"f:") {
            let stored_name = str::from_utf8(stored_name).map_err(|_| Damage::Name)?;
            fields.push((&stored_name[2..], sealing.open(key, stored_name, value)?));
        }
    }
    Ok(Record::new(&meta, fields.iter().map(|(name, value)| (*name, &**value))))
}

/// The handle id in a field `m`.
pub(crate) fn read_id(stored: &[u8], key: &Key, sealing: &Sealing) -> Result<HandleId, Damage> {
    let identity = sealing.open(key, "m", stored)?;
    read_identity(&identity).map(|(id, _)| id).ok_or(Damage::NotASession)
}

/// The handle id, and the creation in milliseconds.
fn read_identity(identity: &[u8]) -> Option<(HandleId, u64)> {
    let (&[LAYOUT], identity) = identity.split_first_chunk()? else { return None };
    let (id, created_at) = identity.split_first_chunk::<16>()?;
    Some((HandleId::from(*id), u64::from_le_bytes(created_at.try_into().ok()?)))
}

/// The meta, and the lifetime deadline as the scripts see it.
fn read_meta(identity: &[u8], limits: &[u8], deadlines: &[u8]) -> Option<(Meta, Timestamp)> {
    let (id, created_at) = read_identity(identity)?;
    let (&[flags], limits) = limits.split_first_chunk()?;
    let (timeout, lifetime) = limits.split_first_chunk::<8>()?;
    let (idle, lifetime_seen) = str::from_utf8(deadlines).ok()?.split_once(' ')?;
    let moment = |bytes: &[u8]| Some(Timestamp::from_millis(u64::from_le_bytes(bytes.try_into().ok()?)));
    let meta = Meta {
        id,
        created_at: Timestamp::from_millis(created_at),
        idle_deadline: Timestamp::from_millis(idle.parse().ok()?),
        idle_timeout: match u64::from_le_bytes(*timeout) {
            u64::MAX => Duration::MAX,
            millis => Duration::from_millis(millis),
        },
        lifetime_deadline: moment(lifetime)?,
        remember: flags == REMEMBER,
    };
    (flags & !REMEMBER == 0).then_some((meta, Timestamp::from_millis(lifetime_seen.parse().ok()?)))
}

/// Whether a session with these deadlines, as the field `d` has them, lives at `now`.
pub(crate) fn is_live(deadlines: &[u8], now: Timestamp) -> bool {
    let earliest = str::from_utf8(deadlines).ok().and_then(|deadlines| {
        let (idle, lifetime) = deadlines.split_once(' ')?;
        Some(idle.parse::<u64>().ok()?.min(lifetime.parse().ok()?))
    });
    earliest.is_some_and(|earliest| now.as_millis() < earliest)
}

/// Names and values, as either version of the protocol gives them, or folded.
pub(crate) fn pairs(answer: &Value) -> Option<Vec<(&[u8], &[u8])>> {
    match answer {
        Value::Map(pairs) => pairs.iter().map(|(name, value)| Some((bytes(name)?, bytes(value)?))).collect(),
        Value::Array(items) => {
            let (pairs, rest) = items.as_chunks();
            let pairs = pairs.iter().map(|[name, value]| Some((bytes(name)?, bytes(value)?)));
            if rest.is_empty() { pairs.collect() } else { None }
        }
        Value::BulkString(map) => answer::pairs(map),
        _ => None,
    }
}

pub(crate) fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
    }
}
