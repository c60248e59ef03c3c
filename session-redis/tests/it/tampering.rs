//! Tampering with sealed sessions on the server, and concurrent writers of one.

use std::time::Duration;

use session_core::{Patch, Record, Store, StoreError, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer, Reply};
use tokio::task::JoinSet;

use crate::index::{keys, masters, renewed};
use crate::sealing::key;
use crate::support::{MINUTE, builder, count_one, eventually, indexed, now, record, visits};

/// Sealed stores with the same sessions, as in four processes, and their servers.
struct Site<'a> {
    stores: [RedisStore; 4],
    store: RedisStore,
    servers: Vec<&'a RedisServer>,
}

impl Site<'_> {
    /// The server of the only session, and the name of its key.
    fn place(&self) -> (&RedisServer, String) {
        let has = |server: &&&RedisServer| !keys(&[server], "*{*").is_empty();
        let server = self.servers.iter().find(has).unwrap();
        (server, keys(&[server], "*{*").remove(0).0)
    }

    /// The fields of the only session's hash.
    fn fields(&self) -> Vec<(String, Vec<u8>)> {
        let (server, key) = self.place();
        let names = server.call(&["HKEYS", &key]).texts();
        let value = |name: String| {
            let Reply::Text(Some(value)) = server.call(&["HGET", &key, &name]) else { panic!("{name}") };
            (name, value)
        };
        names.into_iter().map(value).collect()
    }

    fn set(&self, name: &str, value: Option<&[u8]>) {
        let (server, key) = self.place();
        match value {
            None => server.call(&["HDEL", &key, name]),
            Some(value) => server.call_bytes(&[b"HSET", key.as_bytes(), name.as_bytes(), value]),
        };
    }

    /// Sets these fields by hand, checks that the session is corrupt for every verb and is not changed, and restores the
    /// fields.
    async fn is_detected(&self, token: &Token, what: &str, tampered: &[(&str, Option<&[u8]>)]) {
        let before = self.fields();
        for (name, value) in tampered {
            self.set(name, *value);
        }
        let after = self.fields();
        let is_corrupt = |error: &StoreError| matches!(error, StoreError::Corrupt(_));
        for error in [
            self.store.load(token, now()).await.expect_err(what),
            self.store.update(token, &count_one(), now()).await.expect_err(what),
            self.store.update(token, &Patch::new().set("name", *b"\x01x"), now()).await.expect_err(what),
            self.store.touch(token, now().after(40 * MINUTE), now()).await.expect_err(what),
            self.store.renew(token, &Patch::new(), now()).await.expect_err(what),
        ] {
            assert!(is_corrupt(&error), "{what}: {error:?}");
        }
        assert_eq!(self.store.list(None, 10, now()).await.unwrap().records, [], "{what}");
        assert_eq!(self.fields(), after, "{what}: something was written");
        for (name, _) in &after {
            if before.iter().all(|(other, _)| other != name) {
                self.set(name, None);
            }
        }
        for (name, value) in &before {
            self.set(name, Some(value));
        }
        assert!(self.store.load(token, now()).await.unwrap().is_some());
    }
}

async fn on_each_kind_of_server(test: impl AsyncFn(Site<'_>)) {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    let site = |server: Server, servers| {
        let sealed = |()| builder(server.clone()).seal(key(1), []).build().unwrap();
        let stores = [(); 4].map(sealed);
        Site { store: stores[0].clone(), stores, servers }
    };
    test(site(server.url().into(), vec![&server])).await;
    test(site(Server::cluster(cluster.urls()), masters(&cluster))).await;
}

/// A session after a few writes, and its fields before them.
async fn written(site: &Site<'_>) -> (Token, Vec<(String, Vec<u8>)>) {
    let first = record();
    let fields = first.fields().chain([("mfa_pending", b"\x01\x01".as_slice()), ("role", b"\x01admin")]);
    let token = site.store.create(&Record::new(&first.meta(), fields), now()).await.unwrap();
    let _ = site.store.update(&token, &count_one(), now()).await.unwrap();
    let earlier = site.fields();
    let patch = count_one()
        .set("name", *b"\x01grace ho")
        .set("role", *b"\x01guest")
        .set("mfa_pending", *b"\x01\x00")
        .touch(now().after(35 * MINUTE));
    assert_eq!(site.store.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
    (token, earlier)
}

#[tokio::test]
async fn no_field_of_a_sealed_session_can_be_removed_added_swapped_or_rolled_back_alone() {
    on_each_kind_of_server(async |site| {
        let (token, earlier) = written(&site).await;
        let fields = site.fields();
        for (name, _) in &fields {
            site.is_detected(&token, &format!("{name} removed"), &[(name, None)]).await;
            site.is_detected(&token, &format!("{name} forged"), &[(name, Some(b"\x01x"))]).await;
        }
        let mut rolled_back = 0;
        for (name, value) in &earlier {
            if !fields.contains(&(name.clone(), value.clone())) {
                site.is_detected(&token, &format!("{name} put back"), &[(name, Some(value))]).await;
                rolled_back += 1;
            }
        }
        assert!(rolled_back > 4, "{rolled_back} fields had changed");
        let value = |name: &str| fields.iter().find(|(other, _)| other == name).unwrap().1.clone();
        let (role, name) = (value("f:role"), value("f:name"));
        site.is_detected(&token, "swapped", &[("f:role", Some(&name)), ("f:name", Some(&role))]).await;
        site.is_detected(&token, "added", &[("f:other", Some(&role))]).await;
        site.is_detected(&token, "emptied", &[("f:role", None), ("f:name", None), ("f:visits", None)]).await;
        assert_eq!(visits(&site.store, &token).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_field_that_was_removed_in_a_write_cannot_be_put_back() {
    on_each_kind_of_server(async |site| {
        let (token, earlier) = written(&site).await;
        let role = &earlier.iter().find(|(name, _)| name == "f:role").unwrap().1;
        let _ = site.store.update(&token, &Patch::new().remove("role"), now()).await.unwrap();
        assert_eq!(site.store.load(&token, now()).await.unwrap().unwrap().get("role"), None);
        site.is_detected(&token, "put back", &[("f:role", Some(role))]).await;
        let token = renewed(&site.store, &token, &Patch::new().keep_only(["visits"])).await;
        let fields = site.store.load(&token, now()).await.unwrap().unwrap();
        assert_eq!(fields.fields().map(|(name, _)| name).collect::<Vec<_>>(), ["visits"]);
    })
    .await;
}

/// Half of them add to a counter, the others set a field of their own, touch the session, or set its principal.
async fn write(store: &RedisStore, token: &Token, number: u32) -> Result<WriteOutcome, StoreError> {
    let patch = match number % 8 {
        5 => Patch::new().set(format!("field{number}"), *b"\x01x"),
        6 => Patch::new().touch(now().after(MINUTE * (31 + number % 7))),
        7 => Patch::new().set("user", indexed(&format!("ada{number}"))),
        _ => count_one(),
    };
    store.update(token, &patch, now()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_write_to_a_sealed_session_at_once_no_write_fails() {
    on_each_kind_of_server(async |site| {
        let stores = &site.stores;
        let token = stores[0].create(&record(), now()).await.unwrap();
        let mut writers = JoinSet::new();
        for number in 0..40 {
            for store in stores {
                let (store, token) = (store.clone(), token.clone());
                writers.spawn(async move { write(&store, &token, number).await });
            }
        }
        for written in writers.join_all().await {
            assert_eq!(written.unwrap(), WriteOutcome::Done);
        }
        assert_eq!(visits(&stores[1], &token).await, 100);
        let record = stores[2].load(&token, now()).await.unwrap().unwrap();
        assert_eq!(record.fields().filter(|(name, _)| name.starts_with("field")).count(), 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_wait_for_each_other_do_not_wait_one_after_the_other_for_a_server_that_is_silent() {
    let server = RedisServer::start();
    let store =
        builder(server.url()).response_timeout(Duration::from_secs(2)).seal(key(1), []).build().unwrap();
    let token = store.create(&record(), now()).await.unwrap();
    server.suspend();
    let mut writers = JoinSet::new();
    for number in 0..40 {
        let (store, token) = (store.clone(), token.clone());
        writers.spawn(async move { write(&store, &token, number).await });
    }
    let all = tokio::time::timeout(Duration::from_secs(40), writers.join_all()).await;
    for written in all.expect("forty writers wait for more than forty seconds") {
        let error = written.unwrap_err();
        assert!(matches!(error, StoreError::Timeout | StoreError::Unavailable(_)), "{error:?}");
    }
    server.resume();
    assert_eq!(eventually(async || write(&store, &token, 1).await.ok()).await, WriteOutcome::Done);
}
