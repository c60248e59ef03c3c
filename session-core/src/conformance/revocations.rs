//! The contract of [`Revocations`].

use std::sync::Arc;
use std::time::SystemTime;

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::Requirement;
use super::fixture::MINUTE;
use crate::{Floor, HandleId, Revocations, StoreKey, Timestamp};

/// A new revocation list, and the time at which it is tested.
struct List<R> {
    list: Arc<R>,
    now: Timestamp,
}

pub(super) async fn run<R: Revocations>(make: impl AsyncFn() -> R) {
    let list = async || List { list: Arc::new(make().await), now: Timestamp::from(SystemTime::now()) };
    a_name_has_the_default_floor_until_it_is_raised(list().await).await;
    floors_never_decrease(list().await).await;
    numbers_are_exact(list().await).await;
    floors_come_in_the_order_of_their_names(list().await).await;
    a_name_is_kept_until_the_latest_time(list().await).await;
    of_concurrent_calls_one_raises(list().await).await;
}

impl<R: Revocations> List<R> {
    async fn floors(&self, names: &[StoreKey], now: Timestamp) -> Vec<Floor> {
        self.list.floors(names, now).await.unwrap_or_else(|error| panic!("`floors` failed: {error:?}"))
    }

    async fn floor(&self, name: StoreKey, now: Timestamp) -> Floor {
        let floors = self.floors(&[name], now).await;
        Requirement("`floors` returns one floor for each name").equal(floors.len(), 1);
        floors[0]
    }

    async fn raise(&self, name: StoreKey, to: u64, now: Timestamp) -> Floor {
        raise(&*self.list, name, to, now.after(10 * MINUTE), now).await
    }
}

async fn raise<R: Revocations>(list: &R, name: StoreKey, to: u64, until: Timestamp, now: Timestamp) -> Floor {
    list.raise(name, to, until, now).await.unwrap_or_else(|error| panic!("`raise` failed: {error:?}"))
}

/// Returns a name that no other check uses.
fn name() -> StoreKey {
    let id = HandleId::random().unwrap_or_else(|error| panic!("failed to generate a name: {error:?}"));
    let mut bytes = [0; 32];
    bytes[16..].copy_from_slice(id.as_bytes());
    bytes.into()
}

async fn a_name_has_the_default_floor_until_it_is_raised<R: Revocations>(list: List<R>) {
    let requirement = Requirement("a name that was never raised has the default floor");
    requirement.equal(list.floor(name(), list.now).await, Floor::default());
    Requirement("`floors` of no names is empty").equal(list.floors(&[], list.now).await, Vec::new());
    requirement.equal(list.raise(name(), 7, list.now).await, Floor::default());
}

async fn floors_never_decrease<R: Revocations>(list: List<R>) {
    let (name, later) = (name(), list.now.after(MINUTE));
    let five = Floor { value: 5, since: list.now };
    let six = Floor { value: 6, since: later };
    list.raise(name, 5, list.now).await;
    Requirement("`raise` sets the floor and its time").equal(list.floor(name, list.now).await, five);
    Requirement("`raise` returns the previous floor").equal(list.raise(name, 3, later).await, five);
    Requirement("a floor never decreases").equal(list.floor(name, later).await, five);
    Requirement("`raise` returns the previous floor").equal(list.raise(name, 5, later).await, five);
    Requirement("`since` is unchanged if the floor is").equal(list.floor(name, later).await, five);
    Requirement("`raise` returns the previous floor").equal(list.raise(name, 6, later).await, five);
    Requirement("`since` becomes `now` when the floor rises").equal(list.floor(name, later).await, six);
}

async fn numbers_are_exact<R: Revocations>(list: List<R>) {
    let requirement = Requirement("floors are compared as 64-bit integers");
    let name = name();
    let mut before = 0;
    for value in [9, 10, (1 << 53) + 1, (1 << 53) + 2, (1 << 63) - 1, 1 << 63, u64::MAX - 1, u64::MAX] {
        requirement.equal(list.raise(name, value, list.now).await.value, before);
        requirement.equal(list.raise(name, value - 1, list.now).await.value, value);
        before = value;
    }
    requirement.equal(list.floor(name, list.now).await.value, u64::MAX);
}

async fn floors_come_in_the_order_of_their_names<R: Revocations>(list: List<R>) {
    let (one, two, none) = (name(), name(), name());
    list.raise(one, 1, list.now).await;
    list.raise(two, 2, list.now).await;
    let floors = list.floors(&[two, none, one, two], list.now).await;
    let values: Vec<u64> = floors.iter().map(|floor| floor.value).collect();
    Requirement("`floors` returns floors in the order of the names").equal(values, vec![2, 0, 1, 2]);
}

async fn a_name_is_kept_until_the_latest_time<R: Revocations>(list: List<R>) {
    let (name, now) = (name(), list.now);
    raise(&*list.list, name, 1, now.after(30 * MINUTE), now).await;
    raise(&*list.list, name, 2, now.after(MINUTE), now).await;
    let requirement = Requirement("a name is kept until the latest `until` of any call");
    requirement.equal(list.floor(name, now.after(29 * MINUTE)).await.value, 2);
    raise(&*list.list, name, 1, now.after(90 * MINUTE), now).await;
    requirement.equal(list.floor(name, now.after(89 * MINUTE)).await.value, 2);

    let name = self::name();
    raise(&*list.list, name, 1, Timestamp::NEVER, now).await;
    Requirement("a name can be kept until `Timestamp::NEVER`").equal(list.floor(name, now).await.value, 1);
}

async fn of_concurrent_calls_one_raises<R: Revocations>(list: List<R>) {
    let requirement = Requirement(
        "`raise` is atomic: of several concurrent calls with the same number one finds a lower floor",
    );
    for round in 1..=20 {
        let name = name();
        let now = list.now;
        let jobs = (0..8).map(|_| {
            let (list, runtime) = (Arc::clone(&list.list), Handle::current());
            spawn_blocking(move || runtime.block_on(raise(&*list, name, round, now.after(MINUTE), now)))
        });
        let jobs: Vec<_> = jobs.collect();
        let mut raised = 0;
        for job in jobs {
            match job.await {
                Ok(before) => raised += usize::from(before.value < round),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
        requirement.equal(raised, 1);
    }
}
