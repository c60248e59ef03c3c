//! Destroys sessions by key.

use session_core::{StoreError, Timestamp};

use crate::client::batch::Call;
use crate::client::send::{Client, Retry};
use crate::inner::Inner;
use crate::key::Key;
use crate::lua::script::DESTROY;
use crate::outcome::Outcome;

impl Inner {
    /// Destroys a session. Returns whether there was one.
    pub(crate) async fn destroy(&self, key: &Key) -> Result<bool, StoreError> {
        let cmd = self.client.version(&DESTROY).call(&[&key.name]);
        let deadline = self.client.deadline();
        let reply = self.client.run(&DESTROY, key, &cmd, Retry::Safe, deadline).await?;
        let outcome = Outcome::parse(&reply)?;
        if let Outcome::DoneStale(stale) = &outcome {
            self.remove_members(&self.client, stale, deadline).await;
        }
        Ok(!matches!(outcome, Outcome::Gone))
    }

    /// Destroys sessions, or only those that had expired at a time, and returns how many. The index memberships of the
    /// others are restored then. Fails if one cannot be destroyed, after all others are.
    pub(crate) async fn destroy_all(
        &self,
        client: &Client,
        keys: &[Key],
        expired: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        let call = |key: &Key| {
            let mut cmd = client.version(&DESTROY).call(&[&key.name]);
            if let Some(now) = expired {
                cmd.arg(now.as_millis());
            }
            Call { key: key.clone(), cmd }
        };
        let calls: Vec<_> = keys.iter().map(call).collect();
        let (mut destroyed, mut result) = (0, Ok(()));
        let (mut stale, mut lost) = (Vec::new(), Vec::new());
        for reply in client.run_all(&DESTROY, &calls).await {
            match reply.and_then(|reply| reply.as_ref().map_or(Ok(Outcome::Gone), Outcome::parse)) {
                Ok(Outcome::Gone) => {}
                Ok(Outcome::ReachTooShort(more)) => lost.push(more),
                Ok(Outcome::DoneStale(more)) => {
                    destroyed += 1;
                    stale.extend(more);
                }
                Ok(_) => destroyed += 1,
                Err(failure) => result = result.and(Err(failure)),
            }
        }
        self.remove_members(client, &stale, client.deadline()).await;
        result = result.and(self.extend_members(client, &lost, client.deadline()).await);
        result.map(|()| destroyed)
    }
}
