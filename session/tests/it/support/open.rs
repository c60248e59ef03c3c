//! A request whose handler waits for the test, so that it overlaps with others.

use std::sync::{Arc, Mutex};

use http::StatusCode;
use session::{Databag, Store};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Bag, Browser, Reply, Site, Verb};

/// A request between its load and its commit.
pub(crate) struct Open<T: Databag = Bag> {
    /// The session of its handler.
    pub(crate) session: session::Session<T>,
    status: oneshot::Sender<StatusCode>,
    reply: JoinHandle<Reply>,
}

impl<S: Store> Site<S> {
    /// Starts a request and waits until its session is loaded.
    pub(crate) async fn open(&self, browser: &Browser) -> Open {
        self.open_as(browser).await
    }

    /// The same, with a custom databag.
    pub(crate) async fn open_as<T: Databag>(&self, browser: &Browser) -> Open<T> {
        let (handler, session) = oneshot::channel();
        let (sender, status) = oneshot::channel();
        let ends = Arc::new(Mutex::new(Some((handler, status))));
        let handler = move |session: session::Session<T>| {
            let (handler, status) = ends.lock().unwrap().take().unwrap();
            handler.send(session).unwrap();
            async move { status.await.unwrap() }
        };
        let response = self.respond(browser.request(), handler);
        let reply = tokio::spawn(async { Reply::read(response.await).await });
        Open { session: session.await.unwrap(), status: sender, reply }
    }

    /// Returns two requests of one session, both loaded, neither committed.
    pub(crate) async fn open_two(&self, browser: &Browser) -> (Open, Open) {
        let two = (self.open(browser).await, self.open(browser).await);
        assert_eq!(self.calls(), [Verb::Load, Verb::Load]);
        two
    }
}

impl<T: Databag> Open<T> {
    /// Lets the handler respond, and returns the response.
    pub(crate) async fn respond(self, status: u16) -> Reply {
        self.status.send(StatusCode::from_u16(status).unwrap()).unwrap();
        self.reply.await.unwrap()
    }

    /// Drops the request before its handler responds, as a server does after the client disconnected.
    pub(crate) async fn abandon(self) {
        self.reply.abort();
        assert!(self.reply.await.unwrap_err().is_cancelled());
    }
}
