//! Writes of the store.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::{Patch, Record, StoreError, Timestamp, Token, WriteOutcome};

use super::Mistake;
use super::database::{Key, Tables};
use super::store::TableStore;

impl TableStore {
    /// Stores a record under a new token, in place of that of an old one if there is one.
    pub(super) async fn insert(&self, record: &Record, old: Option<&Key>) -> Result<Token, StoreError> {
        let overwrites = match old {
            None => self.has(Mistake::CreateOverwritesOnACollision),
            Some(_) => self.has(Mistake::RenewOverwritesOnACollision),
        };
        let record = &Mistake::stored(self.mistake, record);
        if let Some(old) = old
            && self.has(Mistake::RenewDeletesThenInserts)
        {
            self.execute(|tables| tables.sessions.remove(old)).await?;
        }
        for _ in 0..8 {
            let token = self.tokens.mint()?;
            let Some(key) = self.key(&token) else { continue };
            let note = self.note(&token);
            let inserted = self
                .execute(|tables| {
                    if tables.sessions.contains_key(&key) && !overwrites {
                        return false;
                    }
                    tables.insert(key.clone(), record, note);
                    self.index_moved(tables, old, &key, record);
                    if let Some(old) = old
                        && !self.has(Mistake::RenewInsertsThenDeletes)
                        && *old != key
                    {
                        tables.remove(old);
                    }
                    true
                })
                .await?;
            if !inserted {
                continue;
            }
            if let Some(old) = old
                && self.has(Mistake::RenewInsertsThenDeletes)
            {
                self.execute(|tables| tables.remove(old)).await?;
            }
            return Ok(token);
        }
        Err(StoreError::NoFreeToken)
    }

    /// Returns what a mistake keeps of a token beside its hash.
    fn note(&self, token: &Token) -> Vec<u8> {
        match self.mistake {
            Some(Mistake::KeepsTokens) => token.expose().as_bytes().to_vec(),
            Some(Mistake::KeepsTokensInHexadecimal) => {
                let bytes = URL_SAFE_NO_PAD.decode(token.expose()).unwrap_or_default();
                bytes.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) async fn write(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
        without_transaction: &[Mistake],
    ) -> Result<WriteOutcome, StoreError> {
        let Some(key) = self.key(token) else { return Ok(WriteOutcome::Gone) };
        let _transaction = self.begin(without_transaction).await;
        let Some(record) = self.read_live(&key, now).await? else { return Ok(WriteOutcome::Gone) };
        let patch = &Mistake::understood(self.mistake, patch, &record);
        let patched = match record.apply(patch) {
            Ok(patched) => Mistake::stored(self.mistake, &patched),
            Err(conflict) => return Ok(WriteOutcome::Conflict(conflict.0)),
        };
        if self.has(Mistake::UpdateWritesOneFieldFirst)
            && let Some((name, change)) = patch.changes().next()
            && let Ok(first) = record.apply(&Patch::new().with(name.to_owned(), change.clone()))
        {
            self.execute(|tables| self.replace(tables, &key, &record, &first)).await?;
        }
        self.execute(|tables| self.replace(tables, &key, &record, &patched)).await?;
        Ok(WriteOutcome::Done)
    }

    /// Replaces a record, if it is still there.
    fn replace(&self, tables: &mut Tables, key: &Key, old: &Record, record: &Record) {
        let revives = self.has(Mistake::UpdateInserts) || self.has(Mistake::TouchInserts);
        match tables.sessions.get_mut(key) {
            Some(row) => row.record = record.as_bytes().to_vec(),
            None if revives => tables.insert(key.clone(), record, Vec::new()),
            None => return,
        }
        self.index_changed(tables, key, old, record);
    }

    pub(super) async fn renew_in_transaction(
        &self,
        key: &Key,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let Some(record) = self.read_live(key, now).await? else { return Ok(WriteOutcome::Gone) };
        let patch = Mistake::understood(self.mistake, patch, &record);
        match record.apply(&patch) {
            Ok(patched) => Ok(WriteOutcome::NewToken(self.insert(&patched, Some(key)).await?)),
            Err(conflict) => Ok(WriteOutcome::Conflict(conflict.0)),
        }
    }
}
