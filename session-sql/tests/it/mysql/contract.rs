//! The contracts of a store and of a revocation list.

use session_core::conformance;

use super::database::{OnServer, options, pool, store};
use crate::support::Databases;

#[tokio::test]
async fn it_keeps_the_store_contract() {
    conformance::run(Databases::<OnServer>::new()).await;
}

#[tokio::test]
async fn it_keeps_the_contract_of_a_revocation_list() {
    conformance::run_revocations(async || store(pool(options().await).await).await).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_where_sessions_are_sealed() {
    conformance::run(Databases::<OnServer>::sealed()).await;
}
