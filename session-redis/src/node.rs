//! One server, and the connection to it that all calls share, made when it is first used and again whenever it breaks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use redis::aio::MultiplexedConnection;
use redis::{Cmd, PushInfo, PushKind, RedisError, Value};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use crate::failure::Failure;
use crate::settings::Settings;
use crate::target::Target;

/// One server.
pub(crate) struct Node {
    target: Target,
    settings: Arc<Settings>,
    state: RwLock<State>,
    /// Held while somebody connects.
    connecting: Arc<Mutex<()>>,
}

enum State {
    /// There was no connection yet, or there was until now.
    Idle,
    Open(Wire),
    /// Connecting failed this many times in a row; until then nobody tries again.
    Down {
        failures: u32,
        until: Instant,
        failure: Failure,
    },
}

/// A connection, and whether it is known to be of no more use.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) connection: MultiplexedConnection,
    pub(crate) closed: Arc<AtomicBool>,
    /// Tells how many calls are under way, each of which has a clone.
    pub(crate) _calls: Arc<()>,
    /// The task that reads and writes for the connection, if the connection does not end it by itself.
    pub(crate) _driver: Arc<JoinSet<()>>,
}

impl Wire {
    fn is_open(&self) -> bool {
        !self.closed.load(Ordering::Acquire)
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Gives the connection up when it did not answer.
    fn judge<T>(&self, answer: Result<Result<T, RedisError>, Elapsed>) -> Result<T, Failure> {
        let failure = match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => Failure::of(&error),
            Err(_) => Failure::Late,
        };
        if matches!(failure, Failure::Lost(_) | Failure::Late) {
            self.close();
        }
        Err(failure)
    }
}

/// Tells an answer from a refusal, which is never inside of what servers answer here.
fn accept(answer: Value) -> Result<Value, Failure> {
    match answer {
        Value::ServerError(_) => answer.extract_error().map_err(|error| Failure::of(&error)),
        answer => Ok(answer),
    }
}

/// What tells a [`Wire`] that its connection broke, so that nothing more is sent into the void.
pub(crate) fn watch(closed: Arc<AtomicBool>) -> impl Fn(PushInfo) -> Result<(), redis::aio::SendError> {
    move |push| {
        if push.kind == PushKind::Disconnection {
            closed.store(true, Ordering::Release);
        }
        Ok(())
    }
}

impl Node {
    pub(crate) fn new(target: Target, settings: &Arc<Settings>) -> Arc<Self> {
        let settings = Arc::clone(settings);
        Arc::new(Self { target, settings, state: RwLock::new(State::Idle), connecting: Arc::default() })
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
        let answer = timeout_at(until, wire.connection.send_packed_command(cmd)).await;
        wire.judge(answer).and_then(accept)
    }

    /// Sends several commands in a row, with nobody else's in between. An answer may be an error of the server's.
    pub(crate) async fn send_all(
        self: &Arc<Self>,
        cmds: &[Cmd],
        until: Instant,
    ) -> Result<Vec<Value>, Failure> {
        let mut pipeline = redis::Pipeline::with_capacity(cmds.len());
        for cmd in cmds {
            pipeline.add_command(cmd.clone());
        }
        let mut wire = self.wire(until).await?;
        let answers = timeout_at(until, wire.connection.send_packed_commands(&pipeline, 0, cmds.len())).await;
        wire.judge(answers)
    }

    /// Gives up the connection; the next call makes a new one.
    pub(crate) fn disconnect(&self) {
        if let State::Open(wire) = &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            wire.close();
        }
    }

    /// Whether there is a connection that is not known to be broken.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.open(), Ok(Some(_)))
    }

    async fn wire(self: &Arc<Self>, until: Instant) -> Result<Wire, Failure> {
        loop {
            if let Some(wire) = self.open()? {
                return Ok(wire);
            }
            if let Ok(turn) = Arc::clone(&self.connecting).try_lock_owned() {
                // On a task of its own, so that a caller who gives up does not cut it short for the others.
                let node = Arc::clone(self);
                tokio::spawn(async move {
                    if matches!(node.open(), Ok(None)) {
                        node.connect().await;
                    }
                    drop(turn);
                });
            }
            drop(timeout_at(until, self.connecting.lock()).await.map_err(|_| Failure::Late)?);
        }
    }

    /// The connection, if there is one; why there is none, if that is known.
    fn open(&self) -> Result<Option<Wire>, Failure> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Open(wire) if wire.is_open() => Ok(Some(wire.clone())),
            State::Down { until, failure, .. } if Instant::now() < *until => Err(failure.clone()),
            _ => Ok(None),
        }
    }

    async fn connect(&self) {
        let connected = self.target.connect(&self.settings).await;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let failures = if let State::Down { failures, .. } = &*state { failures + 1 } else { 0 };
        *state = match connected {
            Ok(wire) => State::Open(wire),
            Err(failure) => {
                State::Down { failures, until: Instant::now() + self.settings.pause(failures), failure }
            }
        };
    }
}
