//! The dyn-compatible form of the store contract.

use std::future::Future;
use std::pin::Pin;

use crate::{
    Capabilities, Cursor, Field, HandleId, Limited, Page, Patch, Record, Refusal, SessionLimit, Store,
    StoreError, Timestamp, Token, WriteOutcome,
};

/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The dyn-compatible form of [`Store`], with boxed futures, so that sessions do not depend on the type of their store.
///
/// `Box<dyn DynStore>` and `Arc<dyn DynStore>` are stores, for programs that choose a store at run time. The trait is
/// implemented for every [`Store`] and not meant to be implemented otherwise. Each method is the one of the same name
/// in [`Store`].
#[expect(missing_docs, reason = "each method is documented in `Store`")]
pub trait DynStore: Send + Sync + 'static {
    fn name(&self) -> &'static str;
    fn load<'a>(
        &'a self,
        token: &'a Token,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<Record>, StoreError>>;
    fn create<'a>(&'a self, record: &'a Record, now: Timestamp) -> BoxFuture<'a, Result<Token, StoreError>>;
    fn update<'a>(
        &'a self,
        token: &'a Token,
        patch: &'a Patch,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<WriteOutcome, StoreError>>;
    fn touch<'a>(
        &'a self,
        token: &'a Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<WriteOutcome, StoreError>>;
    fn renew<'a>(
        &'a self,
        token: &'a Token,
        patch: &'a Patch,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<WriteOutcome, StoreError>>;
    fn destroy<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<bool, StoreError>>;
    fn refusal<'a>(&'a self, token: &'a Token, now: Timestamp) -> BoxFuture<'a, Refusal>;
    fn ping(&self) -> BoxFuture<'_, Result<(), StoreError>>;
    fn capabilities(&self) -> Capabilities;
    fn supports(&self, field: &Field) -> bool;
    fn wants_rewrite(&self, token: &Token) -> bool;
    fn count(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>>;
    fn list<'a>(
        &'a self,
        after: Option<&'a Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Page, StoreError>>;
    fn find_by<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
        fields: &'a [&'a str],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>>;
    fn destroy_by<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<HandleId>, StoreError>>;
    fn destroy_by_id<'a>(
        &'a self,
        id: HandleId,
        holding: Option<(&'a str, &'a [u8])>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;
    fn create_limited<'a>(
        &'a self,
        record: &'a Record,
        limit: SessionLimit<'a>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Limited<Option<Token>>, StoreError>>;
    fn renew_limited<'a>(
        &'a self,
        token: &'a Token,
        patch: &'a Patch,
        limit: SessionLimit<'a>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Limited<WriteOutcome>, StoreError>>;
    fn clear(&self) -> BoxFuture<'_, Result<u64, StoreError>>;
    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>>;
}

impl<S: Store> DynStore for S {
    fn name(&self) -> &'static str {
        Store::name(self)
    }

    fn load<'a>(
        &'a self,
        token: &'a Token,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        Box::pin(Store::load(self, token, now))
    }

    fn create<'a>(&'a self, record: &'a Record, now: Timestamp) -> BoxFuture<'a, Result<Token, StoreError>> {
        Box::pin(Store::create(self, record, now))
    }

    fn update<'a>(
        &'a self,
        token: &'a Token,
        patch: &'a Patch,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<WriteOutcome, StoreError>> {
        Box::pin(Store::update(self, token, patch, now))
    }

    fn touch<'a>(
        &'a self,
        token: &'a Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<WriteOutcome, StoreError>> {
        Box::pin(Store::touch(self, token, idle_deadline, now))
    }

    fn renew<'a>(
        &'a self,
        token: &'a Token,
        patch: &'a Patch,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<WriteOutcome, StoreError>> {
        Box::pin(Store::renew(self, token, patch, now))
    }

    fn destroy<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(Store::destroy(self, token))
    }

    fn refusal<'a>(&'a self, token: &'a Token, now: Timestamp) -> BoxFuture<'a, Refusal> {
        Box::pin(Store::refusal(self, token, now))
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(Store::ping(self))
    }

    fn capabilities(&self) -> Capabilities {
        Store::capabilities(self)
    }

    fn supports(&self, field: &Field) -> bool {
        Store::supports(self, field)
    }

    fn wants_rewrite(&self, token: &Token) -> bool {
        Store::wants_rewrite(self, token)
    }

    fn count(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(Store::count(self, now))
    }

    fn list<'a>(
        &'a self,
        after: Option<&'a Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(Store::list(self, after, limit, now))
    }

    fn find_by<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
        fields: &'a [&'a str],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        Box::pin(Store::find_by(self, name, value, fields, now))
    }

    fn destroy_by<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<HandleId>, StoreError>> {
        Box::pin(Store::destroy_by(self, name, value, except, now))
    }

    fn destroy_by_id<'a>(
        &'a self,
        id: HandleId,
        holding: Option<(&'a str, &'a [u8])>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(Store::destroy_by_id(self, id, holding, now))
    }

    fn create_limited<'a>(
        &'a self,
        record: &'a Record,
        limit: SessionLimit<'a>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Limited<Option<Token>>, StoreError>> {
        Box::pin(Store::create_limited(self, record, limit, now))
    }

    fn renew_limited<'a>(
        &'a self,
        token: &'a Token,
        patch: &'a Patch,
        limit: SessionLimit<'a>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Limited<WriteOutcome>, StoreError>> {
        Box::pin(Store::renew_limited(self, token, patch, limit, now))
    }

    fn clear(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(Store::clear(self))
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(Store::sweep(self, now))
    }
}
