//! The list in memory, and what the suite notices of one that is wrong.

use session_core::conformance::run_revocations;
use session_core::{BoxFuture, Floor, MemoryRevocations, Revocations, StoreError, StoreKey, Timestamp};

#[tokio::test]
async fn the_list_in_memory_keeps_its_contract() {
    run_revocations(async || MemoryRevocations::new()).await;
}

/// Keeps the low half of each number only.
#[derive(Default)]
struct Short(MemoryRevocations);

impl Revocations for Short {
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
#[should_panic(expected = "floors are compared as whole numbers of 64 bits")]
async fn a_list_of_short_numbers_is_noticed() {
    run_revocations(async || Short::default()).await;
}
