//! Entries of maps in a sealed session.
//!
//! The key of an entry is data, so it is sealed with the value: `length 4 | key | value`. In the name of the field stands
//! a keyed hash of it instead.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::entry;
use session_core::seal::SealRing;

use crate::key::Key;

const PURPOSE: &[u8] = b"session-redis/v1 entry";

/// The name and the value to be sealed in place of an entry's, or `None` for a field that is not an entry.
pub(crate) fn sealed_form(
    name: &str,
    value: &[u8],
    session: &Key,
    ring: &SealRing,
) -> Option<(String, Vec<u8>)> {
    let (map, key) = entry::split(name)?;
    let length = u32::try_from(key.len()).ok()?.to_le_bytes();
    let session_length = (session.name.len() as u64).to_le_bytes();
    let hashed = ring.digest(&[PURPOSE, &session_length, session.name.as_bytes(), name.as_bytes()].concat());
    let sealed_name = entry::name(map, &URL_SAFE_NO_PAD.encode(&hashed[..16]));
    Some((sealed_name, [&length, key.as_bytes(), value].concat()))
}

/// The name and the value of an entry from its opened value; `None` if that is not the value of an entry.
pub(crate) fn read_sealed_form<'v>(sealed_name: &str, opened: &'v [u8]) -> Option<(String, &'v [u8])> {
    let (map, _) = entry::split(sealed_name)?;
    let (length, rest) = opened.split_first_chunk()?;
    let (key, value) = rest.split_at_checked(u32::from_le_bytes(*length).try_into().ok()?)?;
    Some((entry::name(map, str::from_utf8(key).ok()?), value))
}
