//! A client whose connection is cut at any of its statements.

use std::num::NonZeroUsize;

use session_core::{
    Change, Evict, Floor, Patch, Record, Revocations as _, SessionLimit, Store as _, StoreError, Timestamp,
    Token, WriteOutcome,
};
use session_sql::SqlStore;
use sqlx::postgres::PgPoolOptions;

use super::database::{database, pool, port, store};
use super::proxy::Proxy;
use crate::revocations::name;
use crate::support::{Cut, MINUTE, count_one, indexed, now, of_user};

/// The last step in the life of one session that was acknowledged. The next one failed, if there is one.
#[derive(Debug)]
enum Life {
    Nothing,
    Created(Token),
    Updated(Token),
    Touched(Token),
    Renewed(Token, Token),
    SignedIn(Token, Token),
    Destroyed(Token, Token),
}

fn patch() -> Patch {
    let compare_and_set =
        Change::CompareAndSet { expected: Some(b"\x01lovelace".to_vec()), value: Some(b"bob".to_vec()) };
    count_one().with("name", compare_and_set).set("theme", *b"dark")
}

/// Runs until the first failure, which is returned.
async fn live(store: &SqlStore, record: &Record, later: Timestamp) -> (Life, Option<StoreError>) {
    let value = indexed("carol");
    let limit = SessionLimit { name: "user", value: &value, max: NonZeroUsize::MIN, on_full: Evict::Oldest };
    let new_token = |written| match written {
        WriteOutcome::NewToken(token) => token,
        other => panic!("renewing returned {other:?}"),
    };
    let token = match store.create(record, now()).await {
        Ok(token) => token,
        Err(error) => return (Life::Nothing, Some(error)),
    };
    match store.update(&token, &patch(), now()).await {
        Ok(written) => assert_eq!(written, WriteOutcome::Done),
        Err(error) => return (Life::Created(token), Some(error)),
    }
    match store.touch(&token, later, now()).await {
        Ok(written) => assert_eq!(written, WriteOutcome::Done),
        Err(error) => return (Life::Updated(token), Some(error)),
    }
    let second = match store.renew(&token, &count_one().set("user", indexed("bob")), now()).await {
        Ok(written) => new_token(written),
        Err(error) => return (Life::Touched(token), Some(error)),
    };
    let sign_in = count_one().set("user", value.clone());
    let third = match store.renew_limited(&second, &sign_in, limit, now()).await {
        Ok(written) => new_token(written.result),
        Err(error) => return (Life::Renewed(token, second), Some(error)),
    };
    match store.destroy(&third).await {
        Ok(_) => (Life::Destroyed(second, third), None),
        Err(error) => (Life::SignedIn(second, third), Some(error)),
    }
}

/// Number of updates in a record, after checking that its other fields belong to the same update.
fn counted(record: &Record) -> u64 {
    let visits =
        record.get("visits").map_or(0, |visits| str::from_utf8(&visits[1..]).unwrap().parse().unwrap());
    let (name, theme) = if visits == 0 {
        (b"\x01lovelace".as_slice(), None)
    } else {
        (b"bob".as_slice(), Some(b"dark".as_slice()))
    };
    assert_eq!((record.get("name"), record.get("theme")), (Some(name), theme), "half an update");
    let user = match visits {
        0 | 1 => "ada",
        2 => "bob",
        _ => "carol",
    };
    assert_eq!(record.get("user"), Some(indexed(user).as_slice()));
    visits
}

/// Checks that acknowledged steps are stored, and that the failed one is stored as a whole or not at all. Returns whether
/// it is.
async fn is_stored(store: &SqlStore, life: &Life, later: Timestamp) -> bool {
    let load = async |token: &Token| store.load(token, now()).await.unwrap();
    let all = store.list(None, 1000, now()).await.unwrap().records;
    assert!(all.len() <= 1);
    match life {
        Life::Nothing => !all.is_empty(),
        Life::Created(token) => counted(&load(token).await.unwrap()) == 1,
        Life::Updated(token) => {
            assert_eq!(counted(&load(token).await.unwrap()), 1);
            all[0].meta().idle_deadline == later
        }
        Life::Touched(token) => {
            assert_eq!(all[0].meta().idle_deadline, later);
            let is_renewed = load(token).await.is_none();
            assert_eq!(counted(&all[0]), if is_renewed { 2 } else { 1 });
            is_renewed
        }
        Life::Renewed(old, new) => {
            assert_eq!(load(old).await, None);
            let is_renewed = load(new).await.is_none();
            assert_eq!(counted(&all[0]), if is_renewed { 3 } else { 2 });
            is_renewed
        }
        Life::SignedIn(old, new) => {
            assert_eq!(load(old).await, None);
            assert_eq!(load(new).await.as_ref(), all.first());
            assert!(all.iter().all(|record| counted(record) == 3));
            all.is_empty()
        }
        Life::Destroyed(old, new) => {
            assert_eq!((load(old).await, load(new).await), (None, None));
            assert!(all.is_empty());
            true
        }
    }
}

/// Checks that exactly the sessions that hold a value are found by it.
async fn check_index(store: &SqlStore) {
    let all = store.list(None, 1000, now()).await.unwrap().records;
    for user in ["ada", "bob", "carol"] {
        let found = store.find_by("user", &indexed(user), &[], now()).await.unwrap();
        let held = all.iter().filter(|record| record.get("user") == Some(&indexed(user)));
        assert!(found.iter().map(Record::meta).eq(held.map(Record::meta)), "{user}: {found:?}");
    }
}

#[tokio::test]
async fn a_client_cut_off_at_any_statement_leaves_no_half_session_and_knows_what_it_does_not_know() {
    let options = database().await;
    let observer = store(pool(options.clone()).await).await;
    for cut in [Cut::Before, Cut::After] {
        for statement in 1.. {
            observer.clear().await.unwrap();
            let proxy = Proxy::cutting(port(), statement, cut).await;
            let store = SqlStore::new(pool(options.clone().port(proxy.port())).await);
            let record = of_user("ada");
            let later = record.meta().idle_deadline.after(MINUTE);
            let (life, error) = live(&store, &record, later).await;
            let is_stored = is_stored(&observer, &life, later).await;
            check_index(&observer).await;
            match (cut, &error) {
                (_, None) => {}
                (Cut::Before | Cut::Next, Some(_)) => assert!(!is_stored, "{life:?}"),
                // What may be stored is never reported as not stored.
                (Cut::After, Some(error)) => {
                    assert!(!is_stored || matches!(error, StoreError::Timeout), "{life:?}: {error}");
                }
            }
            proxy.mend();
            store.ping().await.unwrap();
            if error.is_none() {
                // Five statements, and three of a write under a limit.
                assert_eq!(statement, 9, "not every statement was cut");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_raise_whose_reply_was_lost_returns_the_floor_that_it_replaced() {
    let options = database().await;
    let observer = store(pool(options.clone()).await).await;
    let now = now();
    let until = now.after(MINUTE);
    observer.raise(name(1), 3, until, now).await.unwrap();
    for cut in [Cut::Before, Cut::After] {
        let proxy = Proxy::cutting(port(), 1, cut).await;
        let own = PgPoolOptions::new().test_before_acquire(false);
        let store = SqlStore::new(own.connect_lazy_with(options.clone().port(proxy.port())));
        let to = observer.floors(&[name(1)], now).await.unwrap()[0].value + 1;
        // Cuts the first execution alone.
        let (raised, ()) = tokio::join!(store.raise(name(1), to, until, now), async {
            while proxy.statements() == 0 {
                tokio::task::yield_now().await;
            }
            proxy.mend();
        });
        assert_eq!(raised.unwrap(), Floor { value: to - 1, since: now });
        assert_eq!(proxy.statements(), 2);
        assert_eq!(observer.floors(&[name(1)], now).await.unwrap()[0].value, to);
    }
}
