//! A client whose connection is cut after any of its commands.

use session_core::{Change, Patch, Record, Store, StoreError, Timestamp, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer, Reply};

use crate::support::{MINUTE, Proxy, builder, count_one, eventually, indexed, now, of_user};

/// The last acknowledged step of one session. The next one failed, if there is one.
#[derive(Debug)]
enum Progress {
    Nothing,
    Created(Token),
    Updated(Token),
    Touched(Token),
    Renewed(Token, Token),
    Destroyed(Token, Token),
}

fn patch() -> Patch {
    let compare_and_set =
        Change::CompareAndSet { expected: Some(b"\x01lovelace".to_vec()), value: Some(b"bob".to_vec()) };
    count_one().with("name", compare_and_set).set("theme", *b"dark")
}

/// Runs until the first failure.
async fn run_until_failure(store: &RedisStore, record: &Record, later: Timestamp) -> Progress {
    let Ok(token) = store.create(record, now()).await else { return Progress::Nothing };
    let kept = |written: Result<WriteOutcome, StoreError>| {
        written.map(|written| assert_eq!(written, WriteOutcome::Done))
    };
    if kept(store.update(&token, &patch(), now()).await).is_err() {
        return Progress::Created(token);
    }
    if kept(store.touch(&token, later, now()).await).is_err() {
        return Progress::Updated(token);
    }
    let fresh = match store.renew(&token, &count_one().set("user", indexed("bob")), now()).await {
        Ok(WriteOutcome::NewToken(fresh)) => fresh,
        Ok(other) => panic!("renewing returned {other:?}"),
        Err(_) => return Progress::Touched(token),
    };
    match store.destroy(&fresh).await {
        Ok(_) => Progress::Destroyed(token, fresh),
        Err(_) => Progress::Renewed(token, fresh),
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
    visits
}

/// Checks that acknowledged steps are stored, and that the failed one is stored as a whole or not at all.
async fn check(store: &RedisStore, progress: &Progress, later: Timestamp) {
    let load = async |token: &Token| store.load(token, now()).await.unwrap();
    let all = store.list(None, 1000, now()).await.unwrap().records;
    match progress {
        Progress::Nothing => assert!(all.len() <= 1),
        Progress::Created(token) => assert!(counted(&load(token).await.unwrap()) <= 1),
        Progress::Updated(token) => assert_eq!(counted(&load(token).await.unwrap()), 1),
        Progress::Touched(token) => {
            assert_eq!(all.len(), 1);
            assert_eq!(all[0].meta().idle_deadline, later);
            let expected = if load(token).await.is_some() { 1 } else { 2 };
            assert_eq!(counted(&all[0]), expected);
        }
        Progress::Renewed(old, fresh) => {
            assert_eq!(load(old).await, None);
            assert_eq!(load(fresh).await.as_ref(), all.first());
            assert!(all.iter().all(|record| counted(record) == 2));
        }
        Progress::Destroyed(old, fresh) => {
            assert_eq!((load(old).await, load(fresh).await), (None, None));
            assert!(all.is_empty());
        }
    }
}

/// Checks that exactly the sessions that hold a value are found by it.
async fn check_index(store: &RedisStore) {
    let all = store.list(None, 1000, now()).await.unwrap().records;
    for user in ["ada", "bob"] {
        let found = store.find_by("user", &indexed(user), &[], now()).await.unwrap();
        let held = all.iter().filter(|record| record.get("user") == Some(&indexed(user)));
        assert!(found.iter().map(Record::meta).eq(held.map(Record::meta)), "{user}: {found:?}");
    }
}

/// Every method, with the connections cut after each number of commands, before or after the last reply, until nothing
/// is cut any more.
async fn interrupt_after_each(servers: &[RedisServer], reach: fn(Vec<String>) -> Server) {
    let ports: Vec<_> = servers.iter().map(RedisServer::port).collect();
    for replies in [false, true] {
        for limit in 1.. {
            for server in servers {
                // Replicas refuse it, and follow their primaries.
                server.call(&["FLUSHALL"]);
            }
            let proxy = Proxy::to_all(&ports, limit, replies).await;
            let store = builder(reach(proxy.urls())).retries(0).build().unwrap();
            let record = of_user("ada");
            let later = record.meta().idle_deadline.after(MINUTE);
            let progress = run_until_failure(&store, &record, later).await;
            proxy.restore();
            eventually(async || store.count(now()).await.ok()).await;
            for server in servers {
                for key in server.call(&["KEYS", "*"]).texts() {
                    expires(server, &key);
                }
            }
            check(&store, &progress, later).await;
            check_index(&store).await;
            if matches!(progress, Progress::Destroyed(..)) {
                assert!(limit >= 5, "not every verb was cut off");
                break;
            }
        }
    }
}

/// A replica does not report it; its primary does.
fn expires(server: &RedisServer, key: &str) {
    let ttl = server.call(&["PTTL", key]);
    assert!(!matches!(ttl, Reply::Number(..0)), "{key} never expires");
}

#[tokio::test]
async fn a_client_interrupted_after_any_command_leaves_no_half_session() {
    let server = RedisServer::start();
    interrupt_after_each(&[server], |urls| Server::url(&urls[0])).await;
}

#[tokio::test]
async fn a_client_interrupted_in_a_cluster_after_any_command_leaves_no_half_session() {
    let cluster = RedisCluster::start();
    interrupt_after_each(&cluster.servers, Server::cluster).await;
}
