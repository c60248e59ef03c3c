//! Names of index members: the hash in the key of a session that holds the value, and the time when it was added.

/// Length of the hash at the start of a member: 32 bytes in base64url.
const HASH_LENGTH: usize = 43;

/// The hash in the key that the session had when it was added.
pub(crate) fn origin_hash(member: &str) -> Option<&str> {
    member.get(..HASH_LENGTH)
}

/// The time when a member was added, in microseconds as decimal digits.
pub(crate) fn added_at(member: &str) -> Option<&str> {
    member.get(HASH_LENGTH..)
}
