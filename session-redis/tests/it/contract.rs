//! The store contract, on every kind of server.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_core::conformance::{self, Harness};
use session_core::{Store as _, Token, TokenSource};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisSentinel, RedisServer};

use crate::support::{eventually, store, store_with};

/// One server that logs every write to its disk, so that it can be killed and loses nothing.
struct OneServer(Mutex<RedisServer>);

impl OneServer {
    fn start() -> Self {
        Self(Mutex::new(RedisServer::with(&["--appendonly", "yes", "--appendfsync", "no"])))
    }

    fn server(&self) -> MutexGuard<'_, RedisServer> {
        let Self(server) = self;
        server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Harness for OneServer {
    type Store = RedisStore;

    async fn make(&self) -> RedisStore {
        store(self.server().url())
    }

    async fn make_with_tokens(&self, tokens: TokenSource) -> Option<RedisStore> {
        Some(store_with(self.server().url(), |builder| builder.token_source(tokens)))
    }

    async fn corrupt(&self, _store: &RedisStore, token: &Token) -> bool {
        let server = self.server();
        let hash = token.store_key().unwrap().to_string();
        let key = server.call(&["KEYS", &format!("*{}", &hash[2..])]).texts().remove(0);
        server.call(&["HSET", &key, "m", "what"]);
        true
    }

    async fn interrupt(&self, _store: &RedisStore) -> bool {
        self.server().kill();
        true
    }

    async fn resume(&self, store: &RedisStore) {
        self.server().restart();
        eventually(async || store.ping().await.ok()).await;
    }

    /// Returns the log of all writes, which shows what was ever stored.
    async fn dump(&self, _store: &RedisStore) -> Option<Vec<u8>> {
        let directory = self.server().call(&["CONFIG", "GET", "dir"]).texts().remove(1);
        let files = fs::read_dir(Path::new(&directory).join("appendonlydir")).ok()?;
        let logs = files.map(|file| fs::read(file.unwrap().path()).unwrap());
        Some(logs.collect::<Vec<_>>().concat())
    }
}

#[tokio::test]
async fn it_keeps_the_store_contract_on_one_server() {
    conformance::run(OneServer::start()).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_in_a_cluster() {
    let cluster = RedisCluster::start();
    conformance::run(async || store(Server::cluster(cluster.urls()))).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_under_sentinels() {
    let sentinel = RedisSentinel::start();
    conformance::run(async || store(Server::sentinel(sentinel.service(), [sentinel.url()]))).await;
}

#[tokio::test]
async fn it_remembers_what_was_ended() {
    let (server, cluster, sentinel) = (RedisServer::start(), RedisCluster::start(), RedisSentinel::start());
    conformance::run_revocations(async || store(server.url())).await;
    conformance::run_revocations(async || store(Server::cluster(cluster.urls()))).await;
    conformance::run_revocations(async || store(Server::sentinel(sentinel.service(), [sentinel.url()])))
        .await;
}
