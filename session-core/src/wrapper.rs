//! Stores that wrap another store and override some of its methods.

use std::future::Future;
use std::sync::Arc;

use crate::{
    Capabilities, Cursor, DynStore, Field, HandleId, Limited, Page, Patch, Record, Refusal, SessionLimit,
    Store, StoreError, Timestamp, Token, WriteOutcome,
};

/// A store that wraps another one, for example to count calls, to cache or to inject faults.
///
/// Every method calls the method of the same name of [`inner`](Wrapper::inner) by default, so that a wrapper implements
/// only the methods that it changes. A wrapper is a [`Store`].
///
/// ```
/// use session_core::{DynStore, Store, StoreError, Timestamp, Token, Wrapper};
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// struct Counting<S> {
///     inner: S,
///     ended: AtomicU64,
/// }
///
/// impl<S: Store> Wrapper for Counting<S> {
///     fn inner(&self) -> &dyn DynStore {
///         &self.inner
///     }
///
///     async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
///         self.ended.fetch_add(1, Ordering::Relaxed);
///         self.inner().destroy(token).await
///     }
/// }
/// # fn is_a_store<S: Store>(store: Counting<S>) -> impl Store { store }
/// ```
#[doc(alias = "decorator")]
#[doc(alias = "middleware")]
#[expect(missing_docs, reason = "each method is documented in `Store`")]
pub trait Wrapper: Sized + Send + Sync + 'static {
    /// Returns the wrapped store.
    fn inner(&self) -> &dyn DynStore;

    fn name(&self) -> &'static str {
        self.inner().name()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner().capabilities()
    }

    fn supports(&self, field: &Field) -> bool {
        self.inner().supports(field)
    }

    fn wants_rewrite(&self, token: &Token) -> bool {
        self.inner().wants_rewrite(token)
    }

    fn load(
        &self,
        token: &Token,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send {
        async move { self.inner().load(token, now).await }
    }

    fn create(
        &self,
        record: &Record,
        now: Timestamp,
    ) -> impl Future<Output = Result<Token, StoreError>> + Send {
        async move { self.inner().create(record, now).await }
    }

    fn update(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send {
        async move { self.inner().update(token, patch, now).await }
    }

    fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send {
        async move { self.inner().touch(token, idle_deadline, now).await }
    }

    fn renew(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send {
        async move { self.inner().renew(token, patch, now).await }
    }

    fn destroy(&self, token: &Token) -> impl Future<Output = Result<bool, StoreError>> + Send {
        async move { self.inner().destroy(token).await }
    }

    fn refusal(&self, token: &Token, now: Timestamp) -> impl Future<Output = Refusal> + Send {
        async move { self.inner().refusal(token, now).await }
    }

    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move { self.inner().ping().await }
    }

    fn count(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send {
        async move { self.inner().count(now).await }
    }

    fn list(
        &self,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send {
        async move { self.inner().list(after, limit, now).await }
    }

    fn find_by(
        &self,
        name: &str,
        value: &[u8],
        fields: &[&str],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send {
        async move { self.inner().find_by(name, value, fields, now).await }
    }

    fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<HandleId>, StoreError>> + Send {
        async move { self.inner().destroy_by(name, value, except, now).await }
    }

    fn destroy_by_id(
        &self,
        id: HandleId,
        holding: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        async move { self.inner().destroy_by_id(id, holding, now).await }
    }

    fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Limited<Option<Token>>, StoreError>> + Send {
        async move { self.inner().create_limited(record, limit, now).await }
    }

    fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Limited<WriteOutcome>, StoreError>> + Send {
        async move { self.inner().renew_limited(token, patch, limit, now).await }
    }

    fn clear(&self) -> impl Future<Output = Result<u64, StoreError>> + Send {
        async move { self.inner().clear().await }
    }

    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send {
        async move { self.inner().sweep(now).await }
    }
}

#[diagnostic::do_not_recommend]
impl<W: Wrapper> Store for W {
    fn name(&self) -> &'static str {
        Wrapper::name(self)
    }

    fn capabilities(&self) -> Capabilities {
        Wrapper::capabilities(self)
    }

    fn supports(&self, field: &Field) -> bool {
        Wrapper::supports(self, field)
    }

    fn wants_rewrite(&self, token: &Token) -> bool {
        Wrapper::wants_rewrite(self, token)
    }

    fn load(
        &self,
        token: &Token,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send {
        Wrapper::load(self, token, now)
    }

    fn create(
        &self,
        record: &Record,
        now: Timestamp,
    ) -> impl Future<Output = Result<Token, StoreError>> + Send {
        Wrapper::create(self, record, now)
    }

    fn update(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send {
        Wrapper::update(self, token, patch, now)
    }

    fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send {
        Wrapper::touch(self, token, idle_deadline, now)
    }

    fn renew(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send {
        Wrapper::renew(self, token, patch, now)
    }

    fn destroy(&self, token: &Token) -> impl Future<Output = Result<bool, StoreError>> + Send {
        Wrapper::destroy(self, token)
    }

    fn refusal(&self, token: &Token, now: Timestamp) -> impl Future<Output = Refusal> + Send {
        Wrapper::refusal(self, token, now)
    }

    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        Wrapper::ping(self)
    }

    fn count(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send {
        Wrapper::count(self, now)
    }

    fn list(
        &self,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send {
        Wrapper::list(self, after, limit, now)
    }

    fn find_by(
        &self,
        name: &str,
        value: &[u8],
        fields: &[&str],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send {
        Wrapper::find_by(self, name, value, fields, now)
    }

    fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<HandleId>, StoreError>> + Send {
        Wrapper::destroy_by(self, name, value, except, now)
    }

    fn destroy_by_id(
        &self,
        id: HandleId,
        holding: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        Wrapper::destroy_by_id(self, id, holding, now)
    }

    fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Limited<Option<Token>>, StoreError>> + Send {
        Wrapper::create_limited(self, record, limit, now)
    }

    fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Limited<WriteOutcome>, StoreError>> + Send {
        Wrapper::renew_limited(self, token, patch, limit, now)
    }

    fn clear(&self) -> impl Future<Output = Result<u64, StoreError>> + Send {
        Wrapper::clear(self)
    }

    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send {
        Wrapper::sweep(self, now)
    }
}

#[diagnostic::do_not_recommend]
impl<S: Store> Wrapper for Box<S> {
    fn inner(&self) -> &dyn DynStore {
        &**self
    }
}

#[diagnostic::do_not_recommend]
impl<S: Store> Wrapper for Arc<S> {
    fn inner(&self) -> &dyn DynStore {
        &**self
    }
}

#[diagnostic::do_not_recommend]
impl Wrapper for Box<dyn DynStore> {
    fn inner(&self) -> &dyn DynStore {
        &**self
    }
}

#[diagnostic::do_not_recommend]
impl Wrapper for Arc<dyn DynStore> {
    fn inner(&self) -> &dyn DynStore {
        &**self
    }
}
