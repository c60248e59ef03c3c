//! Clock skew between the application, another application, and the server.

use std::time::Duration;

use session_core::{Deadlines, Evict, HandleId, Meta, Patch, Record, Store, StoreError, Timestamp, Token};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer};

use crate::index::{keys, masters};
use crate::limit::limit;
use crate::support::{MINUTE, indexed, now, of_user, record, store_with};

/// The time of a clock that is this far behind.
fn behind(by: Duration) -> Timestamp {
    Timestamp::from_millis(now().as_millis() - u64::try_from(by.as_millis()).unwrap())
}

/// A record with an idle timeout of four minutes, created by a clock that is five minutes behind.
fn expired_already(user: Option<&str>) -> Record {
    let then = behind(5 * MINUTE);
    let meta = Meta {
        id: HandleId::random().unwrap(),
        created_at: then,
        authenticated_at: None,
        idle_deadline: then.after(4 * MINUTE),
        idle_timeout: 4 * MINUTE,
        lifetime_deadline: then.after(60 * MINUTE),
        remember: false,
    };
    let value = user.map(indexed);
    Record::new(&meta, value.as_ref().map(|value| ("user", value.as_slice())))
}

fn assert_clock_skew_error(error: &StoreError) {
    let StoreError::Unavailable(cause) = error else { panic!("{error:?}") };
    assert!(cause.to_string().contains("clocks"), "{cause}");
}

async fn on_each_kind_of_server(test: impl AsyncFn(RedisStore, &[&RedisServer])) {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    let one = [&server];
    let many = masters(&cluster);
    for (url, servers) in
        [(Server::url(server.url()), &one[..]), (Server::cluster(cluster.urls()), &many[..])]
    {
        test(store_with(url.clone(), |builder| builder), servers).await;
        #[cfg(feature = "seal")]
        test(store_with(url, |builder| builder.seal(crate::sealing::key(1), [])), servers).await;
    }
}

#[tokio::test]
async fn a_session_that_would_expire_at_once_by_the_servers_clock_is_an_error_that_says_so() {
    on_each_kind_of_server(async |store, servers| {
        let then = behind(5 * MINUTE);
        for user in [None, Some("ada")] {
            assert_clock_skew_error(&store.create(&expired_already(user), then).await.unwrap_err());
        }
        for (user, on_full) in [("bob", Evict::Oldest), ("eve", Evict::Reject)] {
            let (record, value) = (expired_already(Some(user)), indexed(user));
            let limited = store.create_limited(&record, limit(&value, 1, on_full), then).await;
            assert_clock_skew_error(&limited.unwrap_err());
        }
        assert_eq!(keys(servers, "*{*"), []);
    })
    .await;
}

#[tokio::test]
async fn a_deadline_that_has_passed_by_the_servers_clock_is_an_error_and_the_session_stays() {
    on_each_kind_of_server(async |store, _| {
        let then = behind(5 * MINUTE);
        let limits = Deadlines {
            idle_timeout: 4 * MINUTE,
            idle_deadline: then.after(4 * MINUTE),
            lifetime_deadline: then.after(60 * MINUTE),
            remember: false,
        };
        for before in [record(), of_user("ada")] {
            let token = store.create(&before, now()).await.unwrap();
            let patch =
                Patch::new().set("name", *b"\x01bob").set("user", indexed("bob")).set_deadlines(limits);
            assert_clock_skew_error(&store.update(&token, &patch, then).await.unwrap_err());
            assert_clock_skew_error(&store.renew(&token, &patch, then).await.unwrap_err());
            assert_eq!(store.load(&token, now()).await.unwrap(), Some(before));
        }
    })
    .await;
}

async fn is_gone(store: &RedisStore, token: &Token) -> bool {
    store.load(token, now()).await.unwrap().is_none()
}

#[tokio::test]
async fn ending_by_value_ends_what_only_the_callers_clock_believes_expired() {
    on_each_kind_of_server(async |store, _| {
        let value = indexed("ada");
        let ahead = record().meta().idle_deadline.after(10 * MINUTE);
        let created = async || store.create(&of_user("ada"), now()).await.unwrap();

        let (one, two) = (created().await, created().await);
        store.destroy_by("user", &value, None, ahead).await.unwrap();
        assert!(is_gone(&store, &one).await && is_gone(&store, &two).await);

        for whose in [Some(("user", value.as_slice())), None] {
            let token = created().await;
            let id = store.load(&token, now()).await.unwrap().unwrap().meta().id;
            store.destroy_by_id(id, whose, ahead).await.unwrap();
            assert!(is_gone(&store, &token).await, "{whose:?}");
        }

        for on_full in [Evict::Oldest, Evict::Reject] {
            let (one, two) = (created().await, created().await);
            let meta = Meta { idle_deadline: ahead.after(MINUTE), ..record().meta() };
            let later = Record::new(&meta, [("user", value.as_slice())]);
            let created = store.create_limited(&later, limit(&value, 1, on_full), ahead).await.unwrap();
            assert!(created.evicted.is_empty(), "they have expired on this clock");
            let token = created.result.unwrap();
            assert!(is_gone(&store, &one).await && is_gone(&store, &two).await, "{on_full:?}");
            assert!(!is_gone(&store, &token).await);
            store.destroy(&token).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn ending_by_value_with_a_clock_that_is_behind_ends_all() {
    on_each_kind_of_server(async |store, _| {
        let (value, then) = (indexed("ada"), behind(60 * MINUTE));
        let (one, two) =
            (store.create(&of_user("ada"), now()).await, store.create(&of_user("ada"), now()).await);
        assert_eq!(store.destroy_by("user", &value, None, then).await.unwrap().len(), 2);
        assert!(is_gone(&store, &one.unwrap()).await && is_gone(&store, &two.unwrap()).await);
    })
    .await;
}
