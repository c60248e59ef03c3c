//! A client that is cut off after any command it sends.

use session_core::{Change, Patch, Record, Store, StoreError, Timestamp, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer, Reply};

use crate::support::{MINUTE, Proxy, builder, count_one, eventually, indexed, now, of_user};

/// How far the life of one session got: what was acknowledged, the last of which is followed by a failure or nothing.
#[derive(Debug)]
enum Life {
    Nothing,
    Created(Token),
    Updated(Token),
    Touched(Token),
    Renewed(Token, Token),
    Destroyed(Token, Token),
}

fn patch() -> Patch {
    let swap =
        Change::CompareAndSet { expected: Some(b"\x01lovelace".to_vec()), value: Some(b"bob".to_vec()) };
    count_one().with("name", swap).set("theme", *b"dark")
}

/// Lives until the first failure.
async fn live(store: &RedisStore, record: &Record, later: Timestamp) -> Life {
    let Ok(token) = store.create(record, now()).await else { return Life::Nothing };
    let kept = |written: Result<WriteOutcome, StoreError>| {
        written.map(|written| assert_eq!(written, WriteOutcome::Done))
    };
    if kept(store.update(&token, &patch(), now()).await).is_err() {
        return Life::Created(token);
    }
    if kept(store.touch(&token, later, now()).await).is_err() {
        return Life::Updated(token);
    }
    let fresh = match store.renew(&token, &count_one().set("user", indexed("bob")), now()).await {
        Ok(WriteOutcome::NewToken(fresh)) => fresh,
        Ok(other) => panic!("renewing answered {other:?}"),
        Err(_) => return Life::Touched(token),
    };
    match store.destroy(&fresh).await {
        Ok(_) => Life::Destroyed(token, fresh),
        Err(_) => Life::Renewed(token, fresh),
    }
}

/// What a record says of how far the session got: how often it was counted, and whether the rest is as it was then.
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

/// What was acknowledged is there, and what failed is done or not, but nothing in between.
async fn check(store: &RedisStore, life: &Life, later: Timestamp) {
    let load = async |token: &Token| store.load(token, now()).await.unwrap();
    let all = store.list(None, 1000, now()).await.unwrap().records;
    match life {
        Life::Nothing => assert!(all.len() <= 1),
        Life::Created(token) => assert!(counted(&load(token).await.unwrap()) <= 1),
        Life::Updated(token) => assert_eq!(counted(&load(token).await.unwrap()), 1),
        Life::Touched(token) => {
            assert_eq!(all.len(), 1);
            assert_eq!(all[0].meta().idle_deadline, later);
            let expected = if load(token).await.is_some() { 1 } else { 2 };
            assert_eq!(counted(&all[0]), expected);
        }
        Life::Renewed(old, fresh) => {
            assert_eq!(load(old).await, None);
            assert_eq!(load(fresh).await.as_ref(), all.first());
            assert!(all.iter().all(|record| counted(record) == 2));
        }
        Life::Destroyed(old, fresh) => {
            assert_eq!((load(old).await, load(fresh).await), (None, None));
            assert!(all.is_empty());
        }
    }
}

/// Who is found by a value is who holds it.
async fn check_index(store: &RedisStore) {
    let all = store.list(None, 1000, now()).await.unwrap().records;
    for user in ["ada", "bob"] {
        let found = store.find_by("user", &indexed(user), &[], now()).await.unwrap();
        let held = all.iter().filter(|record| record.get("user") == Some(&indexed(user)));
        assert!(found.iter().map(Record::meta).eq(held.map(Record::meta)), "{user}: {found:?}");
    }
}

/// Every verb, with the connections cut after each number of commands, before or after the last is answered, until
/// nothing is cut any more.
async fn cut_after_each(servers: &[RedisServer], reach: fn(Vec<String>) -> Server) {
    let ports: Vec<_> = servers.iter().map(RedisServer::port).collect();
    for answered in [false, true] {
        for limit in 1.. {
            for server in servers {
                // Replicas refuse it, and follow their masters.
                server.call(&["FLUSHALL"]);
            }
            let proxy = Proxy::to_all(&ports, limit, answered).await;
            let store = builder(reach(proxy.urls())).retries(0).build().unwrap();
            let record = of_user("ada");
            let later = record.meta().idle_deadline.after(MINUTE);
            let life = live(&store, &record, later).await;
            proxy.mend();
            eventually(async || store.count(now()).await.ok()).await;
            for server in servers {
                for key in server.call(&["KEYS", "*"]).texts() {
                    expires(server, &key);
                }
            }
            check(&store, &life, later).await;
            check_index(&store).await;
            if matches!(life, Life::Destroyed(..)) {
                assert!(limit >= 5, "not every verb was cut off");
                break;
            }
        }
    }
}

/// A replica does not tell; its master does.
fn expires(server: &RedisServer, key: &str) {
    let ttl = server.call(&["PTTL", key]);
    assert!(!matches!(ttl, Reply::Number(..0)), "{key} never expires");
}

#[tokio::test]
async fn a_client_cut_off_after_any_command_leaves_no_half_session() {
    let server = RedisServer::start();
    cut_after_each(&[server], |urls| Server::url(&urls[0])).await;
}

#[tokio::test]
async fn a_client_cut_off_from_its_cluster_after_any_command_leaves_no_half_session() {
    let cluster = RedisCluster::start();
    cut_after_each(&cluster.servers, Server::cluster).await;
}
