//! The store contract, on every kind of server.

use session_core::conformance;
use session_redis::Server;
use test_support::{RedisCluster, RedisSentinel, RedisServer};

use crate::support::store;

#[tokio::test]
async fn it_keeps_the_store_contract_on_one_server() {
    let server = RedisServer::start();
    conformance::run(async || store(server.url())).await;
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
