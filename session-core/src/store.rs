//! The contract of a session store.

use std::future::Future;

use crate::{
    Capabilities, Cursor, Field, HandleId, Limited, Page, Patch, Record, Refusal, SessionLimit, StoreError,
    Timestamp, Token, WriteOutcome,
};

/// Storage of session records by token.
///
/// The documentation of each method is its specification, and the test suite in `conformance` follows it line by
/// line. Four guarantees apply to all methods:
///
/// - A session is live while `now` is before [`Meta::deadline`](crate::Meta::deadline). A session that is not live is
///   treated as if it had never existed, whether or not its data is already removed.
/// - A write is atomic, even if its future is dropped before completion, and also between processes that share the
///   store.
/// - A handle id belongs to one session. Callers generate one for each record that they create, and for each other
///   [identity](Patch::identify), so a store may require them to be unique.
/// - Tokens are secret: a store on the server keeps [`Token::store_key`], never the token, and no error or log line
///   contains either.
///
/// The name and the six operations up to [`destroy`](Store::destroy) are required. Optional operations return
/// [`StoreError::Unsupported`] by default; stores that keep sessions on the server implement them.
///
/// `Box<S>` and `Arc<S>` of a store are stores. This trait is not dyn-compatible, since its methods return futures of
/// unnamed types; use `Box<dyn DynStore>` for a store that is chosen at run time:
///
/// ```
/// # use session_core::{DynStore, Store};
/// # fn choose(in_memory: bool, memory: impl Store, shared: impl Store) -> impl Store {
/// let store: Box<dyn DynStore> = if in_memory { Box::new(memory) } else { Box::new(shared) };
/// # store
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session store",
    label = "not a store",
    note = "pass the store itself, such as `MemoryStore::new()`, or one chosen at run time as `Box<dyn DynStore>`: `dyn Store` does \
            not exist, `session::store::DynStore` takes its place"
)]
pub trait Store: Sized + Send + Sync + 'static {
    /// Returns the name of the store for logs, such as `"memory"` or `"redis"`.
    fn name(&self) -> &'static str;

    /// Returns the live record of a token.
    ///
    /// Returns `None` for a token that is unknown, malformed, expired or tampered with. Reading changes nothing.
    ///
    /// # Errors
    ///
    /// If the store cannot determine the result: an outage is never `None`. [`StoreError::Corrupt`] if the data stored
    /// for this token is not a record.
    #[doc(alias = "get")]
    #[doc(alias = "find")]
    #[doc(alias = "read")]
    fn load(
        &self,
        token: &Token,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Stores a new record under a new token and returns the token.
    ///
    /// Never overwrites a record: if the token is already in use, another one is generated, for a small number of
    /// attempts. If the future is dropped, the record may remain, unreachable, until its deadline.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`] without randomness, [`StoreError::NoFreeToken`] if the token of every attempt was in use,
    /// [`StoreError::TooLarge`]. Nothing is stored then.
    #[doc(alias = "insert")]
    #[doc(alias = "login")]
    #[doc(alias = "sign in")]
    fn create(
        &self,
        record: &Record,
        now: Timestamp,
    ) -> impl Future<Output = Result<Token, StoreError>> + Send;

    /// Applies a patch to the live record of a token, atomically.
    ///
    /// Never creates a record: without a live record it returns [`WriteOutcome::Gone`]. Fields that the patch does not
    /// name keep values that concurrent writers gave them. A failed comparison returns [`WriteOutcome::Conflict`] and
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// If the patch was not applied; [`StoreError::Timeout`] if that is unknown.
    #[doc(alias = "save")]
    #[doc(alias = "set")]
    fn update(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send;

    /// Extends the idle deadline of a live record.
    ///
    /// Without a live record it returns [`WriteOutcome::Gone`]. A deadline earlier than that of the record changes
    /// nothing and is not an error.
    ///
    /// # Errors
    ///
    /// If the deadline was not extended.
    #[doc(alias = "expiry")]
    #[doc(alias = "expire")]
    #[doc(alias = "sliding expiration")]
    #[doc(alias = "keep alive")]
    #[doc(alias = "ttl")]
    fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send;

    /// Applies a patch and moves the record to a new token, atomically: [`WriteOutcome::NewToken`].
    ///
    /// The old token is invalid from then on. At no time are both tokens valid, or neither. Without a live record it
    /// returns [`WriteOutcome::Gone`] and creates nothing. Of several concurrent renewals of a token one succeeds.
    /// Handle id, times and deadlines are retained unless the patch replaces them: with another [handle
    /// id](Patch::identify) the session passes to another principal and is known only under the new id, and the fields
    /// that the patch drops are dropped from the record as it is at the time of the write.
    ///
    /// # Errors
    ///
    /// If the session was not renewed, in which case the old token is still valid; [`StoreError::Timeout`] if that is
    /// unknown.
    #[doc(alias = "regenerate")]
    #[doc(alias = "rotate")]
    #[doc(alias = "cycle_id")]
    #[doc(alias = "session fixation")]
    #[doc(alias = "migrate")]
    fn renew(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send;

    /// Destroys the session of a token and returns whether there was one. Destroying an absent session is not an error.
    ///
    /// A session that was renewed concurrently has another token and stays live; the caller sees this as `false`.
    /// For an expired session the result may be either.
    ///
    /// # Errors
    ///
    /// If the session was not destroyed.
    #[doc(alias = "logout")]
    #[doc(alias = "sign out")]
    #[doc(alias = "revoke")]
    #[doc(alias = "delete")]
    #[doc(alias = "invalidate")]
    fn destroy(&self, token: &Token) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Returns the reason why [`load`](Store::load) returned `None` for a token at the same `now`.
    ///
    /// Called after such a load, and only if a listener is set: refused tokens are counted and logged by their reason,
    /// and the response never shows it. The content of a token is used only if it is authentic: a token that is not is
    /// never [`Expired`](Refusal::Expired) or [`Revoked`](Refusal::Revoked). Changes nothing, and avoids unnecessary
    /// I/O.
    ///
    /// The default is [`Refusal::Unknown`], which is also returned if the reason cannot be determined.
    fn refusal(&self, token: &Token, now: Timestamp) -> impl Future<Output = Refusal> + Send {
        let _ = (token, now);
        async { Refusal::Unknown }
    }

    /// Checks that the store responds, for readiness probes.
    ///
    /// Takes one round trip regardless of the number of sessions and changes nothing. The default looks up a new
    /// random token, which suits every store that looks tokens up on a server. A store that decodes tokens by itself
    /// checks the services that it depends on instead.
    ///
    /// # Errors
    ///
    /// The error with which [`load`](Store::load) would fail.
    #[doc(alias = "health check")]
    #[doc(alias = "readiness")]
    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        async {
            let token = Token::random()?;
            self.load(&token, Timestamp::from_millis(0)).await.map(drop)
        }
    }

    /// Returns the properties of the store that sessions adapt to. The result never changes.
    ///
    /// The default describes a store on the server without support for session limits.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// Whether the store upholds the guarantees of this kind of field under concurrency.
    ///
    /// Called when a databag is first used with the store; `false` refuses the databag. The default is `true`. A store
    /// in which the last of two writes wins returns `false` for counters and compare-and-set fields.
    fn supports(&self, field: &Field) -> bool {
        let _ = field;
        true
    }

    /// Whether the client should get a new token although nothing changed, such as after a key rotation.
    ///
    /// Called after [`load`](Store::load) returned the record. If `true`, the session is touched, with its current
    /// idle deadline if there is nothing else to write, and the touch returns [`WriteOutcome::NewToken`]. The result
    /// depends on the token alone and takes no I/O. The default is `false`; only a store whose tokens contain the
    /// record, encrypted with keys that are rotated, returns `true`.
    #[doc(alias = "key rotation")]
    fn wants_rewrite(&self, token: &Token) -> bool {
        let _ = token;
        false
    }

    /// Returns the number of live sessions. A session that is concurrently created, ended or renewed may be counted or
    /// not.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server.
    #[doc(alias = "len")]
    fn count(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send {
        let _ = now;
        async { Err(StoreError::Unsupported("count")) }
    }

    /// Returns a page of about `limit` live records, starting at the cursor `after`.
    ///
    /// Every session that is live under the same token from the first page to the last is listed at least once. A page
    /// may be short or empty without being the last. A list ends regardless of sessions that are created concurrently,
    /// if necessary by larger pages. Records that cannot be read are omitted.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server.
    fn list(
        &self,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send {
        let _ = (after, limit, now);
        async { Err(StoreError::Unsupported("list")) }
    }

    /// Returns the live records whose indexed field `name` holds exactly the bytes `value`, such as a user's sessions.
    ///
    /// Each record has its metadata, the field `name`, and those of `fields` that are set. Whether it has other fields
    /// depends on the store: one that pays for what it reads omits them.
    ///
    /// A field is indexed if its value [is marked as such](crate::value::is_indexed). A session that has expired or
    /// holds another value is never returned; one that is concurrently renewed may be returned or not. Records that
    /// cannot be read are omitted.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server.
    #[doc(alias = "find by user")]
    #[doc(alias = "active sessions")]
    fn find_by(
        &self,
        name: &str,
        value: &[u8],
        fields: &[&str],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send {
        let _ = (name, value, fields, now);
        async { Err(StoreError::Unsupported("find_by")) }
    }

    /// Destroys all sessions whose indexed field `name` holds exactly the bytes `value`, except the one with the
    /// handle id `except`, and returns the handle ids of the live sessions among them.
    ///
    /// Each session is returned by one call only, the one that destroyed it. One whose handle id cannot be read is
    /// destroyed and not returned, as is every session of a store that does not know its sessions. The cost does not
    /// depend on what the sessions hold.
    ///
    /// Sessions that hold the value at the time of the call are destroyed even if they are concurrently renewed, if
    /// their records cannot be read, or if they have expired at `now` and are still stored: they may be live on
    /// another clock.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server or the store can revoke them. After any
    /// other error one or more of the sessions may still exist; all that could be destroyed are, although none is
    /// returned, and the call can be repeated.
    #[doc(alias = "sign out everywhere")]
    #[doc(alias = "log out everywhere")]
    #[doc(alias = "logout all devices")]
    #[doc(alias = "revoke all")]
    fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<HandleId>, StoreError>> + Send {
        let _ = (name, value, except, now);
        async { Err(StoreError::Unsupported("destroy_by")) }
    }

    /// Destroys the session with a handle id and returns whether there was a live one. A session that has expired at
    /// `now` may be destroyed or not.
    ///
    /// With `holding`, the name of an indexed field and a value, only a session that holds the value is destroyed. It
    /// is looked up by that value and found even if it is concurrently renewed. With `None`, all sessions may be
    /// scanned, so that the cost grows with their number, and a session that is concurrently renewed may be missed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server.
    #[doc(alias = "revoke")]
    #[doc(alias = "kick")]
    fn destroy_by_id(
        &self,
        id: HandleId,
        holding: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        let _ = (id, holding, now);
        async { Err(StoreError::Unsupported("destroy_by_id")) }
    }

    /// Like [`create`](Store::create), for a record that holds the value of a [`SessionLimit`]. The result is `None`, and
    /// nothing is stored, if the limit is reached.
    ///
    /// Only live sessions count. Sessions that have expired at `now` and are still stored may be destroyed: they may
    /// be live on another clock. With [`Evict::Oldest`](crate::Evict::Oldest) the sessions that took the value first
    /// are destroyed until the new one fits, and [returned](Limited::evicted); the new one is never destroyed, and the
    /// result is never `None`. With [`Evict::Reject`](crate::Evict::Reject) no live session is destroyed. After any number of concurrent limited
    /// writes, at most [`max`](SessionLimit::max) sessions hold the value; while the writes are in progress, a store
    /// with several servers may show more. A write whose response was lost, or whose client failed before completion,
    /// causes no refusals for longer than its session is live.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Store::create), and [`StoreError::Unsupported`] unless the store
    /// [offers session limits](Store::capabilities). Sessions may have been evicted then.
    fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Limited<Option<Token>>, StoreError>> + Send {
        let _ = (record, limit, now);
        async { Err(StoreError::Unsupported("create_limited")) }
    }

    /// Like [`renew`](Store::renew), for a patch that sets the value of a [`SessionLimit`]. The result is
    /// [`WriteOutcome::LimitReached`], and nothing is changed, if the limit is reached by other sessions.
    ///
    /// A session that already holds the value keeps its position and is renewed regardless of the limit. Otherwise
    /// sessions are counted and destroyed as by [`create_limited`](Store::create_limited).
    ///
    /// # Errors
    ///
    /// Those of [`renew`](Store::renew), and [`StoreError::Unsupported`] unless the store
    /// [offers session limits](Store::capabilities).
    fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Limited<WriteOutcome>, StoreError>> + Send {
        let _ = (token, patch, limit, now);
        async { Err(StoreError::Unsupported("renew_limited")) }
    }

    /// Destroys all sessions of this store, leaves other data in the same database untouched, and returns the number of
    /// sessions.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server. After any other error one or more sessions
    /// may still exist; all that could be destroyed are.
    #[doc(alias = "flush")]
    #[doc(alias = "destroy all")]
    fn clear(&self) -> impl Future<Output = Result<u64, StoreError>> + Send {
        async { Err(StoreError::Unsupported("clear")) }
    }

    /// Removes expired sessions that are still stored and returns their number. Never removes a live session.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server. Before any other error is returned, all
    /// sessions that can be removed are.
    #[doc(alias = "cleanup")]
    #[doc(alias = "garbage collection")]
    #[doc(alias = "delete expired")]
    #[doc(alias = "vacuum")]
    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send {
        let _ = now;
        async { Err(StoreError::Unsupported("sweep")) }
    }
}
