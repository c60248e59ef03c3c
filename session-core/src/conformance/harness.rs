//! What the author of a store gives to the suite: new stores, and what only the author can do to one.

use crate::{Store, Token, TokenSource};

/// Makes the stores that the suite checks.
///
/// Only [`make`](Harness::make) is required, and an async closure that returns a store is a harness. The other methods
/// let the suite check more of the contract. Without one, the suite prints what it skipped.
///
/// ```
/// # mod my { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/docs/custom_store.rs")); pub type MyStore = MapStore; }
/// # use my::MyStore;
/// use session_core::conformance::{self, Harness};
///
/// struct MyHarness;
///
/// impl Harness for MyHarness {
///     type Store = MyStore;
///
///     async fn make(&self) -> MyStore {
///         MyStore::default()
///     }
/// }
///
/// #[tokio::test]
/// async fn my_store_meets_the_contract() {
///     conformance::run(MyHarness).await;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a conformance harness",
    label = "makes no stores",
    note = "pass a constructor, such as `async || MyStore::new()`, or implement `session_core::conformance::Harness`"
)]
pub trait Harness {
    /// The store to check.
    type Store: Store;

    /// Returns a new, empty store.
    ///
    /// Called for each check. Stores on the same server must be separated by a prefix, a table or a namespace.
    fn make(&self) -> impl Future<Output = Self::Store>;

    /// Returns a new, empty store that takes its new tokens from `tokens`, for collisions of tokens.
    ///
    /// The default is `None`: the store cannot be told which tokens to generate.
    fn make_with_tokens(&self, tokens: TokenSource) -> impl Future<Output = Option<Self::Store>> {
        let _ = tokens;
        async { None }
    }

    /// Returns a new, empty store that pauses between any two steps of an operation, such as two statements, or a check
    /// and a write. A pause is an await that is pending once, such as
    /// [`yield_now`](https://docs.rs/tokio/latest/tokio/task/fn.yield_now.html).
    ///
    /// The suite runs another operation in each pause, and drops operations there. What a store does under one lock or in
    /// one transaction is one step. A store that [`make`](Harness::make) returns is treated in the same way wherever it
    /// awaits.
    ///
    /// The default is `None`: the store has no pauses of its own.
    fn make_pausing(&self) -> impl Future<Output = Option<Self::Store>> {
        async { None }
    }

    /// Replaces what is stored for a token with something that is not a record, and returns whether that is possible.
    ///
    /// The default is `false`.
    fn corrupt(&self, store: &Self::Store, token: &Token) -> impl Future<Output = bool> {
        let _ = (store, token);
        async { false }
    }

    /// Makes everything that the store depends on fail until [`resume`](Harness::resume), and returns whether that is
    /// possible. What is stored is not lost.
    ///
    /// The default is `false`.
    fn interrupt(&self, store: &Self::Store) -> impl Future<Output = bool> {
        let _ = store;
        async { false }
    }

    /// Ends what [`interrupt`](Harness::interrupt) began. Afterwards the store answers.
    fn resume(&self, store: &Self::Store) -> impl Future<Output = ()> {
        let _ = store;
        async {}
    }

    /// Returns everything that the store keeps, as it is at rest: all keys and values, concatenated in any order.
    ///
    /// The default is `None`.
    fn dump(&self, store: &Self::Store) -> impl Future<Output = Option<Vec<u8>>> {
        let _ = store;
        async { None }
    }
}

impl<S: Store, F: AsyncFn() -> S> Harness for F {
    type Store = S;

    async fn make(&self) -> S {
        self().await
    }
}
