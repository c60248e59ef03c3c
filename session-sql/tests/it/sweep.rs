//! The periodic sweep, in each database.

use std::time::Duration;

use session_core::{Meta, Record, Store as _, Timestamp};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{Database, meta, run_on};

async fn a_periodic_sweep_reports_failures_and_goes_on<D: Database>() {
    let database = D::new().await;
    let store = database.store();
    let expired = Meta { idle_deadline: Timestamp::from_millis(1), ..meta() };
    store.create(&Record::new(&expired, []), Timestamp::from_millis(0)).await.unwrap();
    database.execute("alter table session rename to renamed").await;
    let (errors, mut reported) = unbounded_channel();
    let sweeping = tokio::spawn(store.sweep_every(Duration::from_millis(1), move |error| {
        let _ = errors.send(error);
    }));
    reported.recv().await.unwrap();
    database.execute("alter table renamed rename to session").await;
    while database.number("select count(*) from session").await > 0 {}
    sweeping.abort();
}

run_on! { "mysql" mysql crate::mysql::database::OnServer: a_periodic_sweep_reports_failures_and_goes_on }
run_on! { "postgres" postgres crate::postgres::database::OnServer: a_periodic_sweep_reports_failures_and_goes_on }
run_on! { "sqlite" sqlite crate::sqlite::database::InMemory: a_periodic_sweep_reports_failures_and_goes_on }
