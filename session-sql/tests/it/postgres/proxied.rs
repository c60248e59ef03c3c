//! A database behind a proxy whose connections go silent.

use session_sql::SqlStore;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::database::{database, pool, port, store};
use super::proxy::Proxy;
use crate::silent::{Proxied, Silent};
use crate::support::Cut;

pub(crate) struct Database {
    options: PgConnectOptions,
    observer: SqlStore,
}

impl Proxied for Database {
    async fn new() -> Self {
        let options = database().await;
        let observer = store(pool(options.clone()).await).await;
        Self { options, observer }
    }

    fn observer(&self) -> SqlStore {
        self.observer.clone()
    }

    async fn silent_at(&self, message: usize, cut: Cut) -> Silent {
        let (proxy, silence) = Proxy::silencing(port(), message, cut).await;
        let own = PgPoolOptions::new().max_connections(1);
        let store = SqlStore::new(own.connect_lazy_with(self.options.clone().port(proxy.port())));
        Silent { store, silence, mend: Box::new(move || proxy.mend()) }
    }
}
