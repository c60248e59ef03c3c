//! Refuses sessions that are too large for a message.

use session_core::StoreError;
use sqlx::Row as _;

use super::MySql;
use super::retry::Failure;
use super::script::Script;
use super::transaction::{Transaction, rows};
use crate::error::Damage;

/// Length up to which any server accepts a message: the default of `max_allowed_packet` is larger.
const ACCEPTED: usize = 1 << 20;

impl MySql {
    /// Checks that the server accepts a script, which takes a message more if it is long. The server would close the
    /// connection, and the client would often lose its error and take the outcome for unknown.
    pub(super) async fn check_length(
        &self,
        transaction: &mut Transaction,
        script: &Script<'_>,
    ) -> Result<(), Failure> {
        if script.len() <= ACCEPTED {
            return Ok(());
        }
        let mut question = Script::new(&self.names);
        let answer = question.max_allowed_packet();
        let replies = transaction.run(question).await.map_err(|error| Failure::failed(&error))?;
        let row = rows(&replies, answer).next().ok_or(Damage::Column)?;
        let max: u64 = row.try_get(0).map_err(|error| Failure::failed(&error))?;
        // A message is shorter than this value, and has a byte before the script.
        let max = usize::try_from(max).unwrap_or(usize::MAX).saturating_sub(2);
        if script.len() <= max {
            return Ok(());
        }
        // Each byte of the record is two digits.
        let excess = (script.len() - max).div_ceil(2);
        let actual = script.record_length();
        Err(StoreError::TooLarge { actual, limit: actual.saturating_sub(excess) }.into())
    }
}
