//! The commands.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::SystemTime;

use session::store::{DynStore, Page};
use session::{HandleId, Record, Timestamp};

use crate::arguments::{Arguments, Command};
use crate::condition::Condition;
use crate::failure::Failure;
use crate::output::Output;
use crate::store;

/// The number of sessions that are read at once.
const PAGE: usize = 256;

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let store = store::open(&arguments.store).await?;
    let sessions = Sessions { store: &*store, now: SystemTime::now().into() };
    let output = Output { json: arguments.json };
    match arguments.command {
        Command::List { condition, limit } => sessions.list(condition.as_ref(), limit, &output).await,
        Command::Show { id } => {
            output.details(&sessions.find(id).await?.ok_or(NO_SESSION)?);
            Ok(())
        }
        Command::End { id } => {
            if !store.destroy_by_id(id, None, sessions.now).await? {
                return Err(NO_SESSION.into());
            }
            output.number("ended", 1);
            Ok(())
        }
        Command::EndAll { condition, .. } => {
            let ended = match condition {
                Some(condition) => sessions.end_all(&condition).await?,
                None => store.clear().await?,
            };
            output.number("ended", ended);
            Ok(())
        }
        Command::Count => {
            output.number("live", store.count(sessions.now).await?);
            Ok(())
        }
        Command::Sweep => {
            output.number("removed", store.sweep(sessions.now).await?);
            Ok(())
        }
    }
}

const NO_SESSION: &str = "there is no live session of this handle id";

/// The sessions of a store.
struct Sessions<'a> {
    store: &'a dyn DynStore,
    now: Timestamp,
}

impl Sessions<'_> {
    async fn list(
        &self,
        condition: Option<&Condition>,
        limit: usize,
        output: &Output,
    ) -> Result<(), Failure> {
        let mut left = limit;
        self.each(|record| {
            if left == 0 {
                return ControlFlow::Break(());
            }
            if condition.is_none_or(|condition| condition.held_by(record).is_some()) {
                left -= 1;
                output.line(record);
            }
            ControlFlow::Continue(())
        })
        .await
    }

    async fn find(&self, id: HandleId) -> Result<Option<Record>, Failure> {
        let mut found = None;
        self.each(|record| {
            if record.meta().id != id {
                return ControlFlow::Continue(());
            }
            found = Some(record.clone());
            ControlFlow::Break(())
        })
        .await?;
        Ok(found)
    }

    /// Ends the sessions that meet a condition, by their stored values: a store does not know which value is meant by a
    /// text.
    async fn end_all(&self, condition: &Condition) -> Result<u64, Failure> {
        let mut values = BTreeSet::new();
        self.each(|record| {
            values.extend(condition.held_by(record).map(<[u8]>::to_vec));
            ControlFlow::Continue(())
        })
        .await?;
        let mut ended = 0;
        for value in values {
            ended += self.store.destroy_by(&condition.field, &value, None, self.now).await?.len() as u64;
        }
        Ok(ended)
    }

    /// Calls `visit` with each live session once, until it breaks off.
    async fn each(&self, mut visit: impl FnMut(&Record) -> ControlFlow<()>) -> Result<(), Failure> {
        let (mut seen, mut after) = (BTreeSet::new(), None);
        loop {
            let Page { records, next } = self.store.list(after.as_ref(), PAGE, self.now).await?;
            for record in records {
                if seen.insert(record.meta().id) && visit(&record).is_break() {
                    return Ok(());
                }
            }
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}
