//! The store contract.

use session_core::conformance;

use super::database::{options, pool, store};

#[tokio::test]
async fn it_keeps_the_store_contract() {
    conformance::run(async || store(pool(options().await).await).await).await;
}
