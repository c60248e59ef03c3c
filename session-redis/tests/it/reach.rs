//! Reach of index members: never shorter than the life of the session.

use std::time::Duration;

use session_core::{Deadlines, Meta, Patch, Record, Store, Timestamp, WriteOutcome};
use session_redis::Server;
use test_support::{RedisCluster, RedisServer};

use crate::index::{found, keys, masters, renewed};
use crate::support::{MINUTE, count_one, indexed, now, of_user, record, store};

/// Checks that all keys expire, index sets among them, and none before this deadline.
fn outlives(servers: &[&RedisServer], deadline: Timestamp) {
    let deadline = i64::try_from(deadline.as_millis()).unwrap();
    let keys = keys(servers, "*");
    assert!(keys.iter().any(|(name, _)| name.contains(":i:")), "{keys:?}");
    for (name, expires) in keys {
        assert!(expires > 0, "{name} never expires");
        assert!(expires >= deadline, "{name} expires before its session");
    }
}

#[tokio::test]
async fn an_index_expires_and_never_before_its_sessions() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for (store, servers) in
        [(store(server.url()), vec![&server]), (store(Server::cluster(cluster.urls())), masters(&cluster))]
    {
        let short = Meta { lifetime_deadline: now().after(40 * MINUTE), ..record().meta() };
        let endless = Meta { lifetime_deadline: Timestamp::NEVER, ..record().meta() };
        for meta in [record().meta(), short, endless] {
            let token = store.create(&Record::new(&meta, []), now()).await.unwrap();
            let sign_in = Patch::new().set("user", indexed("ada")).set("device", indexed("phone"));
            let mut token = renewed(&store, &token, &sign_in).await;
            for step in 1..20 {
                let at = now().after(step * 25 * MINUTE);
                let touched = store.touch(&token, at.after(30 * MINUTE), at).await.unwrap();
                let live = store.load(&token, at).await.unwrap();
                assert_eq!(touched == WriteOutcome::Done, live.is_some());
                let Some(record) = live else { break };
                outlives(&servers, record.meta().deadline());
                let found = store.find_by("user", &indexed("ada"), &["device"], at).await.unwrap();
                assert_eq!(found.iter().map(Record::meta).collect::<Vec<_>>(), [record.meta()]);
                assert_eq!(found[0].get("device"), Some(&*indexed("phone")));
                if step % 6 == 0 {
                    let WriteOutcome::NewToken(fresh) = store.renew(&token, &count_one(), at).await.unwrap()
                    else {
                        panic!()
                    };
                    token = fresh;
                }
            }
            assert!(store.destroy_by("device", &indexed("phone"), None, now()).await.unwrap().len() <= 1);
            store.clear().await.unwrap();
            assert_eq!(keys(&servers, "*"), []);
        }
    }
}

#[tokio::test]
async fn a_session_that_gets_a_longer_life_is_found_until_its_end() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for (store, servers) in
        [(store(server.url()), vec![&server]), (store(Server::cluster(cluster.urls())), masters(&cluster))]
    {
        let token = store.create(&of_user("ada"), now()).await.unwrap();
        let mut token = renewed(&store, &token, &Patch::new()).await;
        for days in [30, 400] {
            let until = now().after(Duration::from_secs(days * 86_400));
            let limits = Deadlines {
                idle_timeout: Duration::MAX,
                idle_deadline: until,
                lifetime_deadline: until,
                remember: true,
            };
            // Also if another indexed value is set in the same step.
            let patch = Patch::new().set_deadlines(limits).set(format!("device {days}"), indexed("phone"));
            assert_eq!(store.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
            outlives(&servers, until);
            token = renewed(&store, &token, &Patch::new()).await;
            outlives(&servers, until);
            assert_eq!(found(&store, "user", "ada").await.len(), 1);
        }
        let never = Deadlines {
            idle_timeout: Duration::MAX,
            idle_deadline: Timestamp::NEVER,
            lifetime_deadline: Timestamp::NEVER,
            remember: true,
        };
        let _ = store.update(&token, &Patch::new().set_deadlines(never), now()).await.unwrap();
        assert!(keys(&servers, "*").iter().all(|(_, expires)| *expires == -1));
        store.destroy(&token).await.unwrap();
        assert_eq!(keys(&servers, "*"), []);
    }
}

#[tokio::test]
async fn a_session_that_ends_early_takes_nothing_from_those_that_live_on() {
    let server = RedisServer::start();
    let store = store(server.url());
    let long = of_user("ada");
    let short = Meta { lifetime_deadline: now().after(5 * MINUTE), ..record().meta() };
    let token = store.create(&long, now()).await.unwrap();
    store.create(&Record::new(&short, [("user", indexed("ada").as_slice())]), now()).await.unwrap();
    let set = keys(&[&server], "*:i:*");
    assert_eq!(set[0].1, i64::try_from(long.meta().deadline().as_millis()).unwrap());

    // The set has no expiry, and no live member.
    store.destroy_by("user", &indexed("ada"), None, now()).await.unwrap();
    assert_eq!(store.load(&token, now()).await.unwrap(), None);
    server.call(&["ZADD", &set[0].0, "1000", "long ago"]);
    store.create(&long, now()).await.unwrap();
    assert_eq!(keys(&[&server], "*:i:*"), set);
    assert_eq!(server.call(&["ZCARD", &set[0].0]).number(), 1);
}

/// The latest time at which a key of the index expires.
fn last(servers: &[&RedisServer]) -> Timestamp {
    let keys = keys(servers, "*:i:*").into_iter().chain(keys(servers, "*>"));
    let last = keys.map(|(name, expires)| u64::try_from(expires).unwrap_or_else(|_| panic!("{name} stays")));
    Timestamp::from_millis(last.max().unwrap())
}

fn of_days(days: u64) -> Meta {
    let until = now().after(Duration::from_secs(days * 86_400));
    Meta {
        idle_timeout: until.since(now()),
        idle_deadline: until,
        lifetime_deadline: until,
        ..record().meta()
    }
}

#[tokio::test]
async fn an_index_outlives_its_sessions_by_five_idle_timeouts_at_most() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for (store, servers, ahead) in [
        (store(server.url()), vec![&server], 0),
        (store(Server::cluster(cluster.urls())), masters(&cluster), 5),
    ] {
        // Neither other sessions nor earlier deadlines make it longer.
        let others = store.create(&Record::new(&of_days(400), []), now()).await.unwrap();
        store.load(&others, now()).await.unwrap();
        let limit = |meta: Meta| meta.deadline().after(ahead * meta.idle_timeout);

        let record = of_user("ada");
        let token = store.create(&record, now()).await.unwrap();
        assert!(last(&servers) <= limit(record.meta()));
        let token = renewed(&store, &token, &Patch::new()).await;
        let token = renewed(&store, &token, &Patch::new().set("user", indexed("bob"))).await;
        let _ = store.update(&token, &Patch::new().set("device", indexed("phone")), now()).await.unwrap();
        assert!(last(&servers) <= limit(record.meta()));
        let later = now().after(55 * MINUTE);
        let _ = store.touch(&token, later, now()).await.unwrap();
        let meta = Meta { idle_deadline: later, ..record.meta() };
        assert!(last(&servers) <= limit(meta));
        outlives(&servers, later);
        store.clear().await.unwrap();
    }
}

#[tokio::test]
async fn a_session_that_ends_or_is_shortened_takes_its_time_off_the_index_with_it() {
    let server = RedisServer::start();
    let store = store(server.url());
    let short = of_user("ada");
    store.create(&short, now()).await.unwrap();
    let ada = indexed("ada");
    let long = Record::new(&of_days(400), [("user", ada.as_slice())]);
    let token = store.create(&long, now()).await.unwrap();
    assert_eq!(last(&[&server]), long.meta().deadline());
    store.destroy(&token).await.unwrap();
    assert_eq!(last(&[&server]), short.meta().deadline());

    let token = store.create(&long, now()).await.unwrap();
    let limits = Deadlines {
        idle_timeout: MINUTE,
        idle_deadline: now().after(MINUTE),
        lifetime_deadline: now().after(MINUTE),
        remember: false,
    };
    assert_eq!(
        store.update(&token, &Patch::new().set_deadlines(limits), now()).await.unwrap(),
        WriteOutcome::Done
    );
    assert_eq!(last(&[&server]), short.meta().deadline());
    assert_eq!(found(&store, "user", "ada").await.len(), 2);
}
