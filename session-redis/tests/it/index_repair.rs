//! Crashes and losses from which the index recovers.

use session_core::{Patch, Store};
use session_redis::Server;
use test_support::{RedisCluster, RedisServer};

use crate::index::{found, keys, masters, renewed};
use crate::support::{builder, indexed, now, of_user, store};

/// Checks that a lookup by value finds exactly the sessions that hold it.
#[tokio::test]
async fn members_that_name_no_session_with_the_value_are_removed_when_it_is_looked_for() {
    let server = RedisServer::start();
    let store = store(server.url());
    let kept = of_user("ada");
    store.create(&kept, now()).await.unwrap();
    for command in ["DEL", "HDEL"] {
        let token = store.create(&of_user("ada"), now()).await.unwrap();
        let hash = token.store_key().unwrap().to_string();
        let name = keys(&[&server], &format!("*{}", &hash[2..])).remove(0).0;
        server.call(&[command, &name, "f:user"]);
    }
    let set = keys(&[&server], "*:i:*").remove(0).0;
    assert_eq!(server.call(&["ZCARD", &set]).number(), 3);
    assert_eq!(found(&store, "user", "ada").await, [kept.meta().id]);
    assert_eq!(server.call(&["ZCARD", &set]).number(), 1);

    store.create(&of_user("bob"), now()).await.unwrap();
    let set = keys(&[&server], "*:i:*").into_iter().map(|(name, _)| name).find(|name| *name != set).unwrap();
    server.call(&["ZADD", &set, "9000000000000", &format!("{}1000000000000000", "A".repeat(43))]);
    assert_eq!(store.sweep(now()).await.unwrap(), 0);
    assert_eq!(server.call(&["ZCARD", &set]).number(), 1);
}

#[tokio::test]
async fn sweeping_puts_back_what_the_index_lost() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for (store, servers) in
        [(store(server.url()), vec![&server]), (store(Server::cluster(cluster.urls())), masters(&cluster))]
    {
        let record = of_user("ada");
        let token = store.create(&record, now()).await.unwrap();
        renewed(&store, &token, &Patch::new()).await;
        let sets = keys(&servers, "*:i:*");
        for server in &servers {
            server.call(&["DEL", &sets[0].0]);
        }
        assert_eq!(found(&store, "user", "ada").await, []);
        assert_eq!(store.sweep(now()).await.unwrap(), 0);
        assert_eq!(found(&store, "user", "ada").await, [record.meta().id]);
        assert_eq!(keys(&servers, "*:i:*"), sets);
    }
}

/// A client that lacks the permission for the next command stands for one that crashed before it.
#[tokio::test]
async fn in_a_cluster_no_live_session_is_missing_whichever_command_is_the_last() {
    let cluster = RedisCluster::start();
    for server in &cluster.servers {
        server.call(&["ACL", "SETUSER", "index", "on", ">secret", "~session:i:*", "&*", "+@all"]);
        server.call(&["ACL", "SETUSER", "sessions", "on", ">secret", "~session:{*", "&*", "+@all"]);
    }
    let as_user = |user: &str| {
        let server = Server::cluster(cluster.urls()).login(user, "secret");
        builder(server).build().unwrap()
    };
    let store = builder(Server::cluster(cluster.urls())).build().unwrap();
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let to_bob = Patch::new().set("user", indexed("bob"));
    for user in ["index", "sessions"] {
        let limited = as_user(user);
        assert!(limited.create(&of_user("bob"), now()).await.is_err());
        assert!(limited.update(&token, &to_bob, now()).await.is_err());
        assert!(limited.renew(&token, &to_bob, now()).await.is_err());
        assert_eq!(store.count(now()).await.unwrap(), 1);
        assert_eq!(found(&store, "user", "bob").await, []);
        assert_eq!(found(&store, "user", "ada").await.len(), 1);
    }
    // A member without a session is kept for a while: its session may be about to be written.
    let sets = keys(&masters(&cluster), "*:i:*");
    assert_eq!(sets.len(), 2);
    assert!(sets.iter().all(|(_, expires)| *expires > 0), "{sets:?}");

    // Destroying a session does not depend on the index.
    as_user("sessions").destroy(&token).await.unwrap();
    assert_eq!(found(&store, "user", "ada").await, []);
    assert_eq!(store.count(now()).await.unwrap(), 0);
}
