//! The contracts of a store and of a revocation list.

use session_core::conformance;

use super::database::{OnServer, database, pool, store_beside};
use crate::support::{Databases, key};

#[tokio::test]
async fn it_keeps_the_contracts_of_a_store_and_of_a_revocation_list() {
    conformance::run(Databases::<OnServer>::new()).await;
    let pool = pool(database().await).await;
    conformance::run_revocations(async || store_beside(&pool).await).await;
}

#[tokio::test]
async fn it_keeps_the_contracts_whatever_isolation_is_the_default() {
    for isolation in ["repeatable read", "serializable"] {
        let options = database().await.options([("default_transaction_isolation", isolation)]);
        let pool = pool(options).await;
        conformance::run(async || store_beside(&pool).await).await;
        conformance::run_revocations(async || store_beside(&pool).await).await;
    }
}

#[tokio::test]
async fn it_keeps_the_store_contract_where_sessions_are_sealed() {
    conformance::run(Databases::<OnServer>::sealed()).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_where_sessions_are_sealed_whatever_isolation_is_the_default() {
    let options = database().await.options([("default_transaction_isolation", "serializable")]);
    let pool = pool(options).await;
    conformance::run(async || store_beside(&pool).await.seal(key(1), [])).await;
}
