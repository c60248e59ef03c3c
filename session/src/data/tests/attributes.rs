//! Fields with attributes: patches, and values while patches are in flight.

use std::time::Duration;

use super::Data;
use crate::clock::ManualClock;
use crate::codec::{Codec, CodecError, decode, decode_counter, encode, encode_counter};
use crate::data::Handover;
use crate::databag::{Databag, no_field};
use proptest::prelude::*;
use session_core::value::is_indexed;
use session_core::{Change, Field, HandleId, Meta, Patch, Record, Timestamp};

const USER: usize = 0;
const TENANT: usize = 1;
const VISITS: usize = 2;
const STEP: usize = 3;
const CODE: usize = 4;
const NOTICE: usize = 5;
const THEME: usize = 6;

#[derive(Debug, Default)]
struct Bag {
    user: Option<u8>,
    tenant: u8,
    visits: i8,
    step: u8,
    code: u8,
    notice: Option<u8>,
    theme: u8,
}

impl Databag for Bag {
    type Accessors = ();
    type Principal = crate::databag::NoPrincipal;
    type Labels = ();

    const FIELDS: &'static [Field] = &[
        Field::new("user").aliases(&["uid"]).principal(),
        Field::new("tenant").index(),
        Field::new("visits").aliases(&["hits"]).counter(i8::MIN as i64, i8::MAX as i64),
        Field::new("step").cas(),
        Field::new("code").ttl(Duration::from_secs(10)),
        Field::new("notice").flash(),
        Field::new("theme").keep(),
    ];

    fn encode(&self, index: usize, out: &mut Vec<u8>) -> Result<bool, CodecError> {
        let number = match index {
            USER | NOTICE => {
                let value = if index == USER { self.user } else { self.notice };
                return value
                    .map_or(Ok(false), |value| encode(&value, Codec::MessagePack, None, out).map(|()| true));
            }
            VISITS => {
                encode_counter(self.visits, out);
                return Ok(true);
            }
            TENANT => self.tenant,
            STEP => self.step,
            CODE => return encode(&self.code, Codec::MessagePack, Some(2), out).map(|()| true),
            THEME => self.theme,
            _ => no_field(index),
        };
        encode(&number, Codec::MessagePack, None, out).map(|()| true)
    }

    fn decode(&mut self, index: usize, value: &[u8]) -> Result<(), CodecError> {
        match index {
            USER => self.user = Some(decode(value, None)?),
            TENANT => self.tenant = decode(value, None)?,
            VISITS => self.visits = decode_counter(value)?,
            STEP => self.step = decode(value, None)?,
            CODE => self.code = decode(value, Some(2))?,
            NOTICE => self.notice = Some(decode(value, None)?),
            _ => self.theme = decode(value, None)?,
        }
        Ok(())
    }

    fn swap(&mut self, other: &mut Self, index: usize) {
        match index {
            CODE => std::mem::swap(&mut self.code, &mut other.code),
            NOTICE => std::mem::swap(&mut self.notice, &mut other.notice),
            THEME => std::mem::swap(&mut self.theme, &mut other.theme),
            TENANT => std::mem::swap(&mut self.tenant, &mut other.tenant),
            VISITS => std::mem::swap(&mut self.visits, &mut other.visits),
            STEP => std::mem::swap(&mut self.step, &mut other.step),
            _ => std::mem::swap(&mut self.user, &mut other.user),
        }
    }

    fn labels(&self) {}

    fn accessors(_: crate::shared::Data<Self>) {}
}

fn record(fields: &[(&str, &[u8])]) -> Record {
    let meta = Meta {
        id: HandleId::from([1; 16]),
        created_at: Timestamp::from_millis(1),
        authenticated_at: None,
        idle_deadline: Timestamp::NEVER,
        idle_timeout: Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        remember: false,
    };
    Record::new(&meta, fields.iter().copied())
}

fn open(fields: &[(&str, &[u8])]) -> (Data<Bag>, ManualClock) {
    let clock = ManualClock::starting_at(Timestamp::from_millis(0x0102_0304_0506));
    (Data::on(Some(record(fields)), &clock), clock)
}

fn patch(data: &Data<Bag>) -> Patch {
    data.patch(false).unwrap()
}

/// The store applies the patch.
fn written(data: &Data<Bag>, patch: &Patch) {
    data.written(data.record().unwrap().apply(patch).unwrap());
}

fn visits(data: &Data<Bag>) -> i8 {
    data.get(VISITS, |bag| bag.visits)
}

fn add_visits(data: &Data<Bag>, by: i64) -> i8 {
    data.add(VISITS, by, |bag| bag.visits)
}

fn set_user(data: &Data<Bag>, user: Option<u8>) {
    data.set(USER, |bag| bag.user = user);
}

const fn add(by: i64) -> Change {
    Change::Add { by, min: -128, max: 127, keep: false }
}

/// The stored format. A change here orphans every stored session.
#[test]
fn headers_are_written_in_these_bytes() {
    let (data, _) = open(&[]);
    set_user(&data, Some(7));
    data.set(TENANT, |bag| bag.tenant = 9);
    data.set(VISITS, |bag| bag.visits = -12);
    data.set(CODE, |bag| bag.code = 5);
    let patch = patch(&data);
    let bytes = |name| match patch.change(name) {
        Some(Change::Set(value)) => hex(value),
        other => panic!("{other:?}"),
    };
    assert_eq!([bytes("user"), bytes("tenant")], ["4c07", "4409"]);
    assert_eq!(bytes("visits"), hex(b"\x03-12"));
    // Ten seconds, 0x2710 milliseconds, after the clock's time, following the version.
    assert_eq!(bytes("code"), "3402000000162c04030201000005");
    assert!(is_indexed(&[0x41]) && is_indexed(&[0x71]) && !is_indexed(&[0x31]) && !is_indexed(&[]));
}

fn handover(data: &Data<Bag>) -> Handover {
    data.handover(&patch(data))
}

#[test]
fn a_session_changes_hands_when_its_principal_does() {
    let cases: [(&[u8], Option<u8>, Handover); 7] = [
        (b"\x44\x07", Some(8), Handover::Left),
        (b"\x44\x07", None, Handover::Left),
        (b"\x4c\x07", Some(7), Handover::None),
        (b"\x44\x07", Some(7), Handover::None),
        (b"\x04\x07", Some(7), Handover::None),
        (b"\x04\x07", Some(8), Handover::Left),
        (b"\x47\x07", Some(7), Handover::Left),
    ];
    for (stored, user, expected) in cases {
        for name in ["user", "uid"] {
            let (data, _) = open(&[(name, stored)]);
            set_user(&data, user);
            assert_eq!(handover(&data), expected, "{name} {stored:?} {user:?}");
        }
    }
    let (data, _) = open(&[]);
    set_user(&data, None);
    assert_eq!(handover(&data), Handover::None);
    set_user(&data, Some(1));
    assert_eq!(handover(&data), Handover::SignedIn);
}

#[test]
fn dropping_all_makes_the_person_leave_unless_it_is_set_again() {
    let (data, _) = open(&[("user", b"\x4c\x07")]);
    data.clear();
    assert_eq!(handover(&data), Handover::Left);
    set_user(&data, Some(7));
    assert_eq!(handover(&data), Handover::None);
    let (nobody, _) = open(&[("tenant", b"\x44\x07")]);
    nobody.clear();
    assert_eq!(handover(&nobody), Handover::None);
}

const OF_SEVEN: [(&str, &[u8]); 6] = [
    ("user", b"\x4c\x07"),
    ("visits", b"\x035"),
    ("step", &[4, 3]),
    ("notice", &[4, 4]),
    ("theme", &[4, 2]),
    ("foreign", b"?"),
];

#[test]
fn who_comes_after_another_person_sees_what_is_kept_and_what_the_request_set() {
    let (data, _) = open(&OF_SEVEN);
    data.set(TENANT, |bag| bag.tenant = 6);
    data.update(STEP, |bag| bag.step += 1);
    add_visits(&data, 1);
    set_user(&data, Some(8));
    assert_eq!(take(&data), None);
    assert_eq!(data.read(|bag| (bag.tenant, bag.step, bag.visits, bag.theme)), (6, 0, 0, 2));
    data.set(STEP, |bag| bag.step = 9);
    assert_eq!(add_visits(&data, 2), 2);
    let sent = patch(&data);
    let expected = Patch::new()
        .keep_only(["theme"])
        .set("user", *b"\x4c\x08")
        .set("tenant", *b"\x44\x06")
        .with("visits", add(2))
        .set("step", [4, 9]);
    assert_eq!(sent, expected);
    written(&data, &sent);
    assert!(patch(&data).is_empty());
    assert_eq!(data.read(|bag| (bag.tenant, bag.step, bag.visits, bag.theme)), (6, 9, 2, 2));
}

#[test]
fn what_was_stored_for_one_person_is_not_set_by_the_request_for_the_next() {
    let (data, _) = open(&[]);
    set_user(&data, Some(7));
    data.set(STEP, |bag| bag.step = 9);
    let sent = patch(&data);
    written(&data, &sent);
    set_user(&data, Some(8));
    assert_eq!(data.get(STEP, |bag| bag.step), 0);
    assert_eq!(patch(&data), Patch::new().keep_only(["theme"]).set("user", *b"\x4c\x08"));
}

#[test]
fn a_person_who_comes_back_before_anything_is_written_finds_all_as_it_was() {
    let (data, _) = open(&OF_SEVEN);
    set_user(&data, None);
    assert_eq!(data.read(|bag| (bag.step, bag.visits)), (0, 0));
    set_user(&data, Some(7));
    assert_eq!(data.read(|bag| (bag.step, bag.visits)), (3, 5));
    assert_eq!(take(&data), Some(4));
    data.keep_flash(NOTICE);
    assert!(patch(&data).is_empty());
}

#[test]
fn a_request_that_fails_lets_the_person_leave_and_writes_nothing_else() {
    let (data, _) = open(&OF_SEVEN);
    assert!(!data.departs() && data.departure().unwrap().is_empty());
    data.set(STEP, |bag| bag.step = 9);
    assert!(!data.departs() && data.departure().unwrap().is_empty());
    set_user(&data, Some(8));
    assert!(data.departs());
    assert_eq!(data.departure().unwrap(), Patch::new().keep_only(["theme"]));
    data.clear();
    assert_eq!(data.departure().unwrap(), Patch::new().drop_all());
}

#[test]
fn a_value_stored_before_its_field_was_indexed_is_indexed_when_it_is_set_again() {
    let (data, _) = open(&[("user", b"\x04\x07")]);
    assert_eq!(data.get(USER, |bag| bag.user), Some(7));
    set_user(&data, Some(7));
    assert_eq!(patch(&data), Patch::new().set("user", *b"\x4c\x07"));
}

#[test]
fn additions_are_sent_as_additions_and_a_set_as_a_set() {
    let (data, _) = open(&[("visits", b"\x035")]);
    assert_eq!((add_visits(&data, 3), add_visits(&data, -1)), (8, 7));
    assert_eq!(patch(&data), Patch::new().with("visits", add(2)));
    data.set(VISITS, |bag| bag.visits = 40);
    assert_eq!(add_visits(&data, 2), 42);
    assert_eq!(patch(&data), Patch::new().set("visits", *b"\x0342"));
}

#[test]
fn adding_nothing_writes_nothing() {
    let (data, _) = open(&[("visits", b"\x035")]);
    assert_eq!(add_visits(&data, 0), 5);
    assert!(!data.is_written());
    add_visits(&data, 2);
    add_visits(&data, -2);
    assert!(patch(&data).is_empty());
    data.set(VISITS, |bag| bag.visits = 5);
    assert!(patch(&data).is_empty());
    assert_eq!(add_visits(&data, 1), 6);
    assert_eq!(patch(&data), Patch::new().with("visits", add(1)));
}

#[test]
fn additions_made_while_a_patch_is_under_way_are_in_the_next() {
    let (data, _) = open(&[("visits", b"\x035")]);
    add_visits(&data, 1);
    let first = patch(&data);
    assert_eq!(add_visits(&data, 10), 16);
    // Another request added meanwhile.
    data.written(record(&[("visits", b"\x0326")]));
    assert_eq!(visits(&data), 36);
    assert_eq!(first, Patch::new().with("visits", add(1)));
    let second = patch(&data);
    assert_eq!(second, Patch::new().with("visits", add(10)));
    written(&data, &second);
    assert_eq!(visits(&data), 36);
    assert!(patch(&data).is_empty() && !data.is_written());
}

#[test]
fn additions_of_a_patch_that_got_lost_are_sent_again() {
    let (data, _) = open(&[]);
    add_visits(&data, 1);
    drop(patch(&data));
    assert_eq!(patch(&data), Patch::new().with("visits", add(1)));
    add_visits(&data, 1);
    assert_eq!(patch(&data), Patch::new().with("visits", add(2)));
    data.set(VISITS, |bag| bag.visits = 9);
    drop(patch(&data));
    assert_eq!(add_visits(&data, 1), 10);
    assert_eq!(patch(&data), Patch::new().set("visits", *b"\x0310"));
}

#[test]
fn additions_after_a_set_that_arrived_are_additions() {
    let (data, _) = open(&[]);
    data.set(VISITS, |bag| bag.visits = 9);
    let first = patch(&data);
    add_visits(&data, 1);
    written(&data, &first);
    assert_eq!(visits(&data), 10);
    assert_eq!(patch(&data), Patch::new().with("visits", add(1)));
}

#[test]
fn a_counter_stops_at_the_limits_of_its_type() {
    let (data, _) = open(&[("visits", b"\x03120")]);
    assert_eq!(add_visits(&data, i64::MAX), 127);
    assert_eq!(add_visits(&data, -1), 126);
    assert_eq!(patch(&data), Patch::new().with("visits", add(6)));
    assert_eq!(add_visits(&data, i64::MIN), -128);
}

#[test]
fn a_number_that_a_wider_counter_reached_is_not_read_as_another() {
    let (data, _) = open(&[("visits", b"\x031000")]);
    assert_eq!(visits(&data), 0);
    assert_eq!(data.take_ignored()[0].name, "visits");
    assert!(patch(&data).is_empty());
    assert_eq!(add_visits(&data, 2), 2);
    assert_eq!(patch(&data), Patch::new().set("visits", *b"\x032"));
}

#[test]
fn a_default_that_was_set_is_stored_with_other_changes_and_is_no_reason_to_write() {
    let (data, _) = open(&[]);
    data.set(TENANT, |bag| bag.tenant = 0);
    assert!(patch(&data).is_empty());
    data.set(THEME, |bag| bag.theme = 1);
    let both = patch(&data);
    assert_eq!(both, Patch::new().set("tenant", *b"\x44\x00").set("theme", *b"\x84\x01"));
    written(&data, &both);
    data.set(TENANT, |bag| bag.tenant = 0);
    assert!(patch(&data).is_empty(), "it is stored");
}

#[test]
fn a_cleared_counter_leaves_the_record_and_counts_from_zero() {
    let (data, _) = open(&[("visits", b"\x035"), ("hits", b"\x032")]);
    data.take(VISITS, |bag| bag.visits = 0);
    assert_eq!(patch(&data), Patch::new().remove("visits").remove("hits"));
    assert_eq!(add_visits(&data, 3), 3);
    assert_eq!(patch(&data), Patch::new().set("visits", *b"\x033"));
    data.clear();
    assert_eq!(add_visits(&data, 4), 4);
    assert_eq!(patch(&data), Patch::new().drop_all().with("visits", add(4)));
}

#[test]
fn a_number_stored_otherwise_is_counted_on_from_by_setting_it_once() {
    for (name, stored) in [("visits", b"\x04\x05".as_slice()), ("hits", b"\x04\x05"), ("hits", b"\x035")] {
        let (data, _) = open(&[(name, stored)]);
        assert_eq!(visits(&data), 5, "{name}");
        assert_eq!(add_visits(&data, 1), 6);
        let patch = patch(&data);
        assert_eq!(patch, Patch::new().set("visits", *b"\x036"), "{name}");
        written(&data, &patch);
        assert_eq!(add_visits(&data, 1), 7);
    }
}

#[test]
fn a_new_session_is_given_whole_values() {
    let data = Data::<Bag>::new(None);
    add_visits(&data, 3);
    data.set(STEP, |bag| bag.step = 1);
    drop(patch(&data));
    let patch = data.patch(true).unwrap();
    assert_eq!(patch, Patch::new().set("visits", *b"\x033").set("step", [4, 1]));
    let data = Data::from_bag(Bag { visits: 4, step: 2, ..Bag::default() });
    drop(data.patch(false).unwrap());
    let patch = data.patch(true).unwrap();
    assert_eq!(patch, Patch::new().set("visits", *b"\x034").set("step", [4, 2]));
}

#[test]
fn a_cas_field_expects_what_was_loaded() {
    let swap = |expected: Option<&[u8]>, value: Option<&[u8]>| Change::CompareAndSet {
        expected: expected.map(<[u8]>::to_vec),
        value: value.map(<[u8]>::to_vec),
    };
    let (data, _) = open(&[("step", b"\x04\x01")]);
    data.set(STEP, |bag| bag.step = 1);
    assert!(patch(&data).is_empty());
    data.set(STEP, |bag| bag.step = 2);
    assert_eq!(patch(&data), Patch::new().with("step", swap(Some(&[4, 1]), Some(&[4, 2]))));
    data.take(STEP, |bag| bag.step = 0);
    let removal = patch(&data);
    assert_eq!(removal, Patch::new().with("step", swap(Some(&[4, 1]), None)));
    written(&data, &removal);
    data.set(STEP, |bag| bag.step = 3);
    assert_eq!(patch(&data), Patch::new().with("step", swap(None, Some(&[4, 3]))));
}

fn code(data: &Data<Bag>) -> u8 {
    data.get(CODE, |bag| bag.code)
}

#[test]
fn a_value_expires_in_the_hands_of_whoever_set_or_loaded_it() {
    let (data, clock) = open(&[]);
    data.set(CODE, |bag| bag.code = 5);
    let first = patch(&data);
    written(&data, &first);
    let loaded = Data::<Bag>::on(data.record(), &clock);
    let unread = Data::<Bag>::on(data.record(), &clock);
    assert_eq!(code(&loaded), 5);
    clock.advance(Duration::from_millis(9_999));
    assert_eq!((code(&data), code(&loaded)), (5, 5));
    clock.advance(Duration::from_millis(1));
    assert_eq!((code(&data), code(&loaded), code(&unread)), (0, 0, 0));
    assert!(patch(&data).is_empty() && patch(&loaded).is_empty() && patch(&unread).is_empty());
}

#[test]
fn setting_an_equal_value_gives_it_its_time_anew() {
    let (data, clock) = open(&[]);
    data.set(CODE, |bag| bag.code = 5);
    let first = patch(&data);
    written(&data, &first);
    clock.advance(Duration::from_secs(9));
    data.set(CODE, |bag| bag.code = 5);
    // Regardless of when it is written.
    clock.advance(Duration::from_secs(9));
    let second = patch(&data);
    assert_eq!(second.changes().count(), 1);
    written(&data, &second);
    assert_eq!(code(&data), 5);
    clock.advance(Duration::from_secs(1));
    assert_eq!(code(&data), 0);
}

#[test]
fn what_has_expired_leaves_the_record_with_the_next_change_and_only_if_it_is_still_there() {
    let (data, clock) = open(&[]);
    data.set(CODE, |bag| bag.code = 5);
    let first = patch(&data);
    written(&data, &first);
    let other = Data::<Bag>::on(data.record(), &clock);
    clock.advance(Duration::from_millis(9_999));
    other.set(THEME, |bag| bag.theme = 1);
    assert_eq!(patch(&other), Patch::new().set("theme", [0x84, 1]));
    clock.advance(Duration::from_millis(1));
    data.set(THEME, |bag| bag.theme = 1);
    let change = patch(&data);
    let expected = data.record().unwrap().get("code").unwrap().to_vec();
    assert_eq!(change, Patch::new().set("theme", [0x84, 1]).with("code", Change::RemoveIf { expected }));
    written(&data, &change);
    assert_eq!(data.record().unwrap().get("code"), None);

    other.set(CODE, |bag| bag.code = 6);
    let fresh = patch(&other);
    written(&other, &fresh);
    let both = other.record().unwrap().apply(&change).unwrap();
    assert!(both.get("code").is_some() && both.get("theme").is_some());
}

#[test]
fn what_was_never_due_is_never_written() {
    let (data, clock) = open(&[]);
    data.set(CODE, |bag| bag.code = 5);
    clock.advance(Duration::from_secs(10));
    assert!(patch(&data).is_empty());
    assert_eq!(code(&data), 0);
}

fn take(data: &Data<Bag>) -> Option<u8> {
    data.take_flash(NOTICE, |bag| bag.notice.take()).flatten()
}

fn set_notice(data: &Data<Bag>, notice: u8) {
    data.set(NOTICE, |bag| bag.notice = Some(notice));
}

#[test]
fn what_was_set_is_taken_by_a_later_request_and_once() {
    let (first, _) = open(&[]);
    set_notice(&first, 1);
    assert_eq!(take(&first), None);
    let sent = patch(&first);
    assert_eq!(sent, Patch::new().set("notice", [4, 1]));
    written(&first, &sent);
    assert_eq!(take(&first), None);
    assert!(patch(&first).is_empty());

    let second = Data::<Bag>::new(first.record());
    assert!(patch(&second).is_empty());
    assert_eq!((take(&second), take(&second)), (Some(1), None));
    assert_eq!(second.read(|bag| bag.notice), None);
    let taken = patch(&second);
    assert_eq!(taken, Patch::new().with("notice", Change::RemoveIf { expected: vec![4, 1] }));
    written(&second, &taken);
    assert!(second.record().unwrap().fields().is_empty());
    assert!(patch(&second).is_empty());
}

#[test]
fn a_later_value_takes_the_place_of_one_that_was_taken() {
    for take_first in [true, false] {
        let (data, _) = open(&[("notice", &[4, 1])]);
        if take_first {
            assert_eq!(take(&data), Some(1));
        }
        set_notice(&data, 2);
        if !take_first {
            assert_eq!(take(&data), Some(1));
        }
        assert_eq!(patch(&data), Patch::new().set("notice", [4, 2]));
    }
}

#[test]
fn what_was_taken_can_be_kept_for_one_request_more() {
    let (data, _) = open(&[("notice", &[4, 1])]);
    assert_eq!(take(&data), Some(1));
    data.keep_flash(NOTICE);
    assert!(patch(&data).is_empty());
    assert_eq!(take(&data), Some(1));
    let taken = patch(&data);
    written(&data, &taken);
    data.keep_flash(NOTICE);
    assert_eq!(patch(&data), Patch::new().set("notice", [4, 1]));

    let (data, _) = open(&[("notice", &[4, 1])]);
    assert_eq!(take(&data), Some(1));
    set_notice(&data, 2);
    data.keep_flash(NOTICE);
    assert_eq!(patch(&data), Patch::new().set("notice", [4, 2]));
}

#[test]
fn a_flash_field_that_is_cleared_is_not_shown() {
    let (data, _) = open(&[("notice", &[4, 1])]);
    set_notice(&data, 2);
    data.take(NOTICE, |bag| bag.notice.take());
    assert_eq!(take(&data), None);
    assert_eq!(patch(&data), Patch::new().remove("notice"));

    let (data, _) = open(&[("notice", &[4, 1])]);
    assert_eq!(take(&data), Some(1));
    data.take(NOTICE, |bag| bag.notice.take());
    assert_eq!(patch(&data), Patch::new().remove("notice"), "whatever it is by now");
}

#[test]
fn what_cannot_be_read_is_not_taken_and_stays() {
    let (data, _) = open(&[("notice", &[7, 9])]);
    assert_eq!(take(&data), None);
    assert_eq!(data.take_ignored().len(), 1);
    assert!(patch(&data).is_empty());
}

#[test]
fn only_what_is_kept_survives_with_its_changes() {
    let (data, _) = open(&[("theme", &[4, 1]), ("step", &[4, 1]), ("unknown", b"?")]);
    data.set(STEP, |bag| bag.step = 9);
    data.clear_unkept();
    assert_eq!(data.read(|bag| (bag.theme, bag.step)), (1, 0));
    assert_eq!(patch(&data), Patch::new().keep_only(["theme"]));

    data.set(THEME, |bag| bag.theme = 2);
    data.clear_unkept();
    assert_eq!(data.get(THEME, |bag| bag.theme), 2);
    let kept = patch(&data);
    assert_eq!(kept, Patch::new().set("theme", [0x84, 2]).keep_only(["theme"]));
    written(&data, &kept);
    assert!(data.record().unwrap().fields().eq([("theme", [0x84, 2].as_slice())]));
    data.clear_unkept();
    assert_eq!(patch(&data), Patch::new().keep_only(["theme"]), "others may have written meanwhile");
    data.clear();
    assert_eq!(patch(&data), Patch::new().drop_all());
}

#[test]
fn dropping_all_outlasts_dropping_the_rest() {
    for lost in [true, false] {
        let (data, _) = open(&[("theme", &[4, 1])]);
        data.clear();
        if lost {
            drop(patch(&data));
        }
        data.clear_unkept();
        assert_eq!(patch(&data), Patch::new().drop_all());
        assert_eq!(data.get(THEME, |bag| bag.theme), 0);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Add(i8),
    Set(i8),
    Clear,
    DropAll,
    Send,
    Arrive,
    Reload,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<i8>().prop_map(Step::Add),
        1 => any::<i8>().prop_map(Step::Set),
        1 => Just(Step::Clear),
        1 => Just(Step::DropAll),
        3 => Just(Step::Send),
        3 => Just(Step::Arrive),
        1 => Just(Step::Reload),
    ]
}

proptest! {
    #[test]
    fn a_counter_ends_where_it_was_seen_whatever_got_lost(steps in prop::collection::vec(step(), 0..30)) {
        let (data, _) = open(&[("visits", b"\x035")]);
        let (mut seen, mut stored, mut sent) = (5_i8, 5_i8, None);
        for step in steps {
            match step {
                Step::Add(by) => {
                    seen = seen.saturating_add(by);
                    prop_assert_eq!(add_visits(&data, by.into()), seen);
                }
                Step::Set(to) => {
                    seen = to;
                    data.set(VISITS, |bag| bag.visits = to);
                }
                Step::Clear => {
                    seen = 0;
                    data.take(VISITS, |bag| bag.visits = 0);
                }
                Step::DropAll => {
                    seen = 0;
                    data.clear();
                }
                Step::Send => sent = Some((patch(&data), seen)),
                Step::Arrive => {
                    if let Some((patch, number)) = sent.take() {
                        written(&data, &patch);
                        stored = number;
                    }
                }
                Step::Reload => {
                    data.replace(data.record());
                    (seen, sent) = (stored, None);
                }
            }
            prop_assert_eq!(visits(&data), seen);
        }
        let last = patch(&data);
        written(&data, &last);
        prop_assert_eq!(visits(&data), seen);
        let (fresh, _) = open(&data.record().unwrap().fields().collect::<Vec<_>>());
        prop_assert_eq!(visits(&fresh), seen);
        prop_assert!(patch(&data).is_empty());
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
