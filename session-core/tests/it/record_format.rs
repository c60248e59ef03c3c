//! The binary format of records.

use std::time::Duration;

use proptest::prelude::*;
use session_core::{Corrupt, HandleId, Meta, Record, Timestamp};

const HEAD: usize = 50;

fn meta() -> Meta {
    Meta {
        id: HandleId::from([0xab; 16]),
        created_at: Timestamp::from_millis(1_700_000_000_000),
        authenticated_at: None,
        idle_deadline: Timestamp::from_millis(1_700_001_800_000),
        idle_timeout: Duration::from_secs(1_800),
        lifetime_deadline: Timestamp::NEVER,
        remember: true,
    }
}

fn record() -> Record {
    Record::new(&meta(), [("theme", b"\x01\x04dark".as_slice()), ("", b""), ("cart", &[0xff, 0])])
}

fn authenticated() -> Record {
    let authenticated_at = Some(Timestamp::from_millis(1_700_000_020_481));
    record().with_meta(Meta { authenticated_at, ..meta() })
}

/// Returns the encoded metadata of a record, followed by these bytes.
fn with_fields(fields: &[u8]) -> Vec<u8> {
    [&record().as_bytes()[..HEAD], fields].concat()
}

/// The stored format. A change makes every stored session unreadable.
#[test]
fn a_record_has_these_bytes() {
    let head = "0101abababababababababababababababab\
                0068e5cf8b010000\
                40df00d08b010000\
                40771b0000000000\
                ffffffffffffffff";
    let fields = "0000\
                  046361727402ff00\
                  057468656d650601046461726b";
    assert_eq!(hex(record().as_bytes()), format!("{head}{fields}"));
}

/// The stored format where somebody was authenticated: eight bytes more, and the flag that announces them.
#[test]
fn a_record_with_a_time_of_authentication_has_these_bytes() {
    let record = authenticated();
    let head = "0103abababababababababababababababab\
                0068e5cf8b010000\
                40df00d08b010000\
                40771b0000000000\
                ffffffffffffffff\
                01b8e5cf8b010000";
    let fields = "0000\
                  046361727402ff00\
                  057468656d650601046461726b";
    assert_eq!(hex(record.as_bytes()), format!("{head}{fields}"));
    let read = Record::from_bytes(record.as_bytes()).unwrap();
    assert_eq!((read.meta(), &read), (record.meta(), &record));
    assert_eq!(read.get("theme"), Some(b"\x01\x04dark".as_slice()));
    assert_eq!(read.with_meta(meta()).as_bytes(), self::record().as_bytes());
}

#[test]
fn the_time_of_authentication_is_there_where_its_flag_is_set() {
    let without_time = with_flag(record().as_bytes()[..HEAD].to_vec());
    assert_eq!(Record::from_bytes(without_time), Err(Corrupt));
    let time_as_fields = with_flag(with_fields(&[0; 8]));
    assert_eq!(
        Record::from_bytes(time_as_fields).unwrap().meta().authenticated_at,
        Some(Timestamp::from_millis(0))
    );
}

fn with_flag(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[1] |= 2;
    bytes
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let read = Record::from_bytes(record().as_bytes()).unwrap();
    assert_eq!(read, record());
    assert_eq!(read.meta(), meta());
    assert_eq!(read.fields().map(|(name, _)| name).collect::<Vec<_>>(), ["", "cart", "theme"]);
    assert_eq!(read.get("theme"), Some(b"\x01\x04dark".as_slice()));
    assert_eq!(read.get("them"), None);
}

#[test]
fn equal_fields_make_equal_records_in_any_order() {
    let one = Record::new(&meta(), [("a", b"1".as_slice()), ("b", b"2")]);
    let other = Record::new(&meta(), [("b", b"2".as_slice()), ("a", b"1"), ("b", b"later")]);
    assert_eq!(one, other);
}

#[test]
fn repeated_or_unsorted_names_are_corrupt() {
    for fields in [b"\x01a\x011\x01a\x012".as_slice(), b"\x01b\x011\x01a\x012", b"\0\0\0\0"] {
        assert_eq!(Record::from_bytes(with_fields(fields)), Err(Corrupt));
    }
}

#[test]
fn names_that_are_not_utf8_are_corrupt() {
    assert_eq!(Record::from_bytes(with_fields(b"\x02\xc3\x28\x00")), Err(Corrupt));
}

#[test]
fn lengths_beyond_the_end_are_corrupt() {
    let huge = b"\x01a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01".as_slice();
    for fields in [b"\x01".as_slice(), b"\x01a", b"\x01a\x02x", b"\x80", b"\x81\x00a\x00", huge] {
        assert_eq!(Record::from_bytes(with_fields(fields)), Err(Corrupt), "{fields:x?}");
    }
}

#[test]
fn an_unknown_layout_or_flag_is_corrupt() {
    let mut bytes = record().as_bytes().to_vec();
    bytes[0] = 2;
    assert_eq!(Record::from_bytes(bytes.clone()), Err(Corrupt));
    bytes[0] = 1;
    for flags in [4, 5, 0x80] {
        bytes[1] = flags;
        assert_eq!(Record::from_bytes(bytes.clone()), Err(Corrupt));
    }
}

#[test]
fn a_truncated_record_is_corrupt_unless_it_ends_with_a_field() {
    let bytes = record();
    let bytes = bytes.as_bytes();
    let ends: Vec<_> = (0..bytes.len()).filter(|&end| Record::from_bytes(&bytes[..end]).is_ok()).collect();
    assert_eq!(ends, [HEAD, HEAD + 2, HEAD + 10]);
}

#[test]
fn a_flipped_bit_gives_another_record_or_none() {
    for record in [record(), authenticated()] {
        let bytes = record.as_bytes().to_vec();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(read) = Record::from_bytes(flipped.clone()) {
                assert_ne!(read, record);
                assert_eq!(Record::new(&read.meta(), read.fields()).as_bytes(), flipped);
            }
        }
    }
}

#[test]
fn debug_shows_names_and_lengths_but_no_bytes() {
    let shown = format!("{:?}", Record::new(&meta(), [("code", b"hunter2".as_slice())]));
    assert!(shown.contains("\"code\"") && shown.contains("7 bytes"), "{shown}");
    assert!(!shown.contains("hunter2") && !shown.contains("104, 117"), "{shown}");
}

proptest! {
    #[test]
    fn any_bytes_are_a_record_or_corrupt(bytes: Vec<u8>, fields: Vec<u8>) {
        prop_assert!(bytes.len() > HEAD || Record::from_bytes(bytes.clone()).is_err());
        let _ = Record::from_bytes(bytes);
        let bytes = with_fields(&fields);
        if let Ok(read) = Record::from_bytes(bytes.clone()) {
            let written = Record::new(&read.meta(), read.fields());
            prop_assert_eq!(written.as_bytes(), bytes.as_slice());
        }
    }

    #[test]
    fn any_fields_are_read_as_they_were_written(fields: std::collections::BTreeMap<String, Vec<u8>>) {
        let made = Record::new(&meta(), fields.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        let read = Record::from_bytes(made.as_bytes()).unwrap();
        prop_assert!(read.fields().eq(fields.iter().map(|(name, value)| (name.as_str(), value.as_slice()))));
        for (name, value) in &fields {
            prop_assert_eq!(read.get(name), Some(value.as_slice()));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
