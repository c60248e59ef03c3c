//! Revocation of sessions and superseded cookies across nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use session_cookie::CookieStore;
use session_core::{
    BoxFuture, Change, Deadlines, Floor, MemoryRevocations, Meta, Patch, Record, Revocations, Store,
    StoreError, StoreKey, Timestamp, WriteOutcome,
};

use crate::support::{APP, T0, key, later, meta, new_token, record, sealed};

/// Two nodes that share a list.
pub(crate) fn nodes(overlap: Duration) -> (CookieStore, CookieStore, Arc<MemoryRevocations>) {
    let list = Arc::new(MemoryRevocations::new());
    let node = || CookieStore::builder(key(1), APP).overlap(overlap).revocable(Arc::clone(&list)).unwrap();
    (node(), node(), list)
}

/// The encoded value of an indexed field: the tag of an indexed value, then a text.
const USER: &[u8] = b"\x41ada";

pub(crate) fn note(text: &str) -> Patch {
    Patch::new().set("note", text)
}

#[tokio::test]
async fn a_destroyed_session_is_refused_everywhere_and_for_good() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let first = sealed(&a).await;
    let second = new_token(a.update(&first, &note("x"), T0).await.unwrap());
    a.destroy(&second).await.unwrap();
    for token in [&first, &second] {
        assert_eq!(b.load(token, T0).await.unwrap(), None);
        assert_eq!(b.update(token, &note("y"), T0).await.unwrap(), WriteOutcome::Gone);
        assert_eq!(b.touch(token, later(2000), T0).await.unwrap(), WriteOutcome::Gone);
        assert_eq!(b.renew(token, &note("y"), T0).await.unwrap(), WriteOutcome::Gone);
    }
    a.destroy(&second).await.unwrap();
}

#[tokio::test]
async fn renewing_revokes_the_old_token_at_once() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let old = sealed(&a).await;
    let parallel = new_token(a.update(&old, &note("x"), T0).await.unwrap());
    let new = new_token(a.renew(&old, &Patch::new(), T0).await.unwrap());
    assert_eq!(b.load(&old, T0).await.unwrap(), None);
    assert_eq!(b.load(&parallel, T0).await.unwrap(), None, "made meanwhile, from the old one");
    assert!(b.load(&new, T0).await.unwrap().is_some());
}

#[tokio::test]
async fn of_several_renewals_at_once_one_succeeds() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let old = sealed(&a).await;
    let none = Patch::new();
    let (a, b) = tokio::join!(a.renew(&old, &none, T0), b.renew(&old, &none, T0));
    let gone = [a.unwrap(), b.unwrap()].iter().filter(|written| **written == WriteOutcome::Gone).count();
    assert_eq!(gone, 1);
}

#[tokio::test]
async fn a_superseded_token_is_refused_once_the_overlap_is_over() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let old = sealed(&a).await;
    let new = new_token(a.update(&old, &note("x"), later(100)).await.unwrap());
    assert!(b.load(&old, later(109)).await.unwrap().is_some(), "a request under way");
    assert_eq!(b.load(&old, later(110)).await.unwrap(), None);
    assert_eq!(b.update(&old, &note("y"), later(110)).await.unwrap(), WriteOutcome::Gone);
    assert!(b.load(&new, later(1000)).await.unwrap().is_some());
}

#[tokio::test]
async fn without_an_overlap_a_superseded_token_is_refused_at_once() {
    let (a, b, _) = nodes(Duration::ZERO);
    let old = sealed(&a).await;
    let new = new_token(a.update(&old, &note("x"), T0).await.unwrap());
    assert_eq!(b.load(&old, T0).await.unwrap(), None);
    assert!(b.load(&new, T0).await.unwrap().is_some());
}

#[tokio::test]
async fn a_token_two_writes_old_has_no_overlap() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let first = sealed(&a).await;
    let second = new_token(a.update(&first, &note("x"), T0).await.unwrap());
    let third = new_token(a.update(&second, &note("y"), T0).await.unwrap());
    assert_eq!(b.load(&first, T0).await.unwrap(), None);
    assert!(b.load(&third, T0).await.unwrap().is_some());
}

#[tokio::test]
async fn parallel_writes_of_one_browser_both_succeed() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let token = sealed(&a).await;
    let one = new_token(a.update(&token, &note("x"), T0).await.unwrap());
    let other = new_token(b.update(&token, &note("y"), later(1)).await.unwrap());
    assert!(a.load(&one, later(20)).await.unwrap().is_some());
    assert!(a.load(&other, later(20)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_touch_supersedes_no_token() {
    let (a, b, _) = nodes(Duration::ZERO);
    let old = sealed(&a).await;
    let new = new_token(a.touch(&old, later(2000), later(10)).await.unwrap());
    assert!(b.load(&old, later(20)).await.unwrap().is_some());
    assert!(b.load(&new, later(1900)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_session_that_grew_too_large_keeps_its_token() {
    let (a, _, _) = nodes(Duration::ZERO);
    let token = sealed(&a).await;
    let refused = a.update(&token, &Patch::new().set("blob", vec![0; 5000]), T0).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
    assert!(a.load(&token, T0).await.unwrap().is_some());
}

#[tokio::test]
async fn a_concurrently_touched_token_does_not_outlive_the_end_of_its_session() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let token = sealed(&a).await;
    let touched = new_token(a.touch(&token, later(3600), later(1700)).await.unwrap());
    b.destroy(&token).await.unwrap();
    assert_eq!(
        a.load(&touched, later(1801)).await.unwrap(),
        None,
        "after the deadline of what was destroyed"
    );
}

#[tokio::test]
async fn an_ended_session_is_gone_and_not_in_conflict() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let token = sealed(&a).await;
    a.destroy(&token).await.unwrap();
    let cas = Change::CompareAndSet { expected: None, value: None };
    assert_eq!(b.update(&token, &Patch::new().with("user", cas), T0).await.unwrap(), WriteOutcome::Gone);
}

#[tokio::test]
async fn shorter_deadlines_do_not_revive_an_older_token_with_longer_ones() {
    let (a, b, _) = nodes(Duration::ZERO);
    let long =
        a.create(&Record::new(&Meta { idle_deadline: later(50_000), ..meta() }, []), T0).await.unwrap();
    let deadlines = Deadlines {
        idle_timeout: Duration::from_secs(60),
        idle_deadline: later(60),
        lifetime_deadline: later(60),
        remember: false,
    };
    let short = new_token(a.update(&long, &Patch::new().set_deadlines(deadlines), T0).await.unwrap());
    a.destroy(&short).await.unwrap();
    assert_eq!(b.load(&long, later(1000)).await.unwrap(), None);
}

#[tokio::test]
async fn entries_expire_with_their_sessions() {
    let list = MemoryRevocations::new();
    let name = |index: u32| StoreKey::from(std::array::from_fn(|byte| index.to_le_bytes()[byte % 4]));
    for index in 0..10_000_u32 {
        let now = later(index.into());
        let before = list.raise(name(index), 1, now.after(Duration::from_secs(100)), now).await.unwrap();
        assert_eq!(before, Floor::default());
    }
    assert!(list.len() < 2_000, "{list:?}");
    let floors = list.floors(&[name(9_950), name(1)], later(10_000)).await.unwrap();
    assert_eq!(floors, [Floor { value: 1, since: later(9_950) }, Floor::default()]);
}

/// A list that counts round trips and fails on demand.
#[derive(Default)]
struct Spy {
    list: MemoryRevocations,
    lookups: AtomicUsize,
    raises: AtomicUsize,
    down: std::sync::atomic::AtomicBool,
}

impl Spy {
    fn counts(&self) -> (usize, usize) {
        (self.lookups.swap(0, Ordering::SeqCst), self.raises.swap(0, Ordering::SeqCst))
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.down.load(Ordering::SeqCst) { Err(StoreError::Timeout) } else { Ok(()) }
    }
}

impl Revocations for Spy {
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            self.check()?;
            self.list.floors(names, now).await
        })
    }

    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        self.raises.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            self.check()?;
            self.list.raise(name, to, until, now).await
        })
    }
}

#[tokio::test]
async fn a_ping_looks_up_the_list_once_and_returns_its_error() {
    let spy = Arc::new(Spy::default());
    let store = CookieStore::builder(key(1), APP).revocable(Arc::clone(&spy)).unwrap();
    store.ping().await.unwrap();
    assert_eq!(spy.counts(), (1, 0));
    spy.down.store(true, Ordering::SeqCst);
    assert!(matches!(store.ping().await, Err(StoreError::Timeout)));
}

#[tokio::test]
async fn a_load_costs_one_lookup_and_a_write_one_round_trip() {
    let spy = Arc::new(Spy::default());
    let store = CookieStore::builder(key(1), APP).revocable(Arc::clone(&spy)).unwrap();
    let anonymous = Record::new(&meta(), [("theme", b"\x01dark".as_slice())]);
    let token = store.create(&anonymous, T0).await.unwrap();
    assert_eq!(spy.counts(), (0, 0), "creating");
    assert!(store.load(&token, T0).await.unwrap().is_some());
    assert_eq!(spy.counts(), (1, 0), "loading");
    let light = Patch::new().set("theme", *b"\x01light");
    let token = new_token(store.update(&token, &light, T0).await.unwrap());
    assert_eq!(spy.counts(), (0, 1), "updating");
    let token = new_token(store.renew(&token, &light, T0).await.unwrap());
    assert_eq!(spy.counts(), (0, 1), "renewing");
    let token = new_token(store.touch(&token, later(1900), T0).await.unwrap());
    assert_eq!(spy.counts(), (1, 0), "touching");
    store.destroy(&token).await.unwrap();
    assert_eq!(spy.counts(), (0, 1), "destroying");
    assert_eq!(store.load(&"AQIDBA".into(), T0).await.unwrap(), None);
    assert_eq!(spy.counts(), (0, 0), "a token that does not open costs no lookup");
}

#[tokio::test]
async fn an_outage_of_the_list_is_an_error_and_never_none() {
    let spy = Arc::new(Spy::default());
    let store = CookieStore::builder(key(1), APP).revocable(Arc::clone(&spy)).unwrap();
    let token = sealed(&store).await;
    spy.down.store(true, Ordering::SeqCst);
    assert!(store.load(&token, T0).await.is_err());
    assert!(store.update(&token, &note("x"), T0).await.is_err());
    assert!(store.destroy(&token).await.is_err());
    assert!(store.destroy_by("user", USER, None, T0).await.is_err());
    spy.down.store(false, Ordering::SeqCst);
    assert_eq!(store.load(&token, T0).await.unwrap(), Some(record()));
}

/// Removes the note if it still has this value.
fn compare(old: &str) -> Patch {
    Patch::new().with("note", Change::CompareAndSet { expected: Some(old.into()), value: None })
}

#[tokio::test]
async fn of_concurrent_compare_and_set_writes_one_succeeds_and_supersedes_all_other_tokens() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    assert!(!a.capabilities().stateless);
    let old = new_token(a.update(&sealed(&a).await, &note("x"), T0).await.unwrap());
    let parallel = new_token(b.update(&old, &Patch::new().set("other", *b"y"), T0).await.unwrap());
    let patch = compare("x");
    let (one, two) = tokio::join!(a.update(&old, &patch, T0), b.update(&old, &patch, T0));
    let (new, lost) = match (one.unwrap(), two.unwrap()) {
        (WriteOutcome::NewToken(new), lost) | (lost, WriteOutcome::NewToken(new)) => (new, lost),
        neither => panic!("neither succeeded: {neither:?}"),
    };
    assert_eq!(lost, WriteOutcome::Gone);
    for superseded in [&old, &parallel] {
        assert_eq!(a.load(superseded, T0).await.unwrap(), None, "it still holds the note");
        assert_eq!(b.update(superseded, &patch, T0).await.unwrap(), WriteOutcome::Gone);
    }
    assert_eq!(b.load(&new, T0).await.unwrap().unwrap().get("note"), None);
}

#[tokio::test]
async fn a_compare_and_set_with_a_superseded_token_supersedes_nothing() {
    let (a, _, _) = nodes(Duration::from_secs(10));
    let old = new_token(a.update(&sealed(&a).await, &note("x"), T0).await.unwrap());
    let newer = new_token(a.update(&old, &note("y"), T0).await.unwrap());
    let newest = new_token(a.update(&newer, &note("z"), T0).await.unwrap());
    assert_eq!(a.update(&old, &compare("x"), T0).await.unwrap(), WriteOutcome::Gone);
    assert!(a.load(&newest, T0).await.unwrap().is_some());
}

#[test]
fn a_store_with_lost_updates_accepted_is_still_stateless() {
    assert!(
        CookieStore::builder(key(1), APP).accept_lost_updates().stateless().unwrap().capabilities().stateless
    );
}
