//! A client that goes away leaves the whole write of its request or nothing of it.

mod await_points;
mod connection;
mod store;

use axum::body::Body;
use axum::response::Response;
use futures_util::stream;
use session::{Databag, SessionManager};

use crate::support::{Browser, SpyStore, Verb};
use store::SteppedStore;

type Session = session::Session<Account>;
type Site = crate::support::Site<SteppedStore>;

#[derive(Databag)]
struct Account {
    #[databag(principal)]
    user: Option<String>,
    #[databag(keep)]
    name: String,
    a: u32,
    b: u32,
}

/// A write, and all sessions before and after it: `own` is the one that the client's cookie opens.
struct Write {
    verb: Verb,
    act: fn(&Session),
    before: &'static [&'static str],
    after: &'static [&'static str],
}

const WRITES: [Write; 6] = [
    Write {
        verb: Verb::Create,
        act: |session| {
            session.data.set_name("ada");
            session.data.set_a(1u32);
        },
        before: &[],
        after: &["nobody: ada 1 0"],
    },
    Write {
        verb: Verb::Update,
        act: |session| {
            session.data.set_a(1u32);
            session.data.set_b(1u32);
        },
        before: &["own nobody: ada 0 0"],
        after: &["own nobody: ada 1 1"],
    },
    Write {
        verb: Verb::Renew,
        act: |session| {
            session.renew();
            session.data.set_a(1u32);
        },
        before: &["own nobody: ada 0 0"],
        after: &["nobody: ada 1 0"],
    },
    Write { verb: Verb::Renew, act: sign_in, before: &["own nobody: ada 0 0"], after: &["user 7: ada 1 0"] },
    Write {
        verb: Verb::Renew,
        act: |session| session.data.clear_user(),
        before: &["own user 7: ada 1 0"],
        after: &["nobody: ada 0 0"],
    },
    Write { verb: Verb::Destroy, act: Session::destroy, before: &["own nobody: ada 0 0"], after: &[] },
];

fn sign_in(session: &Session) {
    session.data.set_user("user 7");
    session.data.set_a(1u32);
}

impl Write {
    /// Creates a site in the state before the write, and the client.
    async fn site(&self) -> (Site, Browser) {
        let site = Site::on(SpyStore::over(SteppedStore::default()), session::Builder::plain_http);
        let mut browser = Browser::new();
        if !self.before.is_empty() {
            site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
        }
        if self.before == ["own user 7: ada 1 0"] {
            site.visit(&mut browser, |session: Session| async move { sign_in(&session) }).await;
        }
        assert_eq!(sessions(&site, &browser).await, self.before);
        site.calls();
        (site, browser)
    }
}

/// Returns a line for each session of a site.
async fn sessions(site: &Site, browser: &Browser) -> Vec<String> {
    let manager = SessionManager::<Account>::builder(site.store.clone()).clock(&site.clock).build().unwrap();
    let mut own = None;
    if let [(_, token)] = &browser.cookies[..] {
        own = manager.find(token.as_str()).await.unwrap().and_then(|session| session.id());
    }
    let mut lines = Vec::new();
    let line = |meta: session::Meta, data: &<Account as Databag>::Accessors| {
        let own = if own == Some(meta.id) { "own " } else { "" };
        let user = data.user().unwrap_or_else(|| "nobody".to_owned());
        lines.push(format!("{own}{user}: {} {} {}", data.name(), data.a(), data.b()));
        Ok::<_, session::Error>(())
    };
    manager.for_each(line).await.unwrap();
    lines
}

/// The handler that writes in its response, by `save`, or by `save` while its body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Response,
    Save,
    Body,
}

impl When {
    async fn handle(self, session: Session, act: fn(&Session)) -> Response {
        let write = async move {
            act(&session);
            if self != Self::Response {
                session.save().await.unwrap();
            }
            Ok::<_, std::convert::Infallible>("written")
        };
        if self == Self::Body {
            return Response::new(Body::from_stream(stream::once(write)));
        }
        let Ok(body) = write.await;
        Response::new(Body::from(body))
    }
}
