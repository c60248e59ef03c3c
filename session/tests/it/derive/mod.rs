//! `#[derive(Databag)]`.

mod combined;
mod defaults;
mod evolution;
mod hostile;
mod meanings;
mod meeting;
mod mistakes;
mod secrets;
mod tracking;
mod values;

use std::time::Duration;

use session::{Databag, HandleId, Meta, Record, Timestamp};
use session_core::Data;

/// A record of these fields that never ends.
fn record<'a>(fields: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Record {
    let meta = Meta {
        id: HandleId::from([7; 16]),
        created_at: Timestamp::from_millis(0),
        idle_deadline: Timestamp::NEVER,
        idle_timeout: Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        remember: false,
    };
    Record::new(&meta, fields)
}

/// Fresh accessors, and the data behind them.
fn open<T: Databag>(record: Option<Record>) -> (T::Accessors, Data<T>) {
    let data = Data::new(record);
    (T::accessors(data.clone()), data)
}

/// The record after what was changed in the data.
fn saved<T: Databag>(data: &Data<T>) -> Record {
    let before = data.record().unwrap_or_else(|| record([]));
    let after = before.apply(&data.patch(data.record().is_none()).unwrap()).unwrap();
    data.written(after.clone());
    after
}
