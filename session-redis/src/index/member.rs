//! Members of index sets. Each names one session that holds the value, and the time when it was added.

/// Length of the hash at the start of a member: 32 bytes in base64url.
const HASH_LENGTH: usize = 43;

/// A member of an index set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Digest of the value, which determines the set.
    pub(crate) digest: String,
    pub(crate) name: String,
}

/// The hash in the key that the session had when it was added.
pub(crate) fn origin_hash(member: &str) -> Option<&str> {
    member.get(..HASH_LENGTH)
}

/// The time when a member was added, in microseconds as decimal digits.
pub(crate) fn added_at(member: &str) -> Option<&str> {
    member.get(HASH_LENGTH..)
}
