//! One server, and the connection to it that all calls share: opened on first use, and again after it broke.

use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};

use redis::{Cmd, Value};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use crate::client::connect::{Connection, Target};
use crate::client::failure::{Cause, Failure};
use crate::client::settings::Settings;

/// Maximum number of attempts to connect that a call starts, if their runtimes end before they do.
const RUNTIMES: usize = 2;

/// One server.
pub(crate) struct Node {
    target: Box<dyn Target>,
    settings: Arc<Settings>,
    state: RwLock<State>,
}

enum State {
    /// No connection was needed yet.
    Idle,
    /// One attempt, shared by all callers, after this many consecutive failures.
    Connecting { attempt: Attempt, failures: u32 },
    /// A connection, which may have been closed since.
    Open(Connection),
    /// The last attempt failed, after this many consecutive failures. The next one is not before `retry_at`.
    Down { failures: u32, retry_at: Instant, failure: Failure },
}

/// Result of an attempt to connect, once there is one.
type Attempt = watch::Receiver<Option<Result<Connection, Failure>>>;

impl State {
    /// The connection, or why there is none; `None` if an attempt to connect is needed.
    fn known(&self) -> Option<Result<Connection, Failure>> {
        match self {
            Self::Open(connection) if !connection.liveness.is_closed() => Some(Ok(connection.clone())),
            Self::Down { retry_at, failure, .. } if Instant::now() < *retry_at => Some(Err(failure.clone())),
            _ => None,
        }
    }
}

impl Node {
    pub(crate) fn new(target: impl Target + 'static, settings: &Arc<Settings>) -> Arc<Self> {
        let (target, state) = (Box::new(target), RwLock::new(State::Idle));
        Arc::new(Self { target, settings: Arc::clone(settings), state })
    }

    /// The host name of the server, if it has one that is known.
    pub(crate) fn host(&self) -> Option<&str> {
        self.target.host()
    }

    /// Sends a command and waits for its reply. With `asking`, sends `ASKING` first, so that a node that is importing
    /// the slot of the key executes the command.
    pub(crate) async fn send(
        self: &Arc<Self>,
        cmd: &Cmd,
        asking: bool,
        deadline: Instant,
    ) -> Result<Value, Failure> {
        if asking {
            let both = [redis::cmd("ASKING"), cmd.clone()];
            // Boxed, since few commands are redirected.
            let reply = Box::pin(self.send_all(&both, deadline)).await?.pop().unwrap_or(Value::Nil);
            return accept(reply);
        }
        let mut connection = self.connection(deadline).await?;
        let pending = connection.liveness.expect_reply();
        let reply = pin!(connection.multiplexed.send_packed_command(cmd));
        pending.receive(reply, deadline).await.and_then(accept)
    }

    /// Sends several commands in one pipeline, without commands of other calls in between. Error replies are returned as
    /// values.
    pub(crate) async fn send_all(
        self: &Arc<Self>,
        cmds: &[Cmd],
        deadline: Instant,
    ) -> Result<Vec<Value>, Failure> {
        if cmds.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = redis::Pipeline::with_capacity(cmds.len());
        for cmd in cmds {
            pipeline.add_command(cmd.clone());
        }
        let mut connection = self.connection(deadline).await?;
        let pending = connection.liveness.expect_reply();
        let replies = pin!(connection.multiplexed.send_packed_commands(&pipeline, 0, cmds.len()));
        pending.receive(replies, deadline).await
    }

    /// Closes the connection. The next call opens another.
    pub(crate) fn disconnect(&self) {
        if let State::Open(connection) = &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            connection.liveness.close();
        }
    }

    /// Whether there is a connection that is not known to be broken.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.known(), Some(Ok(_)))
    }

    fn known(&self) -> Option<Result<Connection, Failure>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).known()
    }

    /// The connection, opened if necessary. All callers that wait for one attempt get its result, even a connection that
    /// was closed since. So each caller waits for two attempts at most, however many callers there are.
    async fn connection(self: &Arc<Self>, deadline: Instant) -> Result<Connection, Failure> {
        for _ in 0..RUNTIMES {
            if let Some(known) = self.known() {
                return known;
            }
            let mut attempt = self.attempt();
            let late =
                |_| Failure::NotSent(Cause::new("there was no connection before the response timeout"));
            if let Ok(result) = timeout_at(deadline, attempt.wait_for(Option::is_some)).await.map_err(late)?
                && let Some(result) = &*result
            {
                return result.clone();
            }
        }
        Err(Failure::NotSent(Cause::new("the runtime was shut down while connecting")))
    }

    /// The attempt to connect that is running, or a new one.
    fn attempt(self: &Arc<Self>) -> Attempt {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = state.known() {
            return watch::channel(Some(known)).1;
        }
        let failures = match &*state {
            State::Connecting { attempt, .. } if attempt.has_changed().is_ok() => return attempt.clone(),
            State::Connecting { failures, .. } => *failures,
            State::Down { failures, .. } => failures + 1,
            State::Idle | State::Open(_) => 0,
        };
        let (done, attempt) = watch::channel(None);
        *state = State::Connecting { attempt: attempt.clone(), failures };
        // On a separate task, so that a caller that is cancelled does not cancel it for the others.
        let node = Arc::clone(self);
        tokio::spawn(async move {
            let connected = node.connect().await;
            node.record(&connected, failures);
            done.send_replace(Some(connected));
        });
        attempt
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let late = || Failure::NotSent(Cause::new("the server did not accept a connection in time"));
        let connecting = self.target.connect(&self.settings);
        timeout(self.settings.connect_timeout, connecting).await.unwrap_or_else(|_| Err(late()))
    }

    /// Records the result of an attempt for later calls.
    fn record(&self, connected: &Result<Connection, Failure>, failures: u32) {
        let retry_at = Instant::now() + self.settings.pause(failures);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = match connected {
            Ok(connection) => State::Open(connection.clone()),
            Err(failure) => State::Down { failures, retry_at, failure: failure.clone() },
        };
    }
}

/// Turns an error reply into a failure. The commands sent here never have one nested in a reply.
fn accept(reply: Value) -> Result<Value, Failure> {
    match reply {
        Value::ServerError(_) => reply.extract_error().map_err(|error| Failure::classify(&error)),
        reply => Ok(reply),
    }
}
