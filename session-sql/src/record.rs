//! The bytes of a record in a column, for databases that keep records whole.

use session_core::{Meta, Record};

use crate::error::Damage;

/// Returns the bytes of a record. Those of its metadata count for nothing: the columns beside do.
pub(crate) fn encode_record(record: &Record) -> &[u8] {
    record.as_bytes()
}

/// Reads a record with these metadata.
pub(crate) fn decode_record(meta: Option<Meta>, bytes: Vec<u8>) -> Result<Record, Damage> {
    let meta = meta.ok_or(Damage::Meta)?;
    let record = Record::from_bytes(bytes).map_err(|_| Damage::Fields)?;
    Ok(if record.meta() == meta { record } else { record.with_meta(meta) })
}
