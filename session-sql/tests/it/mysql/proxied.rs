//! A database behind a proxy whose connections go silent.

use std::sync::Arc;

use session_sql::SqlStore;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};

use super::database::{directly, options_through, pool, store};
use crate::silent::{Proxied, Silent};
use crate::support::{Cut, Proxy};

pub(crate) struct Database {
    through: MySqlConnectOptions,
    proxy: Arc<Proxy>,
    observer: SqlStore,
}

impl Proxied for Database {
    async fn new() -> Self {
        let (through, proxy) = options_through().await;
        let observer = store(pool(directly(through.clone())).await).await;
        Self { through, proxy: Arc::new(proxy), observer }
    }

    fn observer(&self) -> SqlStore {
        self.observer.clone()
    }

    async fn silent_at(&self, message: usize, cut: Cut) -> Silent {
        let own = MySqlPoolOptions::new().max_connections(1);
        let store = SqlStore::new(own.connect_lazy_with(self.through.clone()));
        let silence = self.proxy.silence_at(message, cut);
        let proxy = Arc::clone(&self.proxy);
        Silent {
            store,
            silence,
            mend: Box::new(move || {
                proxy.mend();
            }),
        }
    }
}
