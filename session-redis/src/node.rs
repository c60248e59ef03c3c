//! One server, and the connection to it that all calls share: made on first use, and again when it broke.

use std::sync::{Arc, PoisonError, RwLock};

use redis::aio::MultiplexedConnection;
use redis::{Cmd, Value};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::failure::{Cause, Failure};
use crate::pulse::Pulse;
use crate::settings::Settings;
use crate::target::Target;

/// How often a caller begins to connect whose attempt ended with the runtime it ran on.
const RUNTIMES: usize = 2;

/// One server.
pub(crate) struct Node {
    target: Target,
    settings: Arc<Settings>,
    state: RwLock<State>,
}

enum State {
    /// There was no connection yet.
    Idle,
    /// One attempt for all callers, after this many in a row that failed.
    Connecting { attempt: Attempt, failures: u32 },
    /// A connection, which may be closed by now.
    Open(Wire),
    /// Connecting failed this many times in a row; until then it is not tried again.
    Down { failures: u32, until: Instant, failure: Failure },
}

/// What becomes of an attempt to connect.
type Attempt = watch::Receiver<Option<Result<Wire, Failure>>>;

/// A connection.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) connection: MultiplexedConnection,
    pub(crate) pulse: Arc<Pulse>,
    /// Tells how many calls are under way, each of which has a clone.
    pub(crate) _calls: Arc<()>,
    /// The tasks that read, write and watch for the connection.
    pub(crate) driver: Arc<JoinSet<()>>,
}

impl Wire {
    /// Runs a task for as long as the connection is used, which nobody does yet.
    pub(crate) fn attach(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(driver) = Arc::get_mut(&mut self.driver) {
            driver.spawn(task);
        }
    }
}

impl State {
    /// The connection, or why there is none; `None` when that is not known.
    fn known(&self) -> Option<Result<Wire, Failure>> {
        match self {
            Self::Open(wire) if !wire.pulse.is_closed() => Some(Ok(wire.clone())),
            Self::Down { until, failure, .. } if Instant::now() < *until => Some(Err(failure.clone())),
            _ => None,
        }
    }
}

/// Tells an answer from a refusal, which is never inside of what servers answer here.
fn accept(answer: Value) -> Result<Value, Failure> {
    match answer {
        Value::ServerError(_) => answer.extract_error().map_err(|error| Failure::of(&error)),
        answer => Ok(answer),
    }
}

impl Node {
    pub(crate) fn new(target: Target, settings: &Arc<Settings>) -> Arc<Self> {
        Arc::new(Self { target, settings: Arc::clone(settings), state: RwLock::new(State::Idle) })
    }

    /// The host by which the server is reached, if it is reached by one.
    pub(crate) fn host(&self) -> Option<&str> {
        self.target.host()
    }

    /// Sends a command and waits for its answer. `asking` tells a server that is about to take over a slot that
    /// it is meant.
    pub(crate) async fn send(
        self: &Arc<Self>,
        cmd: &Cmd,
        asking: bool,
        until: Instant,
    ) -> Result<Value, Failure> {
        if asking {
            let both = [redis::cmd("ASKING"), cmd.clone()];
            let answer = self.send_all(&both, until).await?.pop().unwrap_or(Value::Nil);
            return accept(answer);
        }
        let mut wire = self.wire(until).await?;
        let due = wire.pulse.expect_answer();
        let answer = timeout_at(until, wire.connection.send_packed_command(cmd)).await;
        due.judge(answer).and_then(accept)
    }

    /// Sends several commands in a row, with nobody else's in between. An answer may be an error of the server's.
    pub(crate) async fn send_all(
        self: &Arc<Self>,
        cmds: &[Cmd],
        until: Instant,
    ) -> Result<Vec<Value>, Failure> {
        if cmds.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = redis::Pipeline::with_capacity(cmds.len());
        for cmd in cmds {
            pipeline.add_command(cmd.clone());
        }
        let mut wire = self.wire(until).await?;
        let due = wire.pulse.expect_answer();
        let answers = timeout_at(until, wire.connection.send_packed_commands(&pipeline, 0, cmds.len())).await;
        due.judge(answers)
    }

    /// Gives up the connection; the next call makes a new one.
    pub(crate) fn disconnect(&self) {
        if let State::Open(wire) = &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            wire.pulse.close();
        }
    }

    /// Whether there is a connection that is not known to be broken.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.known(), Some(Ok(_)))
    }

    fn known(&self) -> Option<Result<Wire, Failure>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).known()
    }

    /// The connection. All who wait for one attempt to connect get what became of it, also when that is a connection
    /// which was closed since: so each caller waits for two attempts at most, however many callers there are.
    async fn wire(self: &Arc<Self>, until: Instant) -> Result<Wire, Failure> {
        for _ in 0..RUNTIMES {
            if let Some(known) = self.known() {
                return known;
            }
            let mut attempt = self.attempt();
            let late = |_| Failure::Unsent(Cause::new("there was no connection in time"));
            if let Ok(result) = timeout_at(until, attempt.wait_for(Option::is_some)).await.map_err(late)?
                && let Some(result) = &*result
            {
                return result.clone();
            }
        }
        Err(Failure::Unsent(Cause::new("the runtime ended while connecting")))
    }

    /// The attempt that is under way, or a new one.
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
        // On a task of its own, so that a caller who gives up does not cut it short for the others.
        let node = Arc::clone(self);
        tokio::spawn(async move {
            let connected = node.target.connect(&node.settings).await;
            node.settle(&connected, failures);
            done.send_replace(Some(connected));
        });
        attempt
    }

    fn settle(&self, connected: &Result<Wire, Failure>, failures: u32) {
        let until = Instant::now() + self.settings.pause(failures);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = match connected {
            Ok(wire) => State::Open(wire.clone()),
            Err(failure) => State::Down { failures, until, failure: failure.clone() },
        };
    }
}
