//! Sites with a cookie store.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use session::cookie::CookieStoreBuilder;
use session::store::{Floor, MemoryRevocations, Revocations, StoreKey};
use session::{Builder, CookieStore, HandleId, Key, KeyRing, SessionLayer, StoreError, Timestamp};
use session_core::BoxFuture;

use crate::support::{Browser, Session, Site, SpyStore, Verb};

/// A site with a cookie store.
pub(crate) type Sealed = Site<CookieStore>;

/// Returns one of several random keys, different in each run.
pub(crate) fn key(seed: u64) -> Key {
    static SECRET: LazyLock<[HandleId; 2]> = LazyLock::new(|| [(); 2].map(|()| HandleId::random().unwrap()));
    let secret = SECRET.iter().flat_map(|half| *half.as_bytes()).collect::<Vec<_>>();
    Key::derive(&secret, &seed.to_string()).unwrap()
}

/// Creates a ring that seals with the first key and opens with all.
pub(super) fn ring(seeds: &[u64]) -> KeyRing {
    KeyRing::new(key(seeds[0]), seeds[1..].iter().map(|seed| key(*seed))).unwrap()
}

/// Creates a site with a stateless store, sealed by key 1.
pub(crate) fn stateless() -> Sealed {
    sealing(CookieStore::builder(key(1), "shop").accept_lost_updates())
}

/// The same, with a custom store.
pub(super) fn sealing(store: CookieStoreBuilder) -> Sealed {
    Site::on(SpyStore::over(store.stateless().unwrap()), |builder| builder)
}

/// The same as [`stateless`], with a custom layer.
pub(super) fn layered(configure: impl FnOnce(Builder<SessionLayer>) -> Builder<SessionLayer>) -> Sealed {
    Site::on(SpyStore::over(CookieStore::builder(key(1), "shop").stateless().unwrap()), configure)
}

/// Creates a site with a revocable store; sites that share the list share their sessions.
pub(crate) fn revocable(list: &Arc<FailingRevocations>) -> Sealed {
    let store =
        CookieStore::builder(key(1), "shop").accept_lost_updates().revocable(Arc::clone(list)).unwrap();
    Site::on(SpyStore::over(store), |builder| builder)
}

/// A revocation list that fails on demand.
#[derive(Default)]
pub(crate) struct FailingRevocations {
    inner: MemoryRevocations,
    writes_fail: AtomicBool,
    lookups_fail: AtomicBool,
}

impl FailingRevocations {
    /// Makes lookups fail, or succeed again.
    pub(super) fn fail_lookups(&self, fail: bool) {
        self.lookups_fail.store(fail, Ordering::SeqCst);
    }

    /// Makes writes fail, or succeed again.
    pub(super) fn fail_writes(&self, fail: bool) {
        self.writes_fail.store(fail, Ordering::SeqCst);
    }
}

fn check(fails: &AtomicBool) -> Result<(), StoreError> {
    if fails.load(Ordering::SeqCst) {
        Err(StoreError::Unavailable("the list is away".into()))
    } else {
        Ok(())
    }
}

impl Revocations for FailingRevocations {
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>> {
        Box::pin(async move {
            check(&self.lookups_fail)?;
            self.inner.floors(names, now).await
        })
    }

    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        Box::pin(async move {
            check(&self.writes_fail)?;
            self.inner.raise(name, to, until, now).await
        })
    }
}

impl Sealed {
    /// Returns a visitor whose session holds the name `ada` and this many more bytes.
    pub(super) async fn holding(&self, bytes: usize) -> Browser {
        let mut browser = Browser::new();
        let fill = move |session: Session| async move {
            session.data.set_name("ada");
            session.data.set_notice("x".repeat(bytes));
        };
        self.visit(&mut browser, fill).await;
        assert_eq!(self.calls(), [Verb::Create]);
        browser
    }

    /// Returns a visitor whose session holds the name `ada`.
    pub(super) async fn ada(&self) -> Browser {
        self.started(|session| session.data.set_name("ada")).await
    }

    /// Returns the name in a visitor's session, `nobody` without one; its store calls do not count.
    ///
    /// The response has status 200 and no cookie.
    pub(super) async fn name(&self, browser: &Browser) -> String {
        let reply = self.visit_as(browser, crate::support::handlers::read).await;
        assert_eq!((reply.status.as_u16(), reply.has_set_cookie()), (200, false));
        assert!(self.errors.take().is_empty());
        self.calls();
        reply.body
    }
}
