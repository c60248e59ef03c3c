//! A conformance harness whose stores have a database each.

use std::sync::{Arc, Mutex};

use session_core::conformance::Harness;
use session_core::{Token, TokenSource};
use session_sql::SqlStore;

use super::Database;

/// Makes stores one by one, and knows the database of the last one.
pub(crate) struct Databases<D>(Mutex<Option<Arc<D>>>);

impl<D: Database> Databases<D> {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    fn last(&self) -> Arc<D> {
        Arc::clone(self.0.lock().unwrap().as_ref().unwrap())
    }
}

impl<D: Database> Harness for Databases<D> {
    type Store = SqlStore;

    async fn make(&self) -> SqlStore {
        let database = D::new().await;
        let store = database.store();
        *self.0.lock().unwrap() = Some(Arc::new(database));
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
