//! Layout of a session's hash: encodes and decodes its fields.
//!
//! | field | value |
//! |---|---|
//! | `m` | 1 layout, 16 handle id, 8 creation in milliseconds, little-endian |
//! | `l` | 1 flags, 8 idle timeout, 8 lifetime deadline, both in milliseconds, little-endian |
//! | `d` | idle and lifetime deadline in decimal, for scripts |
//! | `a` | 8 time of authentication in milliseconds, little-endian, if there is one |
//! | `f:name` | bytes of the databag field `name`; of a map's entry, `name` contains its key |
//! | `s` | where values are sealed, the [manifest](crate::seal::manifest) of the fields above |
//! | `i` | the session's index memberships, if it has any; decoded by scripts only |
//!
//! Other fields are left alone. The highest number stands for "never".

use std::time::Duration;

use redis::Cmd;
use session_core::{Change, Deadlines, HandleId, Meta, Patch, Record, Timestamp};

/// The fields that hold the metadata.
pub(crate) const META_FIELDS: [&str; 4] = ["m", "l", "d", "a"];
const LAYOUT: u8 = 1;
const REMEMBER: u8 = 1;
/// The last time that Lua represents exactly, in milliseconds. Keys of sessions that last longer expire then.
const LAST: u64 = (1 << 53) - 1;

/// Precedes the names of databag fields.
pub(crate) const PREFIX: &str = "f:";

/// Name of a databag field in the hash.
pub(crate) fn field_name(name: &str) -> String {
    [PREFIX, name].concat()
}

/// When the key of a session expires, in milliseconds, or `never`.
pub(crate) fn expiry(meta: &Meta) -> String {
    match meta.deadline() {
        Timestamp::NEVER => "never".to_owned(),
        deadline => deadline.as_millis().min(LAST).to_string(),
    }
}

/// Passes the name and the value of each field of a record's hash to `put`.
pub(crate) fn each_field(record: &Record, mut put: impl FnMut(&str, &[u8])) {
    let meta = record.meta();
    let deadlines = Deadlines {
        idle_timeout: meta.idle_timeout,
        idle_deadline: meta.idle_deadline,
        lifetime_deadline: meta.lifetime_deadline,
        remember: meta.remember,
    };
    put("m", &encode_identity(meta.id, meta.created_at));
    put("l", &encode_limits(&deadlines));
    if let Some(authenticated_at) = meta.authenticated_at {
        put("a", &encode_time(authenticated_at));
    }
    for (name, value) in record.fields() {
        put(&field_name(name), value);
    }
    put("d", encode_deadlines(&deadlines).as_bytes());
}

/// Appends a patch as `update_plain.lua` takes it.
pub(crate) fn put_patch(cmd: &mut Cmd, patch: &Patch, now: Timestamp) {
    let sets = || {
        patch.changes().filter_map(
            |(name, change)| if let Change::Set(value) = change { Some((name, value)) } else { None },
        )
    };
    let identity = patch.identity().map(|(id, created_at)| ("m", encode_identity(id, created_at)));
    let authentication = patch.authenticated_at().map(|at| ("a", encode_time(at).to_vec()));
    let is_unauthenticated = identity.is_some() && authentication.is_none();
    let metadata: Vec<_> = identity.into_iter().chain(authentication).collect();
    cmd.arg(now.as_millis()).arg(2 * (sets().count() + metadata.len()));
    for (name, value) in metadata {
        cmd.arg(name).arg(value);
    }
    for (name, value) in sets() {
        cmd.arg(field_name(name)).arg(value);
    }
    if let Some(deadline) = patch.idle_deadline() {
        cmd.arg("t").arg(deadline.as_millis());
    }
    if let Some(deadlines) = patch.deadlines() {
        cmd.arg("l").arg(encode_deadlines(&deadlines)).arg(encode_limits(&deadlines));
    }
    if is_unauthenticated {
        cmd.arg("r").arg("a");
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

fn optional(value: Option<&[u8]>) -> Vec<u8> {
    value.map_or_else(Vec::new, |value| [b"=", value].concat())
}

fn encode_identity(id: HandleId, created_at: Timestamp) -> Vec<u8> {
    [&[LAYOUT][..], id.as_bytes(), &encode_time(created_at)].concat()
}

fn encode_time(time: Timestamp) -> [u8; 8] {
    time.as_millis().to_le_bytes()
}

fn encode_deadlines(deadlines: &Deadlines) -> String {
    [deadlines.idle_deadline, deadlines.lifetime_deadline].map(|at| at.as_millis().to_string()).join(" ")
}

fn encode_limits(deadlines: &Deadlines) -> Vec<u8> {
    let timeout = u64::try_from(deadlines.idle_timeout.as_millis()).unwrap_or(u64::MAX);
    let flags = if deadlines.remember { REMEMBER } else { 0 };
    [&[flags][..], &timeout.to_le_bytes(), &encode_time(deadlines.lifetime_deadline)].concat()
}

/// Decodes a field `m` into the handle id, and the creation in milliseconds.
pub(crate) fn decode_identity(identity: &[u8]) -> Option<(HandleId, u64)> {
    let (&[LAYOUT], identity) = identity.split_first_chunk()? else { return None };
    let (id, created_at) = identity.split_first_chunk::<16>()?;
    Some((HandleId::from(*id), u64::from_le_bytes(created_at.try_into().ok()?)))
}

/// Decodes the fields `m`, `l`, `d` and `a` into the meta, and the lifetime deadline that scripts see.
pub(crate) fn decode_meta(
    identity: &[u8],
    limits: &[u8],
    deadlines: &[u8],
    authentication: Option<&[u8]>,
) -> Option<(Meta, Timestamp)> {
    let (id, created_at) = decode_identity(identity)?;
    let (&[flags], limits) = limits.split_first_chunk()?;
    let (timeout, lifetime) = limits.split_first_chunk::<8>()?;
    let (idle, lifetime_seen) = str::from_utf8(deadlines).ok()?.split_once(' ')?;
    let moment = |bytes: &[u8]| Some(Timestamp::from_millis(u64::from_le_bytes(bytes.try_into().ok()?)));
    let meta = Meta {
        id,
        created_at: Timestamp::from_millis(created_at),
        authenticated_at: match authentication {
            Some(bytes) => Some(moment(bytes)?),
            None => None,
        },
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

/// Whether a session with this field `d` is live.
pub(crate) fn is_live(deadlines: &[u8], now: Timestamp) -> bool {
    let earliest = str::from_utf8(deadlines).ok().and_then(|deadlines| {
        let (idle, lifetime) = deadlines.split_once(' ')?;
        Some(idle.parse::<u64>().ok()?.min(lifetime.parse().ok()?))
    });
    earliest.is_some_and(|earliest| now.as_millis() < earliest)
}
