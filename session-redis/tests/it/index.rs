//! Lookup of sessions by indexed values.

use session_core::{HandleId, Patch, Record, Store, StoreError, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{Monitor, RedisCluster, RedisServer};

use crate::support::{MINUTE, builder, count_one, indexed, now, of_user, record, store, store_with};

pub(crate) async fn found(store: &RedisStore, field: &str, value: &str) -> Vec<HandleId> {
    let records = store.find_by(field, &indexed(value), &[], now()).await.unwrap();
    let mut ids: Vec<_> = records.iter().map(|record| record.meta().id).collect();
    ids.sort_unstable();
    ids
}

pub(crate) async fn renewed(store: &RedisStore, token: &Token, patch: &Patch) -> Token {
    match store.renew(token, patch, now()).await.unwrap() {
        WriteOutcome::NewToken(token) => token,
        other => panic!("{other:?}"),
    }
}

/// The keys of all servers, with the times when they expire; -1 is never.
pub(crate) fn keys(servers: &[&RedisServer], pattern: &str) -> Vec<(String, i64)> {
    let of_server = |server: &&RedisServer| {
        let names = server.call(&["KEYS", pattern]).texts();
        let expires = |name: String| {
            let expires = server.call(&["PEXPIRETIME", &name]).number();
            (name, expires)
        };
        names.into_iter().map(expires).collect::<Vec<_>>()
    };
    servers.iter().flat_map(of_server).collect()
}

pub(crate) fn masters(cluster: &RedisCluster) -> Vec<&RedisServer> {
    cluster.servers[..3].iter().collect()
}

#[tokio::test]
async fn a_session_that_cannot_be_found_pays_nothing_for_those_that_can() {
    let server = RedisServer::start();
    let store = store(server.url());
    let monitor = Monitor::new(&server);
    let token = store.create(&record(), now()).await.unwrap();
    let _ = store.update(&token, &count_one(), now()).await.unwrap();
    let _ = store.touch(&token, now().after(45 * MINUTE), now()).await.unwrap();
    let token = renewed(&store, &token, &Patch::new()).await;
    assert_eq!(keys(&[&server], "*").len(), 1);
    let name = keys(&[&server], "*").remove(0).0;
    assert_eq!(server.call(&["HEXISTS", &name, "i"]).number(), 0);
    store.destroy(&token).await.unwrap();
    let commands = monitor.commands().concat();
    assert!(commands.contains("\"HMGET\""), "{commands}");
    for word in ["ZADD", "ZREM", "TIME", "\"SET\"", "\"i\" \"e"] {
        assert!(
            !commands.contains(&format!("lua] {word}")) && !commands.contains(&format!("\"{word}\"")),
            "{word}: {commands}"
        );
    }
}

#[tokio::test]
async fn what_a_session_does_not_hold_any_more_leaves_no_trace_on_one_server() {
    let server = RedisServer::start();
    let store = store(server.url());
    let sets = || keys(&[&server], "*:i:*").len();
    let record = of_user("ada");
    let token = store.create(&record, now()).await.unwrap();
    let on_phone = Patch::new().set("device", indexed("phone"));
    let _ = store.update(&token, &on_phone, now()).await.unwrap();
    assert_eq!(sets(), 2);
    let token = renewed(&store, &token, &Patch::new().set("user", indexed("bob"))).await;
    assert_eq!(sets(), 2);
    assert_eq!(found(&store, "user", "ada").await, []);
    assert_eq!(found(&store, "user", "bob").await, [record.meta().id]);
    assert_eq!(found(&store, "device", "phone").await, [record.meta().id]);
    let _ = store.update(&token, &Patch::new().remove("user"), now()).await.unwrap();
    assert_eq!((sets(), found(&store, "device", "phone").await.len()), (1, 1));
    let token = renewed(&store, &token, &Patch::new().keep_only(["name"])).await;
    assert_eq!(sets(), 0);

    let _ = store.update(&token, &on_phone, now()).await.unwrap();
    // A value that is not marked as indexed is not found, whatever the field held before.
    let _ = store.update(&token, &Patch::new().set("device", *b"\x01phone"), now()).await.unwrap();
    assert_eq!(sets(), 0);
    let _ = store.update(&token, &on_phone, now()).await.unwrap();
    let token = renewed(&store, &token, &Patch::new()).await;
    store.destroy(&token).await.unwrap();
    assert_eq!(keys(&[&server], "*"), []);
}

#[tokio::test]
async fn hostile_names_and_values_are_distinguished() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    let long = "x".repeat(1024);
    for store in [store(server.url()), store(Server::cluster(cluster.urls()))] {
        let mut expected = Vec::new();
        let names = ["user", "user:", "u", "reach", "i", "", "\u{1f980} *{a}\n"];
        for field in names {
            for value in ["", "a", "ser:a", "a:b*{c}?[d]", "\u{1f980}\0\n", "'; return 1", &long] {
                let record = Record::new(&record().meta(), [(field, indexed(value).as_slice())]);
                store.create(&record, now()).await.unwrap();
                expected.push((field, value.to_owned(), record.meta().id));
            }
        }
        for (field, value, id) in expected {
            assert_eq!(found(&store, field, &value).await, [id], "{field} {value}");
        }
        assert_eq!(store.count(now()).await.unwrap(), 49);
        assert_eq!(store.clear().await.unwrap(), 49);
        assert_eq!(found(&store, "user", "a").await, []);
    }
    assert_eq!(keys(&[&server], "*"), []);
    assert_eq!(keys(&masters(&cluster), "*"), []);
}

#[tokio::test]
async fn stores_with_different_prefixes_do_not_find_each_others_sessions() {
    let server = RedisServer::start();
    let stores = ["session", "session:i", "session:inner", "s*"]
        .map(|prefix| builder(server.url()).prefix(prefix).build().unwrap());
    for store in &stores {
        let token = store.create(&of_user("ada"), now()).await.unwrap();
        renewed(store, &token, &Patch::new()).await;
    }
    for store in &stores {
        assert_eq!(found(store, "user", "ada").await.len(), 1);
        assert_eq!(store.count(now()).await.unwrap(), 1);
    }
    assert_eq!(stores[0].clear().await.unwrap(), 1);
    assert_eq!(stores[3].destroy_by("user", &indexed("ada"), None, now()).await.unwrap().len(), 1);
    for (store, left) in stores.iter().zip([0, 1, 1, 0]) {
        assert_eq!(found(store, "user", "ada").await.len(), left);
    }
}

#[tokio::test]
async fn the_order_in_which_sessions_came_to_a_value_outlasts_renewals() {
    let server = RedisServer::start();
    let store = store(server.url());
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(store.create(&of_user("ada"), now()).await.unwrap());
    }
    let set = keys(&[&server], "*:i:*").remove(0).0;
    let members = || {
        let mut members = server.call(&["ZRANGE", &set, "0", "-1"]).texts();
        members.sort_by_key(|member| member[43..].to_owned());
        members
    };
    let before = members();
    for (token, member) in tokens.iter().zip(&before) {
        assert!(member.starts_with(&token.store_key().unwrap().to_string()));
    }
    let again = Patch::new().set("user", indexed("ada"));
    for token in tokens.iter().rev() {
        renewed(&store, token, &again).await;
    }
    assert_eq!(members(), before);
}

#[tokio::test]
async fn a_thousand_sessions_of_one_value_are_found_and_ended() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for server in [Server::url(server.url()), Server::cluster(cluster.urls())] {
        // Running all of them concurrently takes some time on a busy machine.
        let store = store_with(server, |builder| builder.response_timeout(MINUTE));
        let mut creating = tokio::task::JoinSet::new();
        for number in 0..1201 {
            let store = store.clone();
            creating.spawn(async move {
                let token = store.create(&of_user("ada"), now()).await.unwrap();
                if number % 50 == 0 {
                    renewed(&store, &token, &Patch::new()).await;
                }
            });
        }
        creating.join_all().await;
        assert_eq!(found(&store, "user", "ada").await.len(), 1201);
        let mut others = found(&store, "user", "ada").await;
        let spared = others.remove(600);
        let value = indexed("ada");
        let mut ended = store.destroy_by("user", &value, Some(spared), now()).await.unwrap();
        ended.sort_unstable();
        others.sort_unstable();
        assert_eq!(ended, others);
        assert_eq!(found(&store, "user", "ada").await, [spared]);
        assert_eq!(store.destroy_by("user", &value, None, now()).await.unwrap(), [spared]);
    }
}

#[tokio::test]
async fn an_outage_is_an_error_and_never_nobody() {
    let mut server = RedisServer::start();
    let store = store(server.url());
    store.create(&of_user("ada"), now()).await.unwrap();
    server.kill();
    let value = indexed("ada");
    for error in [
        store.find_by("user", &value, &[], now()).await.unwrap_err(),
        store.destroy_by("user", &value, None, now()).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
}
