//! Statements, round trips and bytes of each operation on PostgreSQL.

use anyhow::Result;
use test_support::PostgresServer;
use tokio::runtime::Builder;

use super::counting_proxy::CountingProxy;
use super::stores::{session_store, with_tower_sessions_store};
use super::verbs::{Session, TowerSessions, Verbs};
use crate::table::Table;

/// Operations on each of the connections that prepare the statements.
const WARM_UP: u32 = 20;
const CALLS: u32 = 100;

/// Returns the table.
///
/// # Errors
///
/// When a store fails.
pub fn table() -> Result<Table> {
    let head = ["variant", "operation", "statements", "round trips", "bytes sent", "bytes received"];
    let mut table = Table::new(head);
    let server = PostgresServer::start();
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let proxy = CountingProxy::to(server.port()).await?;
        let url = &format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", proxy.port());
        let session = Session::new(session_store(url).await?)?;
        add_rows(&mut table, "session-postgres", &session, &proxy).await?;
        with_tower_sessions_store!(url, store => {
            let store = TowerSessions::new(store)?;
            add_rows(&mut table, "tower-sessions-postgres", &store, &proxy).await
        })
    })?;
    Ok(table)
}

async fn add_rows<V: Verbs>(table: &mut Table, name: &str, store: &V, proxy: &CountingProxy) -> Result<()> {
    for _ in 0..WARM_UP {
        let key = store.create().await?;
        store.load(&key).await?;
        store.update(&key).await?;
        store.destroy(store.renew(key).await?).await?;
    }
    let mut keys = Vec::new();
    let mut row = |operation: &str, before: [u64; 4]| {
        let counts = proxy.counts();
        let each = (0..4).map(|index| (counts[index] - before[index]) / u64::from(CALLS));
        table.row(name, std::iter::once(operation.to_owned()).chain(each.map(|count| count.to_string())));
        counts
    };
    let mut counts = proxy.counts();
    for _ in 0..CALLS {
        keys.push(store.create().await?);
    }
    counts = row("create", counts);
    for key in &keys {
        store.load(key).await?;
    }
    counts = row("load", counts);
    for key in &keys {
        store.update(key).await?;
    }
    counts = row("update", counts);
    let mut renewed = Vec::new();
    for key in keys {
        renewed.push(store.renew(key).await?);
    }
    counts = row("renew", counts);
    for key in renewed {
        store.destroy(key).await?;
    }
    row("destroy", counts);
    Ok(())
}
