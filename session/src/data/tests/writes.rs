//! Values while patches are in flight, fail or are dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::Data;
use crate::codec::{Codec, CodecError, decode, encode};
use crate::databag::Databag;
use session_core::{Change, Field, HandleId, Meta, Patch, Record, Timestamp};

const NAME: usize = 0;
const COUNT: usize = 1;

#[derive(Debug, Default)]
struct Bag {
    name: String,
    count: u32,
}

impl Databag for Bag {
    type Accessors = ();
    type Principal = crate::databag::NoPrincipal;
    type Labels = ();

    const FIELDS: &'static [Field] = &[Field::new("name").aliases(&["nick"]), Field::new("count")];

    fn encode(&self, index: usize, out: &mut Vec<u8>) -> Result<bool, CodecError> {
        match index {
            NAME => encode(&self.name, Codec::MessagePack, None, out)?,
            _ => encode(&self.count, Codec::MessagePack, None, out)?,
        }
        Ok(true)
    }

    fn decode(&mut self, index: usize, value: &[u8]) -> Result<(), CodecError> {
        match index {
            NAME => self.name = decode(value, None)?,
            _ => self.count = decode(value, None)?,
        }
        Ok(())
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

fn ada() -> Record {
    record(&[("count", &[4, 1]), ("name", b"\x04\xa3ada")])
}

fn set_name(data: &Data<Bag>, name: &str) {
    let name = name.to_owned();
    data.set(NAME, |bag| bag.name = name);
}

fn set_count(data: &Data<Bag>, count: u32) {
    data.set(COUNT, |bag| bag.count = count);
}

fn name(data: &Data<Bag>) -> String {
    data.get(NAME, |bag| bag.name.clone())
}

fn patch(data: &Data<Bag>) -> Patch {
    data.patch(false).unwrap()
}

/// Applies a patch of the data as a store does.
fn stored(data: &Data<Bag>, patch: &Patch) -> Record {
    data.record().unwrap().apply(patch).unwrap()
}

#[test]
fn only_what_differs_is_in_the_patch() {
    let data = Data::<Bag>::new(Some(ada()));
    set_name(&data, "ada");
    set_count(&data, 2);
    set_count(&data, 1);
    assert!(patch(&data).is_empty());
    assert!(!data.is_written());

    set_count(&data, 2);
    assert_eq!(patch(&data), Patch::new().set("count", [4, 2]));
}

#[test]
fn a_field_set_while_a_patch_is_under_way_is_in_the_next() {
    let data = Data::<Bag>::new(Some(ada()));
    set_name(&data, "bob");
    let first = patch(&data);
    set_name(&data, "eve");
    set_count(&data, 9);
    data.written(stored(&data, &first));

    assert!(data.is_written());
    assert_eq!(name(&data), "eve");
    let second = patch(&data);
    assert_eq!(second, Patch::new().set("name", *b"\x04\xa3eve").set("count", [4, 9]));
    data.written(stored(&data, &second));
    assert!(!data.is_written());
    assert!(patch(&data).is_empty());
}

#[test]
fn a_patch_that_got_lost_is_sent_again() {
    let data = Data::<Bag>::new(Some(ada()));
    set_name(&data, "bob");
    let lost = patch(&data);
    assert!(data.is_written());
    assert_eq!(patch(&data), lost);
    set_count(&data, 9);
    assert_eq!(patch(&data), lost.set("count", [4, 9]));
}

#[test]
fn a_value_set_back_after_a_patch_that_got_lost_is_sent() {
    let data = Data::<Bag>::new(Some(ada()));
    set_name(&data, "bob");
    drop(patch(&data));
    set_name(&data, "ada");
    assert_eq!(patch(&data), Patch::new().set("name", *b"\x04\xa3ada"));
}

#[test]
fn a_field_taken_after_a_patch_that_got_lost_is_removed() {
    let data = Data::<Bag>::new(Some(record(&[])));
    set_name(&data, "bob");
    drop(patch(&data));
    data.take(NAME, |bag| std::mem::take(&mut bag.name));
    assert_eq!(patch(&data), Patch::new().remove("name"));
}

#[test]
fn clearing_while_a_patch_is_under_way_drops_what_it_wrote() {
    for confirmed in [true, false] {
        let data = Data::<Bag>::new(Some(record(&[])));
        set_name(&data, "bob");
        let first = patch(&data);
        data.clear();
        if confirmed {
            data.written(stored(&data, &first));
        }
        assert_eq!(name(&data), "");
        assert_eq!(patch(&data), Patch::new().drop_all(), "confirmed: {confirmed}");
    }
}

#[test]
fn clearing_drops_every_field_of_the_record() {
    let data = Data::<Bag>::new(Some(record(&[("name", b"\x04\xa3ada"), ("unknown", b"?")])));
    data.clear();
    set_count(&data, 5);
    let patch = patch(&data);
    let after = stored(&data, &patch);
    assert!(after.fields().eq([("count", [4, 5].as_slice())]));
    data.written(after);
    assert!(!data.is_written());
    assert_eq!(data.get(COUNT, |bag| bag.count), 5);
}

#[test]
fn clearing_nothing_writes_nothing() {
    let data = Data::<Bag>::new(Some(record(&[])));
    data.clear();
    assert!(patch(&data).is_empty());
    assert!(!data.is_written());
}

#[test]
fn a_patch_of_data_that_were_replaced_meanwhile_is_forgotten() {
    let data = Data::<Bag>::new(Some(ada()));
    set_name(&data, "bob");
    let old = patch(&data);
    let after = stored(&data, &old);
    let other = record(&[("name", b"\x04\xa3eve")]);
    data.replace(Some(other.clone()));
    data.written(after);
    assert_eq!(data.record(), Some(other));
    assert_eq!(name(&data), "eve");
    assert!(!data.is_written() && patch(&data).is_empty());
}

#[test]
fn a_field_that_is_taken_leaves_under_all_its_names() {
    let data = Data::<Bag>::new(Some(record(&[("nick", b"\x04\xa3ada")])));
    assert_eq!(data.take(NAME, |bag| std::mem::take(&mut bag.name)), "ada");
    assert_eq!(patch(&data), Patch::new().remove("nick"));
}

#[test]
fn a_field_that_cannot_be_read_shows_its_default_and_stays() {
    let data = Data::<Bag>::new(Some(record(&[("count", &[4, 7]), ("name", b"\x04\xff")])));
    assert_eq!(name(&data), "");
    assert_eq!(data.get(COUNT, |bag| bag.count), 7);
    let ignored = data.take_ignored();
    assert_eq!(ignored.iter().map(|ignored| ignored.name).collect::<Vec<_>>(), ["name"]);
    assert!(patch(&data).is_empty());
}

#[test]
fn new_data_are_patched_against_the_defaults() {
    let data = Data::from_bag(Bag { name: String::new(), count: 3 });
    let patch = data.patch(true).unwrap();
    assert!(patch.changes().eq([("count", &Change::Set(vec![4, 3]))]));
}

#[test]
fn a_closure_that_panics_leaves_the_data_usable() {
    let data = Data::<Bag>::new(Some(ada()));
    let panics = |act: &dyn Fn()| assert!(catch_unwind(AssertUnwindSafe(act)).is_err());
    panics(&|| data.read(|_| panic!("in read")));
    panics(&|| data.get(NAME, |_| panic!("in get")));
    panics(&|| data.set(COUNT, |_| panic!("in set")));
    panics(&|| data.unstored(|_| panic!("in unstored")));
    panics(&|| {
        data.update(NAME, |bag| {
            bag.name.push('!');
            panic!("in update")
        });
    });
    assert_eq!(name(&data), "ada!");
    assert_eq!(patch(&data).change("name"), Some(&Change::Set(b"\x04\xa4ada!".to_vec())));
}

#[test]
fn using_the_data_inside_its_own_closure_panics_and_says_so() {
    let data = Data::<Bag>::new(Some(ada()));
    let inner = data.clone();
    let nested = AssertUnwindSafe(|| data.update(NAME, |_| inner.get(COUNT, |bag| bag.count)));
    let panic = catch_unwind(nested).unwrap_err();
    let message =
        panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    assert!(message.unwrap().contains("inside a closure given to its own"), "{message:?}");
    assert_eq!(name(&data), "ada");
}

#[test]
fn another_thread_waits_for_the_closure() {
    let data = Data::<Bag>::new(Some(ada()));
    let other = data.clone();
    let (entered, is_entered) = mpsc::channel();
    let writer = thread::spawn(move || {
        other.update(COUNT, |bag| {
            entered.send(()).unwrap();
            thread::yield_now();
            bag.count = 2;
        });
    });
    is_entered.recv().unwrap();
    assert_eq!(data.get(COUNT, |bag| bag.count), 2);
    writer.join().unwrap();
}

#[test]
fn increments_of_many_threads_all_count() {
    let data = Data::<Bag>::new(None);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..100).for_each(|_| data.update(COUNT, |bag| bag.count += 1)));
        }
    });
    assert_eq!(data.get(COUNT, |bag| bag.count), 800);
}

#[derive(Default)]
struct Empty;

impl Databag for Empty {
    type Accessors = ();
    type Principal = crate::databag::NoPrincipal;
    type Labels = ();

    const FIELDS: &'static [Field] = &[];

    fn encode(&self, _: usize, _: &mut Vec<u8>) -> Result<bool, CodecError> {
        Ok(false)
    }

    fn decode(&mut self, _: usize, _: &[u8]) -> Result<(), CodecError> {
        Ok(())
    }

    fn labels(&self) {}

    fn accessors(_: crate::shared::Data<Self>) {}
}

#[test]
fn a_databag_without_fields_works() {
    for data in [Data::<Empty>::new(None), Data::from_bag(Empty), Data::new(Some(ada()))] {
        data.read(|Empty| ());
        assert!(data.patch(true).unwrap().is_empty());
        data.clear();
        let drops = data.patch(false).unwrap();
        assert_eq!(drops.changes_fields(), data.record().is_some());
        data.written(ada());
        assert!(!data.is_written());
    }
}
