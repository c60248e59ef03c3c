//! Operations on many sessions: listing, clearing, sweeping, finding and destroying by value.

use session_core::{Patch, Record, Store, StoreError, WriteOutcome};
use session_redis::Server;
use test_support::{RedisCluster, RedisServer};

use crate::index::{found, keys, masters, renewed};
use crate::support::{Proxy, UNLIMITED, builder, indexed, now, of_user, record, store};

/// Creates a session of Ada with a large value.
fn large() -> Record {
    let (user, cart) = (indexed("ada"), vec![1; 100_000]);
    let fields = [("user", user.as_slice()), ("cart", &cart), ("device", b"\x01phone")];
    Record::new(&record().meta(), fields)
}

/// Number of bytes that the servers have sent. The query itself adds few.
fn sent(servers: &[&RedisServer]) -> i64 {
    servers.iter().map(|server| server.info("total_net_output_bytes")).sum()
}

#[tokio::test]
async fn ending_or_listing_many_sessions_transfers_no_values() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for (store, servers) in
        [(store(server.url()), vec![&server]), (store(Server::cluster(cluster.urls())), masters(&cluster))]
    {
        let spared = large();
        store.create(&spared, now()).await.unwrap();
        for _ in 0..20 {
            let token = store.create(&large(), now()).await.unwrap();
            renewed(&store, &token, &Patch::new()).await;
        }
        let (value, spared) = (indexed("ada"), spared.meta().id);
        let before = sent(&servers);
        let found = store.find_by("user", &value, &["device"], now()).await.unwrap();
        assert_eq!(found.len(), 21);
        assert!(
            found
                .iter()
                .all(|record| record.get("device") == Some(b"\x01phone") && record.get("cart").is_none())
        );
        assert!(store.destroy_by_id(found[7].meta().id, None, now()).await.unwrap());
        assert_eq!(
            store.destroy_by("user", &value, Some(spared), now()).await.unwrap().len(),
            20 - usize::from(found[7].meta().id != spared)
        );
        assert_eq!(store.sweep(now()).await.unwrap(), 0);
        assert_eq!(store.clear().await.unwrap(), u64::from(found[7].meta().id != spared));
        let sent = sent(&servers) - before;
        assert!(sent < 200_000, "{sent} bytes");
    }
}

#[tokio::test]
async fn bulk_operations_have_a_connection_of_their_own() {
    let server = RedisServer::start();
    let store = store(server.url());
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let before = server.info("total_connections_received");
    store.list(None, 10, now()).await.unwrap();
    store.sweep(now()).await.unwrap();
    found(&store, "user", "ada").await;
    // The connection of the store, and that of the query.
    assert_eq!(server.info("total_connections_received"), before + 1 + 1);

    // Other calls do not notice that it is cut.
    let list = server.call(&["CLIENT", "LIST"]).text();
    let bulk = list.lines().find(|line| line.contains("cmd=hmget"));
    let id = bulk.and_then(|line| line.strip_prefix("id=")?.split(' ').next()).unwrap();
    server.call(&["CLIENT", "KILL", "ID", id]);
    let before = server.info("total_connections_received");
    store.load(&token, now()).await.unwrap().unwrap();
    assert_eq!(server.info("total_connections_received"), before + 1);
}

/// Damages the session under a key.
type Corruption = fn(&RedisServer, &str);

/// After how many of them the handle id can still be read.
const READABLE_IDS: usize = 5;
const CORRUPTIONS: [Corruption; 9] = [
    |server, key| drop(server.call(&["HSET", key, "m", "what"])),
    |server, key| drop(server.call(&["HSET", key, "l", "what"])),
    |server, key| drop(server.call(&["HSET", key, "d", "soon"])),
    |server, key| drop(server.call(&["HSET", key, "i", "what"])),
    |server, key| drop(server.call(&["HSET", key, "i", ""])),
    |server, key| drop(server.call(&["HDEL", key, "m", "d"])),
    |server, key| drop(server.call(&["HDEL", key, "i"])),
    |server, key| drop(server.call(&["HSET", key, "f:\u{1f980}", "x", "m", "x", "i", "\u{81}\u{a7}entries"])),
    |server, key| {
        server.call(&["DEL", key]);
        server.call(&["SET", key, "text"]);
    },
];

#[tokio::test]
async fn sessions_that_cannot_be_read_are_ended_like_others() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for (store, servers) in
        [(store(server.url()), vec![&server]), (store(Server::cluster(cluster.urls())), masters(&cluster))]
    {
        for is_renewed in [false, true] {
            let spared = of_user("ada");
            store.create(&spared, now()).await.unwrap();
            for corrupt in CORRUPTIONS {
                let before = keys(&servers, "*:{*");
                let mut token = store.create(&of_user("ada"), now()).await.unwrap();
                if is_renewed {
                    token = renewed(&store, &token, &Patch::new()).await;
                }
                let hash = token.store_key().unwrap().to_string();
                let (key, _) = keys(&servers, &format!("*{}", &hash[2..])).remove(0);
                assert!(before.iter().all(|(other, _)| *other != key));
                let owner = servers.iter().find(|server| {
                    server
                        .try_call(&["EXISTS", &key])
                        .is_some_and(|reply| reply == test_support::Reply::Number(1))
                });
                corrupt(owner.unwrap(), &key);
            }
            let bob = of_user("bob");
            store.create(&bob, now()).await.unwrap();
            let ended =
                store.destroy_by("user", &indexed("ada"), Some(spared.meta().id), now()).await.unwrap();
            assert_eq!(ended.len(), READABLE_IDS, "the handle ids that can be read");
            assert_eq!(found(&store, "user", "ada").await, [spared.meta().id]);
            assert_eq!(found(&store, "user", "bob").await, [bob.meta().id]);
            let left = keys(&servers, "*:{*");
            assert_eq!(left.iter().filter(|(name, _)| !name.ends_with('>')).count(), 2, "{left:?}");
            store.clear().await.unwrap();
        }
    }
}

#[tokio::test]
async fn one_bad_key_keeps_nobody_from_clearing_and_sweeping() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for (store, servers) in
        [(store(server.url()), vec![&server]), (store(Server::cluster(cluster.urls())), masters(&cluster))]
    {
        let mut tokens = Vec::new();
        for corrupt in CORRUPTIONS {
            let token = store.create(&of_user("ada"), now()).await.unwrap();
            let hash = token.store_key().unwrap().to_string();
            let (key, _) = keys(&servers, &format!("*{}", &hash[2..])).remove(0);
            let is_there = |server: &&&RedisServer| {
                server
                    .try_call(&["EXISTS", &key])
                    .is_some_and(|reply| reply == test_support::Reply::Number(1))
            };
            corrupt(servers.iter().find(is_there).unwrap(), &key);
            tokens.push(store.create(&of_user("eve"), now()).await.unwrap());
        }
        // The index keys hold values of another type.
        for (set, _) in keys(&servers, "*:i:*") {
            for server in &servers {
                if server
                    .try_call(&["DEL", &set])
                    .is_some_and(|reply| reply == test_support::Reply::Number(1))
                {
                    server.call(&["SET", &set, "text"]);
                }
            }
        }
        assert_eq!(store.sweep(now()).await.unwrap(), 0);
        assert_eq!(found(&store, "user", "eve").await.len(), tokens.len(), "the index was not put back");
        for (set, _) in keys(&servers, "*:i:*") {
            for server in &servers {
                if server
                    .try_call(&["DEL", &set])
                    .is_some_and(|reply| reply == test_support::Reply::Number(1))
                {
                    server.call(&["SET", &set, "text"]);
                }
            }
        }
        assert!(matches!(
            store.destroy_by("user", &indexed("eve"), None, now()).await,
            Err(StoreError::Corrupt(_))
        ));
        assert_eq!(
            store.update(&tokens[0], &Patch::new().set("user", indexed("zoe")), now()).await.unwrap(),
            WriteOutcome::Done
        );
        store.destroy(&tokens[1]).await.unwrap();
        assert_eq!(store.clear().await.unwrap(), 2 * CORRUPTIONS.len() as u64 - 1);
        let left = keys(&servers, "*");
        assert!(left.is_empty(), "{left:?}");
    }
}

/// A user without one permission, so that a command fails for one session and not for others.
#[tokio::test]
async fn what_could_not_all_be_ended_is_an_error() {
    let server = RedisServer::start();
    server.call(&["ACL", "SETUSER", "some", "on", ">secret", "~*", "&*", "+@all", "-unlink"]);
    let limited = builder(Server::url(server.url()).login("some", "secret")).build().unwrap();
    let store = builder(server.url()).build().unwrap();
    store.create(&of_user("ada"), now()).await.unwrap();
    let ended = limited.destroy_by("user", &indexed("ada"), None, now()).await;
    for result in [ended.map(drop), limited.clear().await.map(drop)] {
        assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    }
    assert_eq!(found(&store, "user", "ada").await.len(), 1);
    assert_eq!(store.clear().await.unwrap(), 1);
}

#[tokio::test]
async fn sweeping_many_small_indexes_takes_few_round_trips() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), UNLIMITED, true).await;
    let store = store(proxy.url());
    for number in 0..400 {
        store.create(&of_user(&format!("user{number}")), now()).await.unwrap();
    }
    for (key, _) in keys(&[&server], "*:{*").into_iter().step_by(2) {
        server.call(&["DEL", &key]);
    }
    let before = proxy.passed();
    assert_eq!(store.sweep(now()).await.unwrap(), 0);
    let taken = proxy.passed() - before;
    assert!(taken < 60, "{taken} round trips");
    assert_eq!(keys(&[&server], "*:i:*").len(), 200);
}
