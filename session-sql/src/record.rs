//! A record as columns, for databases that keep records whole.

use std::borrow::Cow;

use session_core::{Record, StoreKey};

use crate::error::Damage;
use crate::meta::MetaColumns;
use crate::seal::Seal;

/// Returns the columns of a session. Of a record that is not sealed the bytes of its metadata count for nothing: the
/// columns beside do. Of a sealed one they do.
pub(crate) fn encode_record<'a>(
    record: &'a Record,
    key: &StoreKey,
    seal: Option<&Seal>,
) -> (Cow<'a, [u8]>, MetaColumns) {
    match seal {
        None => (record.as_bytes().into(), MetaColumns::from(record.meta())),
        Some(seal) => (seal.seal(record, key).into(), MetaColumns::of_sealed(record.meta())),
    }
}

/// Reads a record that is not sealed.
pub(crate) fn decode_record(bytes: Vec<u8>, columns: &MetaColumns) -> Result<Record, Damage> {
    let meta = columns.decode().ok_or(Damage::Meta)?;
    let record = Record::from_bytes(bytes).map_err(|_| Damage::Fields)?;
    Ok(if record.meta() == meta { record } else { record.with_meta(meta) })
}
