//! Tokens and data do not occur in logs, errors, events or `Debug`.

use std::error::Error;
use std::fmt::Debug;
use std::io;

use axum::Router;
use axum::routing::any;
use session::{HandleId, SessionManager, SessionRejection, Store as _, StoreError, Token};
use session_core::WriteOutcome;
use tower::Layer as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::support::{Bag, Browser, Log, Session, Site, Verb, seconds};

/// The data of every session of these tests.
const SECRET: &str = "attack at dawn";

/// All output, and the tokens that must not occur in it.
#[derive(Clone, Default)]
struct Witness {
    shown: Log,
    tokens: Log,
}

impl Witness {
    fn sees(&self, thing: &impl Debug) {
        self.shown.push(format!("{thing:?} {thing:#?}"));
    }

    fn sees_error(&self, error: &(impl Error + 'static)) {
        self.sees(error);
        self.shown.push_error(error);
    }

    /// Creates a site whose log, hooks and listeners are recorded. The log is recorded until the guard is dropped.
    fn watch(&self) -> (SessionManager<Bag>, Site, impl Drop + use<>) {
        let log = self.shown.clone();
        let guard = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || Lines(log.clone()))
            .set_default();
        let event = || {
            let log = self.shown.clone();
            move |id: HandleId, _: &_| log.push(format!("{id} {id:?}"))
        };
        let (errors, warnings, gone) = (self.clone(), self.clone(), self.clone());
        let (manager, site) = Site::managed(|builder| {
            builder
                .on_error(move |error| errors.sees_error(error))
                .on_warning(move |warning| warnings.sees_error(warning))
                .on_gone(move |id| gone.sees(&id))
                .on_started(event())
                .on_loaded(event())
                .on_client(event())
                .on_regenerated(event())
                .on_deleted(event())
        });
        (manager, site, guard)
    }

    /// Sends one request and records the response's head as a log would print it.
    async fn visit<H: axum::handler::Handler<M, ()>, M: 'static>(
        &self,
        site: &Site,
        browser: &mut Browser,
        handler: H,
    ) {
        let reply = site.visit(browser, handler).await;
        self.sees(&reply.headers);
        self.knows(browser);
    }

    fn knows(&self, browser: &Browser) {
        for (_, value) in &browser.cookies {
            self.tokens.push(value.clone());
        }
    }

    /// Returns all output; panics if it contains a token, the key derived from it or the data.
    fn shown(&self) -> String {
        let shown = self.shown.take().join("\n");
        let tokens = self.tokens.take();
        assert!(!tokens.is_empty());
        for token in tokens {
            assert!(!shown.contains(&token), "a token is shown in:\n{shown}");
            if let Some(key) = Token::from(token).store_key() {
                assert!(!shown.contains(&key.to_string()), "a store key is shown in:\n{shown}");
            }
        }
        assert!(!shown.contains(SECRET), "data is shown in:\n{shown}");
        shown
    }
}

/// Writes log lines to a [`Log`].
struct Lines(Log);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn write(session: Session) {
    session.data.set_name(SECRET);
    session.data.update_visits(|visits| *visits += 1);
}

async fn read(session: Session) -> String {
    session.data.name()
}

async fn renew(session: Session) {
    session.renew();
}

async fn destroy(session: Session) {
    session.destroy();
}

#[tokio::test]
async fn nothing_shows_a_token_while_all_goes_well() {
    let witness = Witness::default();
    let (_, site, _guard) = witness.watch();
    let mut browser = Browser::new();
    witness.visit(&site, &mut browser, write).await;
    let clock = site.clock.clone();
    for _ in 0..3 {
        clock.advance(seconds(300));
        witness.visit(&site, &mut browser, read).await;
        witness.visit(&site, &mut browser, write).await;
        witness.visit(&site, &mut browser, renew).await;
    }
    witness.visit(&site, &mut browser, destroy).await;
    let mut stranger = Browser::with_cookie("__Host-session", Token::random().unwrap().expose());
    witness.knows(&stranger);
    witness.visit(&site, &mut stranger, read).await;
    let shown = witness.shown();
    assert!(shown.contains("HandleId("), "the listeners were heard");
    assert!(shown.contains("\"set-cookie\": Sensitive"), "the cookies were seen");
}

#[tokio::test]
async fn nothing_shows_a_token_whatever_fails() {
    type Failure = fn() -> StoreError;
    let failures: [Failure; 7] = [
        || StoreError::Unavailable("connection refused".into()),
        || StoreError::Timeout,
        || StoreError::Corrupt("unexpected end".into()),
        || StoreError::TooLarge { actual: 2, limit: 1 },
        || StoreError::Random("no entropy".into()),
        || StoreError::NoFreeToken,
        || StoreError::Unsupported("anything"),
    ];
    let witness = Witness::default();
    let (_, site, _guard) = witness.watch();
    for failure in failures {
        let mut browser = Browser::new();
        witness.visit(&site, &mut browser, write).await;
        let known = browser.clone();
        site.clock.advance(seconds(300));
        for verb in [Verb::Load, Verb::Create, Verb::Update, Verb::Touch, Verb::Renew, Verb::Destroy] {
            site.store.fail(verb, failure);
            witness.visit(&site, &mut Browser::new(), write).await;
            witness.visit(&site, &mut browser, read).await;
            witness.visit(&site, &mut browser, write).await;
            witness.visit(&site, &mut browser, renew).await;
            site.store.recover();
        }
        site.store.fail(Verb::Destroy, failure);
        witness.visit(&site, &mut browser, destroy).await;
        site.store.recover();
        witness.visit(&site, &mut known.clone(), read).await;
    }
    let shown = witness.shown();
    for line in ["session error", "could not be loaded", "could not be saved", "could not be destroyed"] {
        assert!(shown.contains(line), "`{line}` was to happen");
    }
}

#[tokio::test]
async fn nothing_shows_a_token_when_a_session_is_gone_kept_off_plain_http_or_left_unsaved() {
    let witness = Witness::default();
    let (manager, site, _guard) = witness.watch();
    let mut browser = Browser::new();
    witness.visit(&site, &mut browser, write).await;
    let (store, late, known) = (site.store.clone(), witness.clone(), browser.clone());
    let gone = move |session: Session| async move {
        session.data.set_visits(7u64);
        store.inner.clear().await.unwrap();
        late.sees_error(&session.save().await.unwrap_err());
        late.sees(&session);
    };
    witness.visit(&site, &mut browser, gone).await;

    witness.visit(&site, &mut Browser::at("http://example.com/"), write).await;
    let after = witness.clone();
    witness.visit(&site, &mut browser, write).await;
    let token = browser.cookies.last().unwrap().1.clone();
    let session = manager.get(token.as_str()).await.unwrap();
    let mut headers = http::HeaderMap::new();
    session.set_cookies(&mut headers);
    after.sees(&headers);
    after.sees(&session.cookie());

    let without_layer = Router::new().fallback(any(read));
    let reply = tower::ServiceExt::oneshot(without_layer, known.request()).await.unwrap();
    witness.sees(reply.headers());
    let degraded = |witness: Witness| {
        move |session: Result<Session, SessionRejection>| async move {
            witness.sees_error(&session.unwrap_err());
        }
    };
    site.store.break_down(Verb::Load);
    witness.visit(&site, &mut browser, degraded(witness.clone())).await;
    let shown = witness.shown();
    for line in ["destroyed or renewed by another request", "plain HTTP", "no session layer", "unavailable"] {
        assert!(shown.contains(line), "`{line}` was to happen");
    }
}

#[tokio::test]
async fn no_debug_output_shows_a_token_or_data() {
    let witness = Witness::default();
    let (manager, site, _guard) = witness.watch();
    let session = manager.create_with(Bag { name: SECRET.to_owned(), ..Bag::default() }).await.unwrap();
    let token = session.token().unwrap();
    witness.tokens.push(token.expose().to_owned());
    session.data.set_visits(1u64);
    witness.sees(&session);
    session.renew();
    session.save().await.unwrap();
    witness.tokens.push(session.token().unwrap().expose().to_owned());
    witness.sees(&session);
    witness.sees(&session.meta());
    witness.sees(&(&token, WriteOutcome::NewToken(token.clone())));
    witness.sees(&manager);
    witness.sees(&(&site.layer, site.layer.layer(())));
    witness.sees(&site.store.inner);
    witness.sees(&site.store.list(None, 10, site.clock.now()).await.unwrap());
    witness.sees(&site.store.take_patches());
    session.destroy();
    witness.sees(&session);
    session.save().await.unwrap();
    witness.sees(&session);
    let shown = witness.shown();
    assert!(
        shown.contains("Token(***)") && shown.contains("Session {") && shown.contains("SessionManager {")
    );
}

#[tokio::test]
async fn the_cookie_value_is_marked_as_sensitive_for_whoever_logs_headers() {
    let site = Site::new();
    let mut browser = Browser::new();
    let reply = site.visit(&mut browser, write).await;
    assert!(reply.headers["set-cookie"].is_sensitive());
    let header = Site::with(|builder| builder.header("x-session"));
    let reply = header.visit(&mut Browser::new(), write).await;
    assert!(reply.headers["x-session"].is_sensitive());
    assert!(!reply.has_set_cookie());
}
