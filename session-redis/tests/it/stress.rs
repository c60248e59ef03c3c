//! Many concurrent calls on the same sessions.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use session_core::{Patch, Record, Store, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer};

use crate::index::{found, keys};
use crate::support::{count_one, indexed, now, of_user, store};

const USERS: [&str; 3] = ["ada", "bob", "eve"];

/// Signs in and out, changes the principal, renews and lists, on sessions that other tasks use in the same way.
async fn stress(store: RedisStore, tokens: Arc<Mutex<Vec<Token>>>, number: usize) {
    for step in 0..60 {
        let place = (number * 7 + step * 5) % 12;
        let token = tokens.lock().unwrap()[place].clone();
        let user = indexed(USERS[(number + step) % 3]);
        let written = match step % 7 {
            0 | 3 => store.renew(&token, &Patch::new().set("user", user), now()).await.unwrap(),
            1 => store.update(&token, &Patch::new().set("user", user), now()).await.unwrap(),
            2 => store.update(&token, &Patch::new().set("device", user).remove("user"), now()).await.unwrap(),
            4 => store.renew(&token, &count_one(), now()).await.unwrap(),
            5 => {
                store.find_by("user", &user, &[], now()).await.unwrap();
                continue;
            }
            _ => {
                store.destroy(&token).await.unwrap();
                WriteOutcome::NewToken(store.create(&of_user(USERS[step % 3]), now()).await.unwrap())
            }
        };
        if let WriteOutcome::NewToken(fresh) = written {
            tokens.lock().unwrap()[place] = fresh;
        }
    }
}

/// All pages of a list.
async fn listed(store: &RedisStore) -> Vec<Record> {
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = store.list(after.as_ref(), 100, now()).await.unwrap();
        listed.extend(page.records);
        after = page.next;
        if after.is_none() {
            return listed;
        }
    }
}

/// Runs such tasks on an empty store, then checks that its index agrees with its sessions.
pub(crate) async fn the_index_agrees_with_the_sessions(store: &RedisStore) {
    let mut tokens = Vec::new();
    for _ in 0..12 {
        tokens.push(store.create(&of_user("ada"), now()).await.unwrap());
    }
    let tokens = Arc::new(Mutex::new(tokens));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..8 {
        tasks.spawn(stress(store.clone(), Arc::clone(&tokens), number));
    }
    tasks.join_all().await;

    let listed = listed(store).await;
    for field in ["user", "device"] {
        for user in USERS {
            let holds = |record: &&Record| record.get(field) == Some(&indexed(user));
            let held: BTreeSet<_> = listed.iter().filter(holds).map(|record| record.meta().id).collect();
            assert_eq!(found(store, field, user).await, held.into_iter().collect::<Vec<_>>());
        }
    }
    assert!(store.clear().await.unwrap() >= 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_concurrent_calls_the_index_agrees_with_the_sessions() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for server in [Server::url(server.url()), Server::cluster(cluster.urls())] {
        the_index_agrees_with_the_sessions(&store(server)).await;
    }
    assert_eq!(keys(&[&server], "*"), []);
}
