//! The content of the panel, sent whenever it changes (server-sent events).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{Stream, unfold};
use maud::Markup;
use session::{Clock, Session, SessionRejection, Store as _, Token, Touch};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::panel;
use crate::site::Site;
use crate::visitor::Visitor;

/// The number of requests that the panel shows.
const REQUESTS: usize = 3;
/// How often the store is asked without an occasion: other processes may write to it too.
const PERIOD: Duration = Duration::from_secs(1);
/// How long a browser without a session stays connected: it may get a cookie from another process.
const PERIOD_WITHOUT_SESSION: Duration = Duration::from_secs(5);
/// How long a browser whose stream ended waits before it connects again, with the cookie that it has by then.
const RETRY: Duration = Duration::from_millis(400);

/// What the browser presented when it connected.
enum Presented {
    Session(Token),
    /// A cookie that opens no session.
    Cookie,
    Nothing,
    /// Unknown: the store did not respond.
    Unknown,
}

struct Feed {
    site: Site,
    presented: Presented,
    answered: watch::Receiver<u64>,
    /// What the panel shows.
    shown: String,
    is_over: bool,
}

pub(crate) async fn stream(
    session: Result<Session<Visitor>, SessionRejection>,
    headers: HeaderMap,
    State(site): State<Site>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let presented = match session {
        Err(_) => Presented::Unknown,
        Ok(session) => {
            session.set_touch(Touch::Never); // to watch a session is not to use it
            match session.token() {
                Some(token) => Presented::Session(token),
                None if has_cookie(&headers) => Presented::Cookie,
                None => Presented::Nothing,
            }
        }
    };
    let answered = site.activity.subscribe();
    let feed = Feed { site, presented, answered, shown: String::new(), is_over: false };
    Sse::new(unfold(feed, next)).keep_alive(KeepAlive::default())
}

fn has_cookie(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.any(|line| line.split("; ").any(|cookie| cookie.starts_with("session=")))
}

/// Waits until the panel is to show something else. Ends the stream when the browser may have another cookie by then.
async fn next(mut feed: Feed) -> Option<(Result<Event, Infallible>, Feed)> {
    while !feed.is_over {
        let content = feed.content().await?.into_string();
        if content != feed.shown {
            let event = Event::default().event("session").retry(RETRY).data(&content);
            feed.shown = content;
            return Some((Ok(event), feed));
        }
        feed.wait().await;
    }
    None
}

impl Feed {
    /// Returns the content of the panel; `None` if the token opens no session any more.
    async fn content(&self) -> Option<Markup> {
        let token = match &self.presented {
            Presented::Session(token) => token,
            Presented::Cookie => return Some(panel::ended()),
            Presented::Nothing => return Some(panel::no_session()),
            Presented::Unknown => return Some(panel::unavailable()),
        };
        match self.site.store.load(token, Clock::system().now()).await {
            Ok(Some(record)) => {
                let requests = self.site.activity.of(record.meta().id, REQUESTS);
                Some(panel::session(token, &record, &requests, &self.site))
            }
            Ok(None) => None,
            Err(_) => Some(panel::unavailable()),
        }
    }

    async fn wait(&mut self) {
        let has_session = matches!(self.presented, Presented::Session(_));
        let period = if has_session { PERIOD } else { PERIOD_WITHOUT_SESSION };
        let is_answered = timeout(period, self.answered.changed()).await.is_ok();
        self.is_over = !has_session || is_answered && self.site.is_in_cookies();
    }
}
