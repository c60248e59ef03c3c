//! A conformance harness whose stores have a database each.

use std::sync::{Arc, Mutex};

use session_core::conformance::Harness;
use session_core::{Token, TokenSource};
use session_sql::SqlStore;

use super::Database;
use super::keys::sealed;

/// Makes stores one by one, and knows the database of the last one.
pub(crate) struct Databases<D> {
    last: Mutex<Option<Arc<D>>>,
    is_sealed: bool,
}

impl<D: Database> Databases<D> {
    pub(crate) fn new() -> Self {
        Self { last: Mutex::default(), is_sealed: false }
    }

    /// The same with stores that seal their sessions.
    pub(crate) fn sealed() -> Self {
        Self { is_sealed: true, ..Self::new() }
    }

    fn last(&self) -> Arc<D> {
        Arc::clone(self.last.lock().unwrap().as_ref().unwrap())
    }
}

impl<D: Database> Harness for Databases<D> {
    type Store = SqlStore;

    async fn make(&self) -> SqlStore {
        let database = D::new().await;
        let store = if self.is_sealed { sealed(&database, 1, []) } else { database.store() };
        *self.last.lock().unwrap() = Some(Arc::new(database));
        store
    }

    async fn make_with_tokens(&self, tokens: TokenSource) -> Option<SqlStore> {
        Some(self.make().await.token_source(tokens))
    }

    async fn corrupt(&self, _store: &SqlStore, token: &Token) -> bool {
        self.last().corrupt(&token.store_key().unwrap()).await;
        true
    }

    async fn interrupt(&self, _store: &SqlStore) -> bool {
        self.last().execute("alter table session rename to renamed").await;
        true
    }

    async fn resume(&self, _store: &SqlStore) {
        self.last().execute("alter table renamed rename to session").await;
    }

    async fn dump(&self, _store: &SqlStore) -> Option<Vec<u8>> {
        Some(self.last().dump().await)
    }
}
