//! Values and names by which sessions are found: any bytes and any text, of which no two are the same.

use std::num::NonZeroUsize;

use super::fixture::{Fixture, expect_ok};
use super::indexing::lookups;
use super::limiting::session_limits;
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{Evict, HandleId, Limited, Record, SessionLimit, Store};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.only_if(lookups(&suite.fixture().await).await);
    check! {
        suite;
        "sessions are found by exactly the value, which may be any bytes"
            => sessions_are_found_by_exactly_the_value,
        "`destroy_by` destroys the sessions with exactly the value, and no others"
            => sessions_are_destroyed_by_exactly_the_value,
        "sessions are found by exactly the name of the field"
            => sessions_are_found_by_exactly_the_name,
        "a limit counts the sessions with exactly the value"
            => sessions_with_exactly_the_value_count,
    }
}

pub(super) async fn run_large<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.only_if(lookups(&suite.fixture().await).await);
    check! {
        suite;
        "a value is found and destroyed in all sessions that hold it, however many"
            => a_value_may_be_held_by_many_sessions,
    }
}

/// Returns stored values that are all different, each close to another one.
fn values() -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = [
        b"".as_slice(),
        b"400",
        b"401",
        b"4000",
        b"0400",
        b"ada",
        b"Ada",
        b"ada ",
        b" ada",
        b"ada\0",
        b"ada\0x",
        b"ad",
        b"a_a",
        b"a%",
        b"*",
        b"\r\n",
        b"\xff",
        b"\xfe",
        b"\xc3\xa9",
        b"e\xcc\x81",
        b"\xc3",
        b"\xe9",
        b"\xef\xbf\xbd",
        b"\xed\xa0\x80",
        "ß".as_bytes(),
        b"ss",
        "ı".as_bytes(),
        b"i",
        b"I",
    ]
    .map(Vec::from)
    .to_vec();
    for length in [63, 64, 127, 128, 190, 191, 254, 255, 256, 767, 1023] {
        values.push(vec![b'x'; length]);
        values.push([vec![b'x'; length - 1], vec![b'y']].concat());
        values.push([vec![0xff; length - 1], vec![0xfe]].concat());
    }
    let numbers = [1_u64, 255, 256, 1 << 32, (1 << 53) + 1, 1 << 53, u64::MAX, 1 << 63];
    values.extend(numbers.iter().map(|number| number.to_be_bytes().to_vec()));
    // The first byte says that the value is indexed, and in which codec it is.
    let tagged = |tag| move |value: &Vec<u8>| [vec![tag], value.clone()].concat();
    let tags = [0x40, 0x44, 0xc1, 0x49].map(|tag| tagged(tag)(&b"ada".to_vec()));
    values.iter().map(tagged(0x41)).chain(tags).collect()
}

/// Creates a session that holds a value.
async fn holder<S: Store>(fixture: &Fixture<S>, name: &str, value: &[u8]) -> HandleId {
    let record = Record::new(&fixture.meta(), [("note", b"x".as_slice()), (name, value)]);
    fixture.create(&record).await;
    record.meta().id
}

async fn found<S: Store>(fixture: &Fixture<S>, name: &str, value: &[u8]) -> Vec<HandleId> {
    let records = expect_ok("find_by", fixture.store.find_by(name, value, &[], fixture.now).await);
    records.iter().map(|record| record.meta().id).collect()
}

async fn sessions_are_found_by_exactly_the_value<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let mut holders = Vec::new();
    for value in values() {
        holders.push((holder(&fixture, "user", &value).await, value));
    }
    for (id, value) in &holders {
        let found = found(&fixture, "user", value).await;
        requirement.holds(found == [*id], format_args!("{} for {}", found.len(), value.escape_ascii()));
    }
    requirement.equal(found(&fixture, "user", b"\x41nobody").await, vec![]);
}

async fn sessions_are_destroyed_by_exactly_the_value<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let mut holders = Vec::new();
    for value in values() {
        holders.push((holder(&fixture, "user", &value).await, value));
    }
    while let Some((id, value)) = holders.pop() {
        let destroyed = fixture.store.destroy_by("user", &value, None, fixture.now).await;
        let destroyed = expect_ok("destroy_by", destroyed);
        requirement.holds(destroyed == [id], format_args!("{destroyed:?} for {}", value.escape_ascii()));
        let left = holders.len() as u64;
        requirement.equal(fixture.count().await.unwrap_or(left), left);
    }
}

async fn sessions_are_found_by_exactly_the_name<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    // Joined to a key in some ways, two of these names and values are the same.
    let pairs = [
        ("user", b"\x41a".as_slice()),
        ("User", b"\x41a"),
        ("user ", b"\x41a"),
        ("user\0", b"\x41a"),
        ("user", b"\x41\x41a"),
        ("user\x41", b"\x41a"),
        ("user", b"\x41:\x41a"),
        ("user:\x41", b"\x41a"),
        ("user", b"\x41\0\x41a"),
        ("user\0\x41", b"\x41a"),
        ("us%", b"\x41a"),
        ("use_", b"\x41a"),
        ("us'er", b"\x41a"),
        ("us\"er", b"\x41a"),
        ("us\\er", b"\x41a"),
        ("\u{e9}", b"\x41a"),
        ("e\u{301}", b"\x41a"),
    ];
    let mut holders = Vec::new();
    for (name, value) in pairs {
        holders.push((holder(&fixture, name, value).await, name, value));
    }
    for (id, name, value) in &holders {
        let found = found(&fixture, name, value).await;
        requirement.holds(found == [*id], format_args!("{} for {name:?}", found.len()));
    }
    while let Some((id, name, value)) = holders.pop() {
        let destroyed = fixture.store.destroy_by(name, value, None, fixture.now).await;
        requirement.equal(expect_ok("destroy_by", destroyed), vec![id]);
        let left = holders.len() as u64;
        requirement.equal(fixture.count().await.unwrap_or(left), left);
    }
}

async fn sessions_with_exactly_the_value_count<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    session_limits(&fixture)?;
    let values = values();
    for value in &values {
        let limit = SessionLimit { name: "user", value, max: NonZeroUsize::MIN, on_full: Evict::Oldest };
        let record = Record::new(&fixture.meta(), [("user", value.as_slice())]);
        let created = fixture.store.create_limited(&record, limit, fixture.now).await;
        let Limited { result, evicted } = expect_ok("create_limited", created);
        requirement.holds(result.is_some(), value.escape_ascii().to_string());
        requirement.equal(evicted, vec![]);
    }
    for value in &values {
        let destroyed = fixture.store.destroy_by("user", value, None, fixture.now).await;
        requirement.equal(expect_ok("destroy_by", destroyed).len(), 1);
    }
    Ok(())
}

async fn a_value_may_be_held_by_many_sessions<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    const HOLDERS: usize = 300;
    for _ in 0..HOLDERS {
        holder(&fixture, "user", b"\x41ada").await;
    }
    let kept = holder(&fixture, "user", b"\x41ada").await;
    requirement.equal(found(&fixture, "user", b"\x41ada").await.len(), HOLDERS + 1);
    let destroyed = fixture.store.destroy_by("user", b"\x41ada", Some(kept), fixture.now).await;
    requirement.equal(expect_ok("destroy_by", destroyed).len(), HOLDERS);
    requirement.equal(found(&fixture, "user", b"\x41ada").await, vec![kept]);
}
