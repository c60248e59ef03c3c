//! The harness of the store, which offers everything that the suite can use.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use session_core::conformance::Harness;
use session_core::{Token, TokenSource};

use super::Mistake;
use super::database::Database;
use super::store::TableStore;

/// Makes stores with one mistake, or none, in one database.
pub(crate) struct Tables {
    database: Arc<Database>,
    made: AtomicU64,
    mistake: Option<Mistake>,
}

impl Tables {
    pub(crate) fn new(mistake: Option<Mistake>) -> Self {
        Self { database: Arc::default(), made: AtomicU64::new(0), mistake }
    }

    fn store(&self) -> TableStore {
        TableStore::new(&self.database, self.made.fetch_add(1, Ordering::SeqCst), self.mistake)
    }
}

impl Harness for Tables {
    type Store = TableStore;

    async fn make(&self) -> TableStore {
        self.store()
    }

    async fn make_with_tokens(&self, tokens: TokenSource) -> Option<TableStore> {
        Some(TableStore { tokens, ..self.store() })
    }

    async fn make_pausing(&self) -> Option<TableStore> {
        Some(TableStore { pauses: true, ..self.store() })
    }

    async fn corrupt(&self, store: &TableStore, token: &Token) -> bool {
        let key = store.key(token);
        let mut tables = self.database.lock();
        let row = key.and_then(|key| tables.sessions.get_mut(&key));
        row.map(|row| row.record = b"not a record".to_vec()).is_some()
    }

    async fn interrupt(&self, store: &TableStore) -> bool {
        store.is_down.store(true, Ordering::SeqCst);
        true
    }

    async fn resume(&self, store: &TableStore) {
        store.is_down.store(false, Ordering::SeqCst);
    }

    async fn dump(&self, store: &TableStore) -> Option<Vec<u8>> {
        let tables = self.database.lock();
        let rows = tables.sessions.iter().filter(|(key, _)| key.0 == store.number);
        let rows = rows.map(|(key, row)| [&*key.1, &*row.record, &*row.note].concat());
        let entries = tables.entries.iter().filter(|entry| entry.key.0 == store.number);
        let entries = entries.map(|entry| [entry.name.as_bytes(), &entry.value].concat());
        Some(rows.chain(entries).collect::<Vec<_>>().concat())
    }
}
