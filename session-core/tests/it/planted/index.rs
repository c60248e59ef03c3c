//! The index of the store, the lookups in it, lists and sweeping.

use session_core::value::is_indexed;
use session_core::{Cursor, HandleId, Page, Record, StoreError, Timestamp};

use super::Mistake;
use super::database::{Entry, Key, Tables};
use super::store::TableStore;

impl TableStore {
    /// Updates the index for a record that was replaced.
    pub(super) fn index_changed(&self, tables: &mut Tables, key: &Key, old: &Record, record: &Record) {
        let removed = old.indexed().count() > record.indexed().count();
        if self.has(Mistake::UpdateLeavesTheIndex) || removed && self.has(Mistake::RemovalsLeaveTheIndex) {
            return;
        }
        self.index(tables, key, record, self.keeps_deadlines());
    }

    /// Updates the index for a record that has moved to another token, or is new.
    pub(super) fn index_moved(&self, tables: &mut Tables, old: Option<&Key>, key: &Key, record: &Record) {
        if let Some(old) = old {
            if self.has(Mistake::RenewLeavesTheIndex) {
                return;
            }
            for entry in tables.entries.iter_mut().filter(|entry| entry.key == *old) {
                entry.key = key.clone();
            }
            if self.has(Mistake::RenewTakesAnotherPosition) {
                tables.entries.retain(|entry| entry.key != *key);
            }
        }
        self.index(tables, key, record, old.is_some() && self.keeps_deadlines());
    }

    fn keeps_deadlines(&self) -> bool {
        self.has(Mistake::DeadlinesLeaveTheIndex) || self.has(Mistake::SweepAsksTheIndex)
    }

    fn index(&self, tables: &mut Tables, key: &Key, record: &Record, keeps_deadline: bool) {
        let column = |(name, value): (&str, &[u8])| {
            (Mistake::name_column(self.mistake, name), Mistake::value_column(self.mistake, value))
        };
        let held: Vec<_> = record.fields().filter(|(_, value)| is_indexed(value)).map(column).collect();
        let is_held =
            |entry: &Entry| held.iter().any(|(name, value)| (name, value) == (&entry.name, &entry.value));
        tables.entries.retain(|entry| entry.key != *key || is_held(entry));
        for (name, value) in held {
            let found = tables
                .entries
                .iter_mut()
                .find(|entry| entry.key == *key && (&entry.name, &entry.value) == (&name, &value));
            match found {
                Some(entry) if !keeps_deadline => entry.deadline = record.meta().deadline(),
                Some(_) => {}
                None => {
                    let arrival = tables.next_arrival();
                    let deadline = record.meta().deadline();
                    tables.entries.push(Entry { key: key.clone(), name, value, deadline, arrival });
                }
            }
        }
    }

    /// Returns the keys of the sessions that hold a value and expire after `now`, in the order in which they took it.
    pub(super) fn holders(&self, tables: &Tables, name: &str, value: &[u8], now: Timestamp) -> Vec<Key> {
        let (name, value) =
            (Mistake::name_column(self.mistake, name), Mistake::value_column(self.mistake, value));
        let mut holders: Vec<_> = tables
            .entries
            .iter()
            .filter(|entry| entry.key.0 == self.number)
            .filter(|entry| entry.deadline > now || self.has(Mistake::SweepAsksTheIndex))
            .filter(|entry| Mistake::matches(self.mistake, (&entry.name, &entry.value), (&name, &value)))
            .map(|entry| (entry.arrival, entry.key.clone()))
            .collect();
        holders.sort_unstable();
        if self.has(Mistake::LookupsStopAt100) {
            holders.truncate(100);
        }
        holders.into_iter().map(|(_, key)| key).collect()
    }

    pub(super) fn record_of(tables: &Tables, key: &Key) -> Option<Record> {
        Record::from_bytes(tables.sessions.get(key)?.record.clone()).ok()
    }

    pub(super) fn live_holders(
        &self,
        tables: &Tables,
        name: &str,
        value: &[u8],
        now: Timestamp,
    ) -> Vec<(Key, HandleId)> {
        let holders = self.holders(tables, name, value, now).into_iter();
        holders
            .filter_map(|key| {
                let record = Self::record_of(tables, &key)?;
                record.is_live(now).then_some((key, record.meta().id))
            })
            .collect()
    }

    pub(super) async fn find(
        &self,
        name: &str,
        value: &[u8],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        self.execute(|tables| {
            let mut found = Vec::new();
            for key in self.holders(tables, name, value, now) {
                match tables.sessions.get(&key).map(|row| Record::from_bytes(row.record.clone())) {
                    Some(Ok(record)) if record.is_live(now) => found.push(record),
                    Some(Err(corrupt)) if self.has(Mistake::ACorruptRecordFailsLookups) => {
                        return Err(StoreError::Corrupt(corrupt.into()));
                    }
                    _ => {}
                }
            }
            Ok(found)
        })
        .await?
    }

    pub(super) async fn destroy_holders(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        let _transaction = self.begin(&[Mistake::DestroyByTakesASnapshot]).await;
        let since = if self.has(Mistake::DestroyByLeavesExpired) { now } else { Timestamp::from_millis(0) };
        let mut holders = self.execute(|tables| self.holders(tables, name, value, since)).await?;
        let destroy = |tables: &mut Tables| {
            if !self.has(Mistake::DestroyByTakesASnapshot) {
                holders = self.holders(tables, name, value, since);
            }
            let mut destroyed = Vec::new();
            for key in holders {
                let record = Self::record_of(tables, &key);
                let id = record.as_ref().map(|record| record.meta().id);
                if id.is_some() && id == except || id.is_none() && self.has(Mistake::DestroyByLeavesCorrupt) {
                    continue;
                }
                tables.remove(&key);
                destroyed.extend(record.filter(|record| record.is_live(now)).map(|record| record.meta().id));
            }
            destroyed
        };
        self.execute(destroy).await
    }

    pub(super) async fn destroy_one(
        &self,
        id: HandleId,
        holding: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let _transaction = self.begin(&[]).await;
        self.execute(|tables| {
            let found = tables.keys(self.number).into_iter().find(|key| {
                Self::record_of(tables, key).is_some_and(|record| {
                    let has_id = record.meta().id == id || self.has(Mistake::FormerHandleIdsFindSessions);
                    let holds = holding
                        .is_none_or(|(name, value)| is_indexed(value) && record.get(name) == Some(value));
                    has_id && holds && record.is_live(now)
                })
            });
            found.is_some_and(|key| tables.remove(&key).is_some())
        })
        .await
    }

    pub(super) async fn live(&self, now: Timestamp) -> Result<Vec<Record>, StoreError> {
        self.execute(|tables| {
            let keys = tables.keys(self.number);
            let records = keys.iter().filter_map(|key| Self::record_of(tables, key));
            records.filter(|record| record.is_live(now)).collect()
        })
        .await
    }

    pub(super) async fn page(
        &self,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let by_arrival = self.has(Mistake::ListFollowsArrivals);
        let by_offset = self.has(Mistake::ListCountsOffsets);
        self.execute(|tables| {
            let mut rows: Vec<_> = tables.sessions.iter().filter(|(key, _)| key.0 == self.number).collect();
            if by_arrival {
                rows.sort_by_key(|(_, row)| row.arrival);
            }
            let position = |(index, (key, row)): (usize, &(&Key, &super::database::Row))| match () {
                () if by_offset => index.to_be_bytes().to_vec(),
                () if by_arrival => row.arrival.to_be_bytes().to_vec(),
                () => key.1.clone(),
            };
            let rest = rows
                .iter()
                .enumerate()
                .filter(|row| after.is_none_or(|Cursor(at)| position((row.0, row.1)) >= *at));
            let mut rest = rest.map(|(index, row)| (position((index, row)), row.1));
            let mut records = Vec::new();
            for (_, row) in rest.by_ref().take(limit.max(1)) {
                match Record::from_bytes(row.record.clone()) {
                    Ok(record) if record.is_live(now) => records.push(record),
                    Err(corrupt) if self.has(Mistake::ACorruptRecordFailsLists) => {
                        return Err(StoreError::Corrupt(corrupt.into()));
                    }
                    _ => {}
                }
            }
            Ok(Page { records, next: rest.next().map(|(position, _)| Cursor(position)) })
        })
        .await?
    }

    pub(super) async fn sweep_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let _transaction = self.begin(&[Mistake::SweepTakesASnapshot]).await;
        let by_entries = self.has(Mistake::SweepAsksTheIndex);
        let expired = |tables: &Tables| -> Vec<Key> {
            let is_expired = |key: &Key| {
                let entry = tables.entries.iter().find(|entry| entry.key == *key);
                match entry {
                    Some(entry) if by_entries => entry.deadline <= now,
                    _ => Self::record_of(tables, key).is_none_or(|record| !record.is_live(now)),
                }
            };
            tables.keys(self.number).into_iter().filter(is_expired).collect()
        };
        let mut keys = self.execute(|tables| expired(tables)).await?;
        self.execute(|tables| {
            if !self.has(Mistake::SweepTakesASnapshot) {
                keys = expired(tables);
            }
            keys.iter().filter(|key| tables.remove(key).is_some()).count() as u64
        })
        .await
    }
}
