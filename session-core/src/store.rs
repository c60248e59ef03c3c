//! The contract between sessions and the places they are kept in.

use std::future::Future;

use crate::{
    Capabilities, Cursor, Field, HandleId, Page, Patch, Record, SessionLimit, StoreError, Timestamp, Token,
    WriteOutcome,
};

/// Keeps records and finds them by token.
///
/// Every method's documentation is its specification; the suite in `conformance` repeats it line by line.
/// Three promises hold for all of them:
///
/// - A session is live while `now` is before [`Meta::deadline`](crate::Meta::deadline). One that is not
///   live is treated as one that was never there, whether or not its bytes were removed yet.
/// - A write happens as a whole or not at all, also when its future is dropped half-way and also
///   between processes that share the store.
/// - Tokens are secrets: a store on the server keeps [`Token::store_key`], never the token, and no error or log
///   line names either.
///
/// The six verbs up to [`destroy`](Store::destroy) are required. The others have a default that answers
/// [`StoreError::Unsupported`]; stores that keep sessions on the server offer them.
///
/// A store behind `Box` or `Arc` is a store. One that is chosen at run time is a `Box<dyn DynStore>`, since the methods of
/// this trait return futures of their own types, for which there is no `dyn Store`:
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
    /// The store's name, for logs: `"memory"`, `"redis"`.
    fn name(&self) -> &'static str;

    /// Finds the live record of a token.
    ///
    /// Unknown, malformed, expired, tampered: all are `None`, and reading changes nothing.
    ///
    /// # Errors
    ///
    /// When the store cannot tell; an outage is never `None`. [`StoreError::Corrupt`] when there is something
    /// under this token that is not a record.
    fn load(
        &self,
        token: &Token,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Keeps a new record under a fresh token and returns the token.
    ///
    /// Never overwrites: a token that is taken is minted anew, a few times at most. When the future is dropped
    /// the record may remain, unreachable, until its deadline.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`] without randomness, [`StoreError::NoFreeToken`] when every try was taken,
    /// [`StoreError::TooLarge`]; nothing is kept then.
    fn create(
        &self,
        record: &Record,
        now: Timestamp,
    ) -> impl Future<Output = Result<Token, StoreError>> + Send;

    /// Applies a patch to the live record of a token, in one step.
    ///
    /// Never creates: without a live record it answers [`WriteOutcome::Gone`]. Fields that the patch does not name
    /// keep what other writers gave them meanwhile. A failed comparison answers [`WriteOutcome::Conflict`] and
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// When it could not be done; [`StoreError::Timeout`] when that is not known.
    fn update(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send;

    /// Moves the idle deadline of a live record forward, never back.
    ///
    /// Without a live record it answers [`WriteOutcome::Gone`]. A deadline that is earlier than the record's own
    /// changes nothing and is no error.
    ///
    /// # Errors
    ///
    /// When it could not be done.
    fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send;

    /// Applies a patch and moves the record to a fresh token, in one step: [`WriteOutcome::NewToken`].
    ///
    /// The old token is dead from then on. No moment shows both or neither. Without a live record it answers
    /// [`WriteOutcome::Gone`] and creates nothing; of several at once one succeeds. Handle id, creation
    /// and deadlines stay unless the patch has others: with another [handle id](Patch::identify) it is the session of
    /// another person, known under the new one from then on, and what is dropped is dropped from all that the record holds
    /// at that moment.
    ///
    /// # Errors
    ///
    /// When it could not be done, and the old token is alive; [`StoreError::Timeout`] when that is not known.
    fn renew(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send;

    /// Ends the session of a token, and says whether it found one there. Ending one that is not there is no error.
    ///
    /// A session that was renewed meanwhile is under another token and lives on: `false` tells who wants it ended.
    /// Of one that has expired either may be said.
    ///
    /// # Errors
    ///
    /// When it could not be done.
    fn destroy(&self, token: &Token) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Checks that the store answers: a readiness probe.
    ///
    /// One round trip, whatever the store holds, and it changes nothing. The default looks up a fresh random token, which
    /// suits every store that looks tokens up on a server; one that takes tokens apart by itself asks what else it
    /// depends on.
    ///
    /// # Errors
    ///
    /// Why the store does not answer: what [`load`](Store::load) would have failed with.
    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        async {
            let token = Token::random()?;
            self.load(&token, Timestamp::from_millis(0)).await.map(drop)
        }
    }

    /// What the store can do besides the verbs, and how its tokens behave: the same answer every time.
    ///
    /// The default is that of a store on the server that does not limit sessions.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// Whether the store keeps what this field's declaration promises under concurrency.
    ///
    /// Asked when sessions of a databag are first put on the store; `false` refuses the databag. The default is `true`;
    /// a store where the last of two writes wins says `false` to counters and compare-and-set fields.
    fn supports(&self, field: &Field) -> bool {
        let _ = field;
        true
    }

    /// Whether the client should get another token although nothing changed.
    ///
    /// Asked after [`load`](Store::load) found the record; on `true` the session is touched, with the record's own
    /// idle deadline when nothing else is to be written, and the answer is [`WriteOutcome::NewToken`]. It looks at the
    /// token alone and does no I/O. Only a store whose tokens carry the record, sealed with keys that
    /// change, says anything but the default: `false`.
    fn wants_rewrite(&self, token: &Token) -> bool {
        let _ = token;
        false
    }

    /// Counts the live sessions. One that comes, goes or is renewed meanwhile may be counted or not.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server.
    fn count(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send {
        let _ = now;
        async { Err(StoreError::Unsupported("count")) }
    }

    /// Lists live records, about `limit` at a time, from where `after` ended.
    ///
    /// Every session that lives under one token from the first page to the last is listed at least once. A page
    /// may be short, or empty, and not be the last. A list ends whatever is created meanwhile, if need be by larger
    /// pages. Records that cannot be read are left out.
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

    /// Finds the live records whose indexed field `name` holds exactly the bytes `value`.
    ///
    /// Each comes with its meta, the field `name` and those of the named `fields` that it has. Whether it has others is
    /// up to the store: one that pays for what it reads leaves them out.
    ///
    /// A field is indexed when its value [says so](crate::is_indexed). What is expired, or holds another
    /// value by now, is never among them; a session that is renewed meanwhile may be. Records that cannot be read are left
    /// out.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server.
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

    /// Ends the sessions whose indexed field `name` holds exactly the bytes `value`, but the one of the handle
    /// id `except`, and returns how many live ones it ended.
    ///
    /// Sessions that held the value when this was called are ended also when they are renewed meanwhile, when their
    /// records cannot be read, and when they have expired at `now` and are still kept: to another clock they may be
    /// alive.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server. Any other error says that one session or more
    /// may not have been ended; all that could be are, and it can be called again.
    fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send {
        let _ = (name, value, except, now);
        async { Err(StoreError::Unsupported("destroy_by")) }
    }

    /// Ends the session of a handle id, and says whether there was one that was live. One that has expired at `now` may
    /// be ended or left alone.
    ///
    /// With `whose`, the name of an indexed field and a value, it ends only a session that holds it, and finds it among
    /// those, also when it is renewed meanwhile. Without, it may look at every session, so that it takes the longer the
    /// more there are, and a session that is renewed meanwhile may be missed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server.
    fn destroy_by_id(
        &self,
        id: HandleId,
        whose: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        let _ = (id, whose, now);
        async { Err(StoreError::Unsupported("destroy_by_id")) }
    }

    /// [`create`](Store::create) for a record that holds the value of a [`SessionLimit`]; `None`, and nothing kept, when as many
    /// sessions as may hold it already do.
    ///
    /// Counts live sessions only. Those that have expired at `now` and are still kept may be ended: to another clock they
    /// may be alive. With [`Evict::Oldest`](crate::Evict::Oldest) those that came to hold the value longest ago are ended
    /// until the new one fits; it never ends the new one, and never answers `None`. With
    /// [`Evict::Reject`](crate::Evict::Reject) no live session is ended. Of any number of limited writes at once, no more than
    /// [`max`](SessionLimit::max) hold the value when all are done; while they are under way a store of several servers may
    /// show more. A write whose answer was lost, or whose client died half-way, refuses nobody for longer than its
    /// session lives.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Store::create), and [`StoreError::Unsupported`] unless the store
    /// [offers session limits](Store::capabilities).
    fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Token>, StoreError>> + Send {
        let _ = (record, limit, now);
        async { Err(StoreError::Unsupported("create_limited")) }
    }

    /// [`renew`](Store::renew) by a patch that gives the session the value of a [`SessionLimit`]; [`WriteOutcome::LimitReached`], and nothing
    /// changed, when as many other sessions as may hold it already do.
    ///
    /// A session that holds the value already keeps its place: it is renewed without counting. What is counted and
    /// ended otherwise is what [`create_limited`](Store::create_limited) says.
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
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + Send {
        let _ = (token, patch, limit, now);
        async { Err(StoreError::Unsupported("renew_limited")) }
    }

    /// Ends all sessions of this store, and nothing else that lives in the same place. Returns how many.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server. Any other error says that one session or more
    /// may not have been ended; all that could be are.
    fn clear(&self) -> impl Future<Output = Result<u64, StoreError>> + Send {
        async { Err(StoreError::Unsupported("clear")) }
    }

    /// Frees what expired sessions still take up and returns how many there were. Never touches a live one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless sessions are kept on the server. Any other error comes after all that could be
    /// freed is.
    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send {
        let _ = now;
        async { Err(StoreError::Unsupported("sweep")) }
    }
}
