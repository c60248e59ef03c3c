//! The operations of a store on one session.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, to_value};
use session::store::{Patch, WriteOutcome};
use session::{Record, SqlStore, Store as _, Timestamp, Token};
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record as OtherRecord};

use crate::many_sessions::record;
use crate::session_data::NEW_VISITOR;
use crate::variants::session::fields;

const HOUR: Duration = Duration::from_hours(1);

pub(super) trait Verbs {
    type Key;

    async fn create(&self) -> Result<Self::Key>;

    /// Loads a session, which must exist.
    async fn load(&self, key: &Self::Key) -> Result<()>;

    /// Writes the counter of a session, and its deadline.
    async fn update(&self, key: &Self::Key) -> Result<()>;

    /// Gives a session a new key.
    async fn renew(&self, key: Self::Key) -> Result<Self::Key>;

    async fn destroy(&self, key: Self::Key) -> Result<()>;
}

/// The verbs of `session`.
pub(super) struct Session {
    store: SqlStore,
    record: Record,
    counter: Vec<u8>,
    now: Timestamp,
}

impl Session {
    pub(super) fn new(store: SqlStore) -> Result<Self> {
        let (fields, now) = (fields()?, Timestamp::from(SystemTime::now()));
        let counter = fields.iter().find(|(name, _)| *name == "counter");
        let counter = counter.map(|(_, value)| value.clone()).unwrap_or_default();
        Ok(Self { store, record: record(&fields, now, HOUR)?, counter, now })
    }
}

impl Verbs for Session {
    type Key = Token;

    async fn create(&self) -> Result<Token> {
        Ok(self.store.create(&self.record, self.now).await?)
    }

    async fn load(&self, token: &Token) -> Result<()> {
        ensure!(self.store.load(token, self.now).await?.is_some(), "the session is gone");
        Ok(())
    }

    async fn update(&self, token: &Token) -> Result<()> {
        let patch = Patch::new().set("counter", self.counter.clone()).touch(self.now.after(HOUR));
        ensure!(self.store.update(token, &patch, self.now).await? == WriteOutcome::Done, "no update");
        Ok(())
    }

    async fn renew(&self, token: Token) -> Result<Token> {
        match self.store.renew(&token, &Patch::new(), self.now).await? {
            WriteOutcome::NewToken(token) => Ok(token),
            outcome => bail!("not renewed: {outcome:?}"),
        }
    }

    async fn destroy(&self, token: Token) -> Result<()> {
        ensure!(self.store.destroy(&token).await?, "the session is gone");
        Ok(())
    }
}

/// The verbs of `tower-sessions`, as its `Session` calls its store.
pub(super) struct TowerSessions<S> {
    store: S,
    data: HashMap<String, Value>,
}

impl<S: SessionStore> TowerSessions<S> {
    pub(super) fn new(store: S) -> Result<Self> {
        let data = HashMap::from([("visitor".to_owned(), to_value(&*NEW_VISITOR)?)]);
        Ok(Self { store, data })
    }

    fn record(&self, id: Id) -> OtherRecord {
        OtherRecord { id, data: self.data.clone(), expiry_date: OffsetDateTime::now_utc() + HOUR }
    }
}

impl<S: SessionStore> Verbs for TowerSessions<S> {
    type Key = Id;

    async fn create(&self) -> Result<Id> {
        let mut record = self.record(Id::default());
        self.store.create(&mut record).await?;
        Ok(record.id)
    }

    async fn load(&self, id: &Id) -> Result<()> {
        ensure!(self.store.load(id).await?.is_some(), "the session is gone");
        Ok(())
    }

    async fn update(&self, id: &Id) -> Result<()> {
        Ok(self.store.save(&self.record(*id)).await?)
    }

    async fn renew(&self, id: Id) -> Result<Id> {
        self.store.delete(&id).await?;
        self.create().await
    }

    async fn destroy(&self, id: Id) -> Result<()> {
        Ok(self.store.delete(&id).await?)
    }
}
