//! Periodic removal of expired sessions.

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use session_core::{Store as _, StoreError, Timestamp};
use tokio::time::{MissedTickBehavior, interval};

use crate::store::SqlStore;

impl SqlStore {
    /// Removes expired sessions now and after each `period`, until the future is dropped.
    ///
    /// Expired sessions are never loaded, listed or counted, whether they are removed or not; without a sweep they take
    /// up space. One process may sweep or several. `on_error` is called with each failure, and the next attempt follows
    /// after the same period.
    ///
    /// ```
    /// # use session_sql::SqlStore;
    /// # use std::time::Duration;
    /// # fn start(store: &SqlStore) {
    /// tokio::spawn(store.sweep_every(Duration::from_secs(60), |error| eprintln!("no sweep: {error}")));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If `period` is zero, and outside of a tokio runtime with a timer.
    #[doc(alias = "cleanup")]
    #[doc(alias = "garbage collection")]
    #[doc(alias = "delete expired")]
    pub fn sweep_every<F>(
        &self,
        period: Duration,
        mut on_error: F,
    ) -> impl Future<Output = Infallible> + Send + use<F>
    where
        F: FnMut(StoreError) + Send,
    {
        let store = self.clone();
        async move {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                if let Err(error) = store.sweep(Timestamp::from(SystemTime::now())).await {
                    on_error(error);
                }
            }
        }
    }
}
