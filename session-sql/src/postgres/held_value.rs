//! The value of an indexed field as parameters of statements.

use super::fields::Object;
use super::query::Call;
use crate::index_key::{IndexKey, index_key, index_keys};
use crate::seal::Seal;

/// The digest of a value, and the field as the row of a session that holds it has it: one of each, or where sessions are
/// sealed one for each key.
pub(super) enum HeldValue {
    Plain { digest: IndexKey, field: Object },
    Sealed { digests: Vec<IndexKey>, fields: Vec<Object> },
}

impl HeldValue {
    pub(super) fn new(name: &str, value: &[u8], seal: Option<&Seal>) -> Self {
        if seal.is_none() {
            return Self::Plain { digest: index_key(name, value, None), field: Object::of(name, value) };
        }
        let digests = index_keys(name, value, seal);
        Self::Sealed { fields: digests.iter().map(|digest| Object::of(name, digest)).collect(), digests }
    }

    /// Binds the digests and the fields.
    pub(super) fn bind<'q>(&'q self, call: Call<'q>) -> Call<'q> {
        match self {
            Self::Plain { digest, field } => call.bind(digest.as_slice()).bind(field.as_json()),
            Self::Sealed { digests, fields } => {
                let digests: Vec<_> = digests.iter().map(<[u8; 32]>::as_slice).collect();
                let fields: Vec<_> = fields.iter().map(Object::as_json).collect();
                call.bind(digests).bind(fields)
            }
        }
    }

    /// Numbers that stand for the value, one for each digest, in the order in which everybody locks them: processes may
    /// have different keys while these are replaced. Other values may share a number: they wait for each other.
    pub(super) fn lock_numbers(&self) -> Vec<i32> {
        let number = |&[a, b, c, d, ..]: &IndexKey| i32::from_le_bytes([a, b, c, d]);
        match self {
            Self::Plain { digest, .. } => vec![number(digest)],
            Self::Sealed { digests, .. } => {
                let mut numbers: Vec<_> = digests.iter().map(number).collect();
                numbers.sort_unstable();
                numbers
            }
        }
    }
}
