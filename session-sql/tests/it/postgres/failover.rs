//! A server that is killed, restarts, or is replaced by its standby.

use session_core::{Store as _, StoreError, Token};
use session_sql::SqlStore;
use sqlx::PgPool;
use test_support::PostgresServer;

use super::database::{impatient_pool, options, pool, store};
use super::proxy::Proxy;
use crate::support::{MINUTE, count_one, now, of_user};

/// Calls until it succeeds, for two minutes at most.
async fn eventually<T, E>(call: impl AsyncFn() -> Result<T, E>) -> T {
    let value = async {
        loop {
            if let Ok(value) = call().await {
                return value;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(2 * MINUTE, value).await.expect("no success for two minutes")
}

async fn create(store: &SqlStore, sessions: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    for _ in 0..sessions {
        tokens.push(store.create(&of_user("ada"), now()).await.unwrap());
    }
    tokens
}

/// The server's own restart after a crash loses nothing, since its log is written although not flushed.
#[tokio::test]
async fn sessions_survive_a_server_that_is_killed_and_the_pool_reconnects() {
    let mut server = PostgresServer::start();
    let options = options(&server, "postgres");
    let tokens = create(&store(pool(options.clone()).await).await, 20).await;
    let store = SqlStore::new(impatient_pool(options, 10).await);
    server.kill();
    // Its processes for connections end a moment later.
    let error = eventually(async || store.load(&tokens[0], now()).await.map_or_else(Ok, Err)).await;
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(store.update(&tokens[0], &count_one(), now()).await.is_err());
    server.restart();
    for token in &tokens {
        let record = eventually(async || store.load(token, now()).await).await;
        assert_eq!(record.unwrap().get("visits"), None);
    }
    let _ = eventually(async || store.update(&tokens[0], &count_one(), now()).await).await;
}

async fn execute(pool: &PgPool, statement: &'static str) {
    sqlx::raw_sql(statement).execute(pool).await.unwrap();
}

#[tokio::test]
async fn acknowledged_sessions_survive_a_failover_and_the_pool_follows_it() {
    let mut primary = PostgresServer::start();
    let administrator = pool(options(&primary, "postgres")).await;
    let standby = primary.start_standby();
    execute(&administrator, "alter system set synchronous_standby_names = '*'").await;
    execute(&administrator, "select pg_reload_conf()").await;
    let proxy = Proxy::to(primary.port()).await;
    let store = store(pool(options(&primary, "postgres").port(proxy.port())).await).await;
    while !sqlx::query_scalar::<_, bool>(
        "select count(*) = 1 from pg_stat_replication where sync_state = 'sync'",
    )
    .fetch_one(&administrator)
    .await
    .unwrap()
    {
        tokio::task::yield_now().await;
    }
    let tokens = create(&store, 20).await;
    store.destroy(&tokens[0]).await.unwrap();

    primary.kill();
    let promoted = pool(options(&standby, "postgres")).await;
    execute(&promoted, "select pg_promote()").await;
    proxy.turn_to(standby.port());

    assert_eq!(eventually(async || store.load(&tokens[0], now()).await).await, None);
    for token in &tokens[1..] {
        assert!(eventually(async || store.load(token, now()).await).await.is_some());
    }
    let _ = eventually(async || store.update(&tokens[1], &count_one(), now()).await).await;
}
