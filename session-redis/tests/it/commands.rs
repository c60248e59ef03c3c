//! Number, kind and content of the commands that are sent.

use session_core::{Evict, Patch, Store, WriteOutcome};
use session_redis::Server;
use test_support::{Monitor, RedisCluster, RedisServer};

use crate::index::renewed;
use crate::limit::{signed_in, signed_up};
use crate::support::{MINUTE, Proxy, UNLIMITED, count_one, indexed, now, of_user, record, store};

#[tokio::test]
async fn each_verb_is_one_command_whether_the_session_can_be_found_or_not() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), UNLIMITED, true).await;
    let store = store(proxy.url());
    // The first call of each kind sends the script with its source.
    let token = store.create(&record(), now()).await.unwrap();
    let _ = store.update(&token, &count_one(), now()).await.unwrap();
    store.destroy(&token).await.unwrap();

    for (record, patch) in
        [(record(), count_one()), (of_user("ada"), count_one().set("user", indexed("bob")))]
    {
        let sent = proxy.passed();
        let token = store.create(&record, now()).await.unwrap();
        assert_eq!(proxy.passed(), sent + 1);
        store.load(&token, now()).await.unwrap();
        assert_eq!(proxy.passed(), sent + 2);
        let _ = store.update(&token, &patch, now()).await.unwrap();
        assert_eq!(proxy.passed(), sent + 3);
        let _ = store.touch(&token, record.meta().lifetime_deadline, now()).await.unwrap();
        assert_eq!(proxy.passed(), sent + 4);
        let WriteOutcome::NewToken(token) = store.renew(&token, &patch, now()).await.unwrap() else {
            panic!()
        };
        assert_eq!(proxy.passed(), sent + 5);
        store.destroy(&token).await.unwrap();
        assert_eq!(proxy.passed(), sent + 6);
    }
}

#[tokio::test]
async fn in_a_cluster_each_verb_is_one_command_too() {
    let cluster = RedisCluster::start();
    let store = store(Server::cluster(cluster.urls()));
    let calls = || -> i64 { cluster.servers.iter().map(scripts_and_reads).sum() };
    let of_nobody = record();
    let token = store.create(&of_nobody, now()).await.unwrap();
    for server in &cluster.servers {
        server.call(&["CONFIG", "RESETSTAT"]);
        for script in ["create", "update", "destroy", "add_member", "destroy_member"] {
            server.call(&["SCRIPT", "LOAD", &source(script)]);
        }
    }
    let _ = store.update(&token, &count_one(), now()).await.unwrap();
    assert_eq!(calls(), 1);
    let WriteOutcome::NewToken(token) = store.renew(&token, &count_one(), now()).await.unwrap() else {
        panic!()
    };
    assert_eq!(calls(), 2);
    store.load(&token, now()).await.unwrap();
    assert_eq!(calls(), 3);
    store.destroy(&token).await.unwrap();
    assert_eq!(calls(), 4);
    store.create(&record(), now()).await.unwrap();
    assert_eq!(calls(), 5);

    // A write that changes an indexed value is two commands: the slot of the session is not that of the index.
    let record = of_user("ada");
    let token = store.create(&record, now()).await.unwrap();
    assert_eq!(calls(), 7);
    let _ = store.update(&token, &count_one(), now()).await.unwrap();
    let _ = store.touch(&token, record.meta().idle_deadline.after(MINUTE), now()).await.unwrap();
    assert_eq!(calls(), 9);
    let to_bob = count_one().set("user", indexed("bob"));
    let WriteOutcome::NewToken(token) = store.renew(&token, &to_bob, now()).await.unwrap() else { panic!() };
    assert_eq!(calls(), 11);
    let WriteOutcome::NewToken(token) = store.renew(&token, &count_one(), now()).await.unwrap() else {
        panic!()
    };
    assert_eq!(calls(), 12);
    let _ = store.update(&token, &Patch::new().remove("user"), now()).await.unwrap();
    assert_eq!(calls(), 14);
    store.destroy(&token).await.unwrap();
    assert_eq!(calls(), 15);

    // Nor does a limit need more, while there is room.
    signed_up(&store, 9, Evict::Reject).await.unwrap();
    assert_eq!(calls(), 17);
    let token = signed_up(&store, 9, Evict::Oldest).await.unwrap();
    assert_eq!(calls(), 19);
    let WriteOutcome::NewToken(token) = store.renew(&token, &count_one(), now()).await.unwrap() else {
        panic!()
    };
    assert_eq!(calls(), 20);
    let anonymous = store.create(&of_nobody, now()).await.unwrap();
    assert_eq!(calls(), 21);
    let _ = signed_in(&store, &anonymous, 9, Evict::Reject).await;
    assert_eq!(calls(), 23);
    store.destroy(&token).await.unwrap();
}

#[tokio::test]
async fn checking_a_limit_takes_no_additional_command_on_one_server() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), UNLIMITED, true).await;
    let store = store(proxy.url());
    let token = store.create(&record(), now()).await.unwrap();
    let token = renewed(&store, &token, &count_one()).await;
    for (on_full, is_in) in [(Evict::Reject, false), (Evict::Oldest, true)] {
        for max in [2, 1] {
            let sent = proxy.passed();
            let created = signed_up(&store, max, on_full).await;
            assert_eq!(proxy.passed(), sent + 1);
            assert_eq!(created.is_some(), is_in || max == 2);
        }
    }
    let sent = proxy.passed();
    let _ = signed_in(&store, &token, 1, Evict::Oldest).await;
    assert_eq!(proxy.passed(), sent + 1);
}

/// Number of the store's commands that a primary has executed. A script counts as one.
fn scripts_and_reads(server: &RedisServer) -> i64 {
    if server.call(&["INFO", "replication"]).text().contains("role:slave") {
        return 0;
    }
    let stats = server.call(&["INFO", "commandstats"]).text();
    let calls = |name: &str| {
        let prefix = format!("cmdstat_{name}:calls=");
        let rest = stats.lines().find_map(|line| line.strip_prefix(&prefix))?;
        rest.split(',').next()?.parse::<i64>().ok()
    };
    let mut sum: i64 = ["evalsha", "eval", "hgetall", "asking"].iter().filter_map(|name| calls(name)).sum();
    // Members are removed without a script, except by the one that adds others.
    sum += calls("zrem").unwrap_or(0);
    sum
}

/// The source of a script for servers of a cluster.
fn source(script: &str) -> String {
    let index = include_str!("../../src/lua/index.lua");
    let on_session = |head, script| {
        [
            include_str!("../../src/lua/codes.lua"),
            head,
            "local index_is_local = false\n",
            index,
            include_str!("../../src/lua/membership.lua"),
            include_str!("../../src/lua/limit.lua"),
            script,
        ]
        .concat()
    };
    match script {
        "create" => on_session("", include_str!("../../src/lua/create.lua")),
        "destroy" => on_session("", include_str!("../../src/lua/destroy.lua")),
        "update" => on_session(
            include_str!("../../src/lua/update_plain.lua"),
            concat!(include_str!("../../src/lua/counter.lua"), include_str!("../../src/lua/update.lua")),
        ),
        "destroy_member" => on_session("", include_str!("../../src/lua/destroy_member.lua")),
        "add_member" => {
            format!("local index_is_local = false\n{index}{}", include_str!("../../src/lua/add_member.lua"))
        }
        _ => panic!("{script} is no script of a session's"),
    }
}

#[tokio::test]
async fn no_token_reaches_the_server() {
    let server = RedisServer::start();
    let store = store(server.url());
    let monitor = Monitor::new(&server);
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    store.load(&token, now()).await.unwrap();
    let _ = store.update(&token, &count_one().set("user", indexed("bob")), now()).await.unwrap();
    let WriteOutcome::NewToken(fresh) = store.renew(&token, &Patch::new(), now()).await.unwrap() else {
        panic!()
    };
    store.list(None, 10, now()).await.unwrap();
    assert_eq!(store.find_by("user", &indexed("bob"), &[], now()).await.unwrap().len(), 1);
    store.destroy(&fresh).await.unwrap();
    store.destroy_by("user", &indexed("ada"), None, now()).await.unwrap();
    store.clear().await.unwrap();

    let commands = monitor.commands().concat();
    for word in ["EVALSHA", "HGETALL", "RENAME", "UNLINK"] {
        assert!(commands.contains(word), "{commands}");
    }
    assert!(!commands.contains("\"KEYS\""));
    for token in [token, fresh] {
        assert!(commands.contains(&token.store_key().unwrap().to_string()[2..]));
        assert!(!commands.contains(token.expose()));
    }
}

#[tokio::test]
async fn only_changed_fields_travel() {
    let server = RedisServer::start();
    let store = store(server.url());
    let token = store.create(&record(), now()).await.unwrap();
    let fields =
        (0..8).fold(Patch::new(), |patch, n| patch.set(format!("field{n}"), format!("\u{1}value{n}")));
    let _ = store.update(&token, &fields, now()).await.unwrap();
    let monitor = Monitor::new(&server);
    let _ = store.update(&token, &Patch::new().set("field3", *b"\x01changed"), now()).await.unwrap();
    let commands = monitor.commands().concat();
    assert!(commands.contains("changed"), "{commands}");
    assert!(!commands.contains("value") && !commands.contains("lovelace"), "{commands}");
}

#[tokio::test]
async fn a_key_expires_at_the_deadline_and_a_removed_field_is_gone() {
    let server = RedisServer::start();
    let store = store(server.url());
    let record = record();
    let token = store.create(&record, now()).await.unwrap();
    let key = the_key(&server);
    let expires = |key: &str| u64::try_from(server.call(&["PEXPIRETIME", key]).number()).unwrap();
    assert_eq!(expires(&key), record.meta().idle_deadline.as_millis());

    let later = record.meta().idle_deadline.after(MINUTE);
    let patch = Patch::new().remove("name").touch(later);
    let _ = store.update(&token, &patch, now()).await.unwrap();
    assert_eq!(expires(&key), later.as_millis());
    assert_eq!(server.call(&["HEXISTS", &key, "f:name"]).number(), 0);

    let _ = store.touch(&token, record.meta().lifetime_deadline.after(MINUTE), now()).await.unwrap();
    assert_eq!(expires(&key), record.meta().lifetime_deadline.as_millis());
    let _ = store.renew(&token, &Patch::new(), now()).await.unwrap();
    assert_eq!(expires(&the_key(&server)), record.meta().lifetime_deadline.as_millis());
}

/// The one key on a server.
fn the_key(server: &RedisServer) -> String {
    let keys = server.call(&["KEYS", "*"]).texts();
    assert_eq!(keys.len(), 1);
    keys[0].clone()
}
