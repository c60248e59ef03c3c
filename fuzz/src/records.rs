//! Parsing of records: an accepted record has the same bytes again, and no accessor panics.

use session_core::value::is_indexed;
use session_core::{Record, Timestamp};

use crate::sealing::{NOW, meta, record};

/// Input: the bytes of a record.
///
/// # Panics
///
/// When an accepted record differs from its bytes.
pub fn run(bytes: &[u8]) {
    if let Ok(record) = Record::from_bytes(bytes) {
        assert_eq!(record.as_bytes(), bytes);
        check(&record);
        check(&record.with_idle_deadline(NOW));
    }
}

/// Records with and without fields, and invalid ones: a duplicate name, and names out of order.
pub fn seeds() -> Vec<Vec<u8>> {
    let fields: [(&str, &[u8]); 4] =
        [("", b""), ("a", b"\x41\x07"), ("b", b"\x03-12"), ("long", &[0x62; 300])];
    let whole = Record::new(&meta(), fields);
    let empty = Record::new(&meta(), []);
    let twice = [empty.as_bytes(), b"\x01a\x01x\x01a\x01y"].concat();
    let unordered = [empty.as_bytes(), b"\x01b\x01x\x01a\x01y"].concat();
    let expiring = record(b"\x22\x01\x02\x03\x04\x05\x06\x07\x08\xc0");
    let read = [empty, expiring, whole].map(|record| record.as_bytes().to_vec());
    [read.as_slice(), &[twice, unordered]].concat()
}

/// Calls every accessor of a record.
pub(crate) fn check(record: &Record) {
    let meta = record.meta();
    assert!(meta.last_seen() >= meta.created_at);
    for now in [Timestamp::from_millis(0), NOW, Timestamp::NEVER] {
        assert_eq!(record.is_live(now), now < meta.deadline());
    }
    let fields: Vec<(&str, &[u8])> = record.fields().collect();
    assert!(fields.is_sorted_by(|(one, _), (other, _)| one < other), "sorted and unique: {record:?}");
    assert_eq!(record.fields().is_empty(), fields.is_empty());
    for (name, value) in &fields {
        assert_eq!(record.get(name), Some(*value));
    }
    assert_eq!(
        record.get("no such field"),
        fields.iter().find(|(name, _)| *name == "no such field").map(|it| it.1)
    );
    let indexed: Vec<_> = fields.iter().copied().filter(|(_, value)| is_indexed(value)).collect();
    assert!(record.indexed().eq(indexed));
    assert_eq!(&Record::new(&meta, record.fields()), record, "equal records are equal bytes");
    assert_eq!(Record::from_bytes(record.as_bytes()).as_ref(), Ok(record));
}
