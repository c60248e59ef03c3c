//! A store whose connection is taken, so that calls wait for it.

use std::pin::Pin;

use session_core::{Record, Store as _, StoreError, Timestamp, Token};
use session_sql::SqlStore;
use sqlx::PgPool;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::{JoinHandle, yield_now};

use super::database::{port, store};
use super::proxy::Proxy;
use crate::support::{Cut, Drop, now, poll_times, record};

/// A store whose only connection is taken, behind a proxy.
pub(crate) struct Busy {
    pub(crate) store: SqlStore,
    pub(crate) proxy: Proxy,
    pub(crate) connection: PoolConnection<sqlx::Postgres>,
}

pub(crate) type Call<T> = JoinHandle<Result<T, StoreError>>;
pub(crate) type Load = Call<Option<Record>>;

impl Busy {
    pub(crate) async fn new(database: PgConnectOptions) -> Self {
        Self::behind(Proxy::to(port()).await, database).await
    }

    /// The same with a proxy that cuts the connection with the first statement of the calls.
    pub(crate) async fn cutting(database: PgConnectOptions, cut: Cut) -> Self {
        Self::behind(Proxy::cutting(port(), 1, cut).await, database).await
    }

    async fn behind(proxy: Proxy, database: PgConnectOptions) -> Self {
        let pool = one_connection(database.port(proxy.port())).await;
        Self { store: SqlStore::new(pool.clone()), proxy, connection: pool.acquire().await.unwrap() }
    }

    /// Starts calls, and returns when all of them wait for the connection.
    pub(crate) async fn start<T: Send + 'static, F>(
        &self,
        tokens: impl IntoIterator<Item = &Token>,
        call: impl Fn(SqlStore, Token) -> F,
    ) -> Vec<Call<T>>
    where
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let start = |token: &Token| tokio::spawn(call(self.store.clone(), token.clone()));
        let calls = tokens.into_iter().map(start).collect();
        yield_now().await;
        calls
    }

    /// Starts loads.
    pub(crate) async fn load(&self, tokens: impl IntoIterator<Item = &Token>) -> Vec<Load> {
        self.start(tokens, async |store, token| store.load(&token, now()).await).await
    }

    /// Gives the connection back, and polls a call until its statement, for all that wait, is on its way.
    pub(crate) async fn serve_by<T>(self, mut call: Pin<&mut impl Future<Output = T>>) {
        let before = self.proxy.statements();
        drop(self.connection);
        while self.proxy.statements() == before {
            assert!(poll_times(call.as_mut(), 1, Drop::AtOnce).await.is_none());
            yield_now().await;
        }
    }

    /// Gives the connection back. Returns the number of statements of these calls, and their results.
    pub(crate) async fn serve<T>(self, calls: Vec<Call<T>>) -> (usize, Vec<Result<T, StoreError>>) {
        let before = self.proxy.statements();
        drop(self.connection);
        let mut results = Vec::new();
        for call in calls {
            results.push(call.await.unwrap());
        }
        (self.proxy.statements() - before, results)
    }
}

pub(crate) fn start_load(store: &SqlStore, token: &Token, now: Timestamp) -> Load {
    let (store, token) = (store.clone(), token.clone());
    tokio::spawn(async move { store.load(&token, now).await })
}

pub(crate) async fn one_connection(database: PgConnectOptions) -> PgPool {
    let options = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
    options.connect_with(database).await.unwrap()
}

/// A store on a pool of its own, with these sessions.
pub(crate) async fn sessions(
    database: &PgConnectOptions,
    number: usize,
) -> (SqlStore, Vec<Token>, Vec<Record>) {
    let store = store(one_connection(database.clone()).await).await;
    let (mut tokens, mut records) = (Vec::new(), Vec::new());
    for _ in 0..number {
        let record = record();
        tokens.push(store.create(&record, now()).await.unwrap());
        records.push(record);
    }
    (store, tokens, records)
}
