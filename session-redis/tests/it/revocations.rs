//! The revocation list of a cookie store.

use std::time::Duration;

use session_cookie::{CookieStore, Key};
use session_core::{Floor, Patch, Revocations as _, Store, StoreError, StoreKey, Timestamp, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{Monitor, RedisCluster, RedisServer};

use crate::support::{MINUTE, Proxy, builder, now, random_key, record, store, store_with};

fn name(number: u8) -> StoreKey {
    [number; 32].into()
}

/// A node of an application with this revocation list.
fn node(list: RedisStore) -> CookieStore {
    CookieStore::builder(Key::from_bytes(random_key(1)).unwrap(), "shop").revocable(list).unwrap()
}

#[tokio::test]
async fn a_sealed_session_destroyed_on_one_node_is_refused_by_the_others() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for server in [Server::url(server.url()), Server::cluster(cluster.urls())] {
        let [one, other] = [(); 2].map(|()| node(builder(server.clone()).build().unwrap()));
        let token = one.create(&record(), now()).await.unwrap();
        let kept = one.create(&record(), now()).await.unwrap();
        let WriteOutcome::NewToken(renewed) = other.renew(&token, &Patch::new(), now()).await.unwrap() else {
            panic!()
        };
        assert_eq!(one.load(&token, now()).await.unwrap(), None);
        assert!(one.load(&renewed, now()).await.unwrap().is_some());
        one.destroy(&renewed).await.unwrap();
        assert_eq!(other.load(&renewed, now()).await.unwrap(), None);
        assert_eq!(other.update(&renewed, &Patch::new(), now()).await.unwrap(), WriteOutcome::Gone);
        assert!(other.load(&kept, now()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn an_outage_is_an_error_and_never_no_floor() {
    let mut server = RedisServer::start();
    let list = builder(server.url()).build().unwrap();
    let cookies = node(list.clone());
    let token = cookies.create(&record(), now()).await.unwrap();
    assert!(cookies.load(&token, now()).await.unwrap().is_some());
    server.kill();
    for error in [
        list.floors(&[name(1), name(2)], now()).await.unwrap_err(),
        list.raise(name(1), 1, now().after(MINUTE), now()).await.unwrap_err(),
        cookies.load(&token, now()).await.unwrap_err(),
        cookies.destroy(&token).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_no_floor_is_corrupt() {
    let server = RedisServer::start();
    let list = builder(server.url()).build().unwrap();
    for command in [&["SET", "KEY", "7"] as &[&str], &["SADD", "KEY", "7"]] {
        list.raise(name(1), 1, now().after(MINUTE), now()).await.unwrap();
        let key = server.call(&["KEYS", "*"]).texts().remove(0);
        server.call(&["DEL", &key]);
        let command: Vec<_> = command.iter().map(|word| if *word == "KEY" { &key } else { *word }).collect();
        server.call(&command);
        for error in [
            list.floors(&[name(1)], now()).await.unwrap_err(),
            list.raise(name(1), 2, now().after(MINUTE), now()).await.unwrap_err(),
        ] {
            assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        }
        server.call(&["DEL", &key]);
    }
}

#[tokio::test]
async fn a_name_expires_when_it_is_not_needed_any_more() {
    let server = RedisServer::start();
    let list = builder(server.url()).build().unwrap();
    let now = now();
    let expires = || {
        let key = server.call(&["KEYS", "session:r:*"]).texts().remove(0);
        server.call(&["PEXPIRETIME", &key]).number()
    };
    for (until, expected) in [(2, 2), (1, 2), (3, 3)] {
        list.raise(name(1), until, now.after(u32::try_from(until).unwrap() * MINUTE), now).await.unwrap();
        assert_eq!(expires(), i64::try_from(now.after(expected * MINUTE).as_millis()).unwrap());
    }
    list.raise(name(1), 9, Timestamp::from_millis(u64::MAX - 1), now).await.unwrap();
    assert_eq!(expires(), (1 << 53) - 1);
    list.raise(name(1), 9, Timestamp::NEVER, now).await.unwrap();
    assert_eq!(expires(), -1);
}

#[tokio::test]
async fn reading_and_raising_floors_are_one_round_trip_each() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), crate::support::UNLIMITED, true).await;
    let list = store(proxy.url());
    list.raise(name(1), 1, now().after(MINUTE), now()).await.unwrap();
    let sent = proxy.passed();
    list.raise(name(2), 1, now().after(MINUTE), now()).await.unwrap();
    assert_eq!(proxy.passed(), sent + 1);
    let floors = list.floors(&[name(2), name(3), name(1)], now()).await.unwrap();
    assert_eq!(floors.iter().map(|floor| floor.value).collect::<Vec<_>>(), [1, 0, 1]);
    assert_eq!(proxy.passed(), sent + 2);
}

/// The connection is cut after the floor was raised and before the reply.
#[tokio::test]
async fn a_raise_that_is_sent_again_returns_what_it_did_the_first_time() {
    let server = RedisServer::start();
    let direct = builder(server.url()).build().unwrap();
    let monitor = Monitor::new(&server);
    let now = now();
    direct.raise(name(1), 3, now.after(MINUTE), now).await.unwrap();
    let proxy = Proxy::to(server.port(), 1, false).await;
    let list = store_with(proxy.url(), |builder| {
        builder.prefix("session").retries(1000).response_timeout(Duration::from_secs(30))
    });
    let raising = list.raise(name(1), 5, now.after(MINUTE), now);
    let (before, ()) = tokio::join!(raising, async {
        crate::support::eventually(async || {
            let floor = direct.floors(&[name(1)], now).await.unwrap()[0];
            (floor.value == 5).then_some(())
        })
        .await;
        proxy.restore();
    });
    assert_eq!(before.unwrap(), Floor { value: 3, since: now });
    let commands = monitor.commands().concat();
    assert_eq!(commands.matches("00000000000000000005\" ").count(), 2, "{commands}");
}

#[tokio::test]
async fn clearing_sessions_keeps_floors_and_sends_no_token() {
    let server = RedisServer::start();
    let list = builder(server.url()).build().unwrap();
    let cookies = node(list.clone());
    let monitor = Monitor::new(&server);
    let token = cookies.create(&record(), now()).await.unwrap();
    cookies.destroy(&token).await.unwrap();
    list.create(&record(), now()).await.unwrap();
    assert_eq!(list.count(now()).await.unwrap(), 1);
    assert_eq!(list.sweep(now()).await.unwrap(), 0);
    assert_eq!(list.clear().await.unwrap(), 1);
    assert_eq!(cookies.load(&token, now()).await.unwrap(), None);
    let commands = monitor.commands().concat();
    assert!(commands.contains("session:r:"), "{commands}");
    assert!(!commands.contains(token.expose()), "{commands}");
}
