//! The contracts of a store and of a revocation list.

use session_core::conformance;

use super::database::{options, pool, store};

#[tokio::test]
async fn it_keeps_the_store_contract() {
    conformance::run(async || store(pool(options().await).await).await).await;
}

#[tokio::test]
async fn it_keeps_the_contract_of_a_revocation_list() {
    conformance::run_revocations(async || store(pool(options().await).await).await).await;
}
