//! The application without a framework, and a running server of it.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use axum::body::Bytes;
use futures_util::{Stream, stream};
use session::{Databag, MemoryStore, SessionManager};
use tokio::runtime::Runtime;

use crate::support::{Server, Visitor};

#[derive(Databag)]
pub(super) struct Account {
    #[databag(principal)]
    user: Option<String>,
    #[databag(counter)]
    visits: u64,
}

pub(super) type Session = session::Session<Account>;

/// The handlers of all frameworks:
///
/// | route | handler |
/// |---|---|
/// | `GET /` | `visit` |
/// | `GET /untouched` | none that uses the session |
/// | `GET /failed` | `visit`, in a response of status 500 |
/// | `POST /sign-in`, `POST /sign-out` | `sign_in`, `Session::destroy` |
/// | `POST /everybody-out` | `sign_everybody_out` |
/// | `GET /stream` | `visit_in_body`, as the body |
/// | `GET /task` | `hand_over` |
#[derive(Clone)]
pub(super) struct Handlers {
    pub(super) sessions: SessionManager<Account>,
    task: mpsc::Sender<Session>,
}

pub(super) fn visit(session: &Session) -> String {
    let user = session.data.user().unwrap_or_else(|| "a guest".to_owned());
    format!("visit {} of {user}", session.data.add_visits(1))
}

pub(super) fn sign_in(session: &Session) {
    session.data.set_user("ada");
}

/// Counts and saves a visit when the body is read, after the head of the response was sent.
pub(super) fn visit_in_body(session: Session) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::once(async move {
        let visit = visit(&session);
        Ok(match session.save().await {
            Ok(()) => visit.into(),
            Err(error) => error.to_string().into(),
        })
    })
}

impl Handlers {
    /// Ends all sessions, that of the request too, which then counts a visit.
    pub(super) async fn sign_everybody_out(&self, session: &Session) -> String {
        self.sessions.clear().await.unwrap();
        visit(session)
    }

    /// Hands the session to the test, as to a task that outlives the request.
    pub(super) fn hand_over(&self, session: Session) {
        self.task.send(session).unwrap();
    }
}

/// A server, and what it keeps.
pub(super) struct Site {
    pub(super) server: Server,
    pub(super) store: Arc<MemoryStore>,
    handed_over: mpsc::Receiver<Session>,
    loaded: Arc<AtomicUsize>,
    runtime: Runtime,
}

impl Site {
    /// Starts the application of a framework.
    pub(super) fn on<Started: Future<Output = SocketAddr>>(start: fn(Handlers) -> Started) -> Self {
        let (store, loaded) = (Arc::new(MemoryStore::new()), Arc::new(AtomicUsize::new(0)));
        let loads = Arc::clone(&loaded);
        let sessions = SessionManager::builder(Arc::clone(&store))
            .plain_http()
            .strict(true)
            .on_loaded(move |_, _| {
                loads.fetch_add(1, Ordering::Relaxed);
            })
            .build()
            .unwrap();
        let (task, handed_over) = mpsc::channel();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let address = runtime.block_on(start(Handlers { sessions, task }));
        Self { server: Server::at(address), store, handed_over, loaded, runtime }
    }

    pub(super) fn visitor(&self) -> Visitor<'_> {
        self.server.visitor()
    }

    /// Returns the session that the last request handed over.
    pub(super) fn handed_over(&self) -> Session {
        self.handed_over.recv().unwrap()
    }

    pub(super) fn save(&self, session: &Session) {
        self.runtime.block_on(session.save()).unwrap();
    }

    /// How often a session was loaded.
    pub(super) fn loaded(&self) -> usize {
        self.loaded.load(Ordering::Relaxed)
    }
}
