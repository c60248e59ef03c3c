//! The revocation list in memory, and a faulty one that the suite must detect.

use session_core::conformance::run_revocations;
use session_core::{BoxFuture, Floor, MemoryRevocations, Revocations, StoreError, StoreKey, Timestamp};

#[tokio::test]
async fn the_list_in_memory_meets_the_contract() {
    run_revocations(async || MemoryRevocations::new()).await;
}

/// Keeps only the low 32 bits of each number.
#[derive(Default)]
struct Truncating(MemoryRevocations);

impl Revocations for Truncating {
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>> {
        Box::pin(async move {
            let floors = self.0.floors(names, now).await?;
            Ok(floors.into_iter().map(|floor| Floor { value: floor.value & 0xffff_ffff, ..floor }).collect())
        })
    }

    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        self.0.raise(name, to, until, now)
    }
}

#[tokio::test]
#[should_panic(expected = "floors are compared as 64-bit integers")]
async fn a_list_of_32_bit_numbers_is_detected() {
    run_revocations(async || Truncating::default()).await;
}
