//! Revocation of all sessions in a group: "log out everywhere".

use std::sync::Arc;
use std::time::Duration;

use session_cookie::CookieStore;
use session_core::{
    HandleId, MemoryRevocations, Meta, Patch, Record, Refusal, Store, StoreError, Timestamp, Token,
    WriteOutcome,
};

use crate::revocation::{nodes, note};
use crate::support::{APP, T0, key, later, meta, new_token};

/// Encoded values of an indexed field: the tag of an indexed value, then a text.
const ADA: &[u8] = b"\x41ada";
const BOB: &[u8] = b"\x41bob";

fn of_user(id: u8, user: &[u8]) -> Record {
    Record::new(&Meta { id: HandleId::from([id; 16]), ..meta() }, [("user", user)])
}

async fn end(store: &CookieStore, except: Option<u8>, now: Timestamp) {
    let except = except.map(|id| HandleId::from([id; 16]));
    assert_eq!(
        store.destroy_by("user", ADA, except, now).await.unwrap(),
        [],
        "which sessions there are is unknown"
    );
}

async fn lives(store: &CookieStore, token: &Token, now: Timestamp) -> bool {
    store.load(token, now).await.unwrap().is_some()
}

#[tokio::test]
async fn logging_out_everywhere_ends_the_sessions_of_one_user() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let phone = a.create(&of_user(1, ADA), T0).await.unwrap();
    let laptop = b.create(&of_user(2, ADA), T0).await.unwrap();
    let laptop = new_token(b.update(&laptop, &note("x"), later(5)).await.unwrap());
    let other = a.create(&of_user(3, BOB), T0).await.unwrap();
    let anonymous = a.create(&Record::new(&meta(), []), T0).await.unwrap();

    end(&a, None, later(10)).await;

    for token in [&phone, &laptop] {
        assert!(!lives(&b, token, later(10)).await);
        assert_eq!(b.update(token, &note("y"), later(10)).await.unwrap(), WriteOutcome::Gone);
        assert_eq!(
            b.update(token, &Patch::new().remove("user"), later(10)).await.unwrap(),
            WriteOutcome::Gone
        );
        assert_eq!(b.renew(token, &note("y"), later(10)).await.unwrap(), WriteOutcome::Gone);
    }
    assert!(lives(&b, &other, later(10)).await);
    assert!(lives(&b, &anonymous, later(10)).await);
}

#[tokio::test]
async fn after_logging_out_everywhere_the_user_may_log_in_again_and_out_again() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    end(&a, None, T0).await;
    let created = a.create(&of_user(1, ADA), T0).await.unwrap();
    assert!(lives(&b, &created, T0).await);
    end(&b, None, T0).await;
    assert!(!lives(&a, &created, T0).await, "at the same millisecond");

    let anonymous = a.create(&Record::new(&meta(), []), T0).await.unwrap();
    end(&a, None, later(10)).await;
    let login = Patch::new().set("user", ADA);
    let renewed = new_token(b.renew(&anonymous, &login, later(10)).await.unwrap());
    let written = new_token(b.update(&renewed, &note("x"), later(11)).await.unwrap());
    assert!(lives(&a, &written, later(12)).await);
}

#[tokio::test]
async fn logging_out_everywhere_else_leaves_the_present_session() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let here = a.create(&of_user(1, ADA), T0).await.unwrap();
    let there = b.create(&of_user(2, ADA), T0).await.unwrap();
    for _ in 0..3 {
        end(&a, Some(1), T0).await;
        assert!(lives(&b, &here, T0).await);
        assert!(!lives(&a, &there, T0).await);
    }
    let here = new_token(b.update(&here, &note("x"), T0).await.unwrap());
    let here = new_token(a.touch(&here, later(3000), later(10)).await.unwrap());
    let here = new_token(b.renew(&here, &note("y"), later(11)).await.unwrap());
    assert!(lives(&a, &here, later(12)).await);
    end(&b, None, later(12)).await;
    assert!(!lives(&a, &here, later(12)).await);
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_excepted_back_to_life() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let thief = a.create(&of_user(1, ADA), T0).await.unwrap();
    end(&a, None, T0).await;
    // A request of the attacker, already in flight, logs out everywhere else.
    end(&b, Some(1), T0).await;
    assert!(!lives(&a, &thief, T0).await);
    assert_eq!(a.update(&thief, &note("x"), T0).await.unwrap(), WriteOutcome::Gone);
}

#[tokio::test]
async fn of_two_sessions_that_log_each_other_out_one_at_most_stays() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let (one, two) = (a.create(&of_user(1, ADA), T0).await.unwrap(), a.create(&of_user(2, ADA), T0).await);
    tokio::join!(end(&a, Some(1), T0), end(&b, Some(2), T0));
    let living = [lives(&a, &one, T0).await, lives(&a, &two.unwrap(), T0).await];
    assert!(living.iter().filter(|lives| **lives).count() <= 1, "{living:?}");
}

#[tokio::test]
async fn a_session_excepted_too_often_in_a_row_ends() {
    let (a, _, _) = nodes(Duration::from_secs(10));
    let idle = a.create(&of_user(1, ADA), T0).await.unwrap();
    let used = a.create(&of_user(2, ADA), T0).await.unwrap();
    for _ in 0..16 {
        end(&a, Some(1), T0).await;
    }
    assert!(lives(&a, &idle, T0).await);
    assert!(!lives(&a, &used, T0).await);
    end(&a, Some(1), T0).await;
    assert!(!lives(&a, &idle, T0).await);
}

#[tokio::test]
async fn every_indexed_field_is_a_group_unless_one_is_named() {
    const ACME: &[u8] = b"\x41acme";
    let (a, b, list) = nodes(Duration::from_secs(10));
    let both = |id: u8| {
        let meta = Meta { id: HandleId::from([id; 16]), ..meta() };
        Record::new(&meta, [("name", b"\x01ada".as_slice()), ("tenant", ACME), ("user", ADA)])
    };
    let (one, two) = (a.create(&both(1), T0).await.unwrap(), a.create(&both(2), T0).await.unwrap());
    a.destroy_by("name", b"\x01ada", None, T0).await.unwrap();
    assert!(lives(&b, &one, T0).await, "that field is not indexed");
    end(&a, Some(1), T0).await;
    assert!(lives(&b, &one, T0).await && !lives(&b, &two, T0).await);
    let one = new_token(b.update(&one, &note("x"), T0).await.unwrap());
    a.destroy_by("tenant", ACME, None, T0).await.unwrap();
    assert!(!lives(&b, &one, T0).await);

    let named = CookieStore::builder(key(1), APP).grouped_by("user").revocable(Arc::clone(&list)).unwrap();
    assert!(matches!(named.destroy_by("tenant", ACME, None, T0).await, Err(StoreError::Unsupported(_))));
    let plain = named.create(&of_user(3, b"ada"), T0).await.unwrap();
    named.destroy_by("user", b"ada", None, T0).await.unwrap();
    assert!(!lives(&named, &plain, T0).await);
}

#[tokio::test]
async fn applications_that_share_a_list_end_their_own_sessions_only() {
    let list = Arc::new(MemoryRevocations::new());
    let app = |name: &str| CookieStore::builder(key(1), name).revocable(Arc::clone(&list)).unwrap();
    let (shop, admin) = (app("shop"), app("admin"));
    let token = admin.create(&of_user(1, ADA), T0).await.unwrap();
    end(&shop, None, T0).await;
    assert!(lives(&admin, &token, T0).await);
}

#[tokio::test]
async fn a_login_under_a_fast_clock_is_ended_too() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let token = a.create(&of_user(1, ADA), later(60)).await.unwrap();
    end(&b, None, T0).await;
    assert!(!lives(&a, &token, later(61)).await);
}

#[tokio::test]
async fn a_session_in_a_group_ends_after_the_longest_time_that_browsers_keep_a_cookie() {
    let (a, _, _) = nodes(Duration::from_secs(10));
    let forever = Meta { idle_deadline: Timestamp::NEVER, lifetime_deadline: Timestamp::NEVER, ..meta() };
    let token = a.create(&Record::new(&forever, [("user", ADA)]), T0).await.unwrap();
    assert!(lives(&a, &token, later(400 * 86_400 - 1)).await);
    assert!(!lives(&a, &token, later(400 * 86_400)).await);
    assert_eq!(a.refusal(&token, later(400 * 86_400)).await, Refusal::Expired);
    assert_eq!(a.update(&token, &note("x"), later(400 * 86_400)).await.unwrap(), WriteOutcome::Gone);
    let anonymous = a.create(&Record::new(&forever, []), T0).await.unwrap();
    assert!(lives(&a, &anonymous, later(400 * 86_400)).await);
}
