//! Tokens and data do not occur in logs, errors, events or `Debug`.

use std::error::Error;
use std::fmt::Debug;
use std::io;

use session::{HandleId, SessionManager, SessionRejection, Store as _, StoreError, Token};
use session_core::WriteOutcome;
use tower::Layer as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::support::{Arguments, Bag, Browser, Handler, Log, Session, Site, Verb, respond, seconds};

/// The data of every session of these tests.
const SECRET: &str = "attack at dawn";

/// All output, and the tokens that must not occur in it.
#[derive(Clone, Default)]
struct Recorder {
    shown: Log,
    tokens: Log,
}

impl Recorder {
    fn record(&self, thing: &impl Debug) {
        self.shown.push(format!("{thing:?} {thing:#?}"));
    }

    fn record_error(&self, error: &(impl Error + 'static)) {
        self.record(error);
        self.shown.push_error(error);
    }

    /// Creates a site whose log, hooks and listeners are recorded. The log is recorded until the guard is dropped.
    fn recorded_site(&self) -> (SessionManager<Bag>, Site, impl Drop + use<>) {
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
                .on_error(move |error| errors.record_error(error))
                .on_warning(move |warning| warnings.record_error(warning))
                .on_gone(move |id| gone.record(&id))
                .on_started(event())
                .on_loaded(event())
                .on_client(event())
                .on_regenerated(event())
                .on_deleted(event())
        });
        (manager, site, guard)
    }

    /// Sends one request and records the response's head as a log would print it.
    async fn visit<Args: Arguments>(&self, site: &Site, browser: &mut Browser, handler: impl Handler<Args>) {
        let reply = site.visit(browser, handler).await;
        self.record(&reply.headers);
        self.remember_tokens(browser);
    }

    fn remember_tokens(&self, browser: &Browser) {
        for (_, value) in &browser.cookies {
            self.tokens.push(value.clone());
        }
    }

    /// Returns all output; panics if it contains a token, the key derived from it or the data.
    fn checked_output(&self) -> String {
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
    let recorder = Recorder::default();
    let (_, site, _guard) = recorder.recorded_site();
    let mut browser = Browser::new();
    recorder.visit(&site, &mut browser, write).await;
    let clock = site.clock.clone();
    for _ in 0..3 {
        clock.advance(seconds(300));
        recorder.visit(&site, &mut browser, read).await;
        recorder.visit(&site, &mut browser, write).await;
        recorder.visit(&site, &mut browser, renew).await;
    }
    recorder.visit(&site, &mut browser, destroy).await;
    let mut stranger = Browser::with_cookie("__Host-session", Token::random().unwrap().expose());
    recorder.remember_tokens(&stranger);
    recorder.visit(&site, &mut stranger, read).await;
    let shown = recorder.checked_output();
    assert!(shown.contains("HandleId("), "the events were recorded");
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
    let recorder = Recorder::default();
    let (_, site, _guard) = recorder.recorded_site();
    for failure in failures {
        let mut browser = Browser::new();
        recorder.visit(&site, &mut browser, write).await;
        let known = browser.clone();
        site.clock.advance(seconds(300));
        for verb in [Verb::Load, Verb::Create, Verb::Update, Verb::Touch, Verb::Renew, Verb::Destroy] {
            site.store.fail(verb, failure);
            recorder.visit(&site, &mut Browser::new(), write).await;
            recorder.visit(&site, &mut browser, read).await;
            recorder.visit(&site, &mut browser, write).await;
            recorder.visit(&site, &mut browser, renew).await;
            site.store.recover();
        }
        site.store.fail(Verb::Destroy, failure);
        recorder.visit(&site, &mut browser, destroy).await;
        site.store.recover();
        recorder.visit(&site, &mut known.clone(), read).await;
    }
    let shown = recorder.checked_output();
    for line in ["session error", "could not be loaded", "could not be saved", "could not be destroyed"] {
        assert!(shown.contains(line), "`{line}` was to happen");
    }
}

#[tokio::test]
async fn nothing_shows_a_token_when_a_session_is_gone_kept_off_plain_http_or_left_unsaved() {
    let recorder = Recorder::default();
    let (manager, site, _guard) = recorder.recorded_site();
    let mut browser = Browser::new();
    recorder.visit(&site, &mut browser, write).await;
    let (store, late, known) = (site.store.clone(), recorder.clone(), browser.clone());
    let gone = move |session: Session| async move {
        session.data.set_visits(7u64);
        store.inner.clear().await.unwrap();
        late.record_error(&session.save().await.unwrap_err());
        late.record(&session);
    };
    recorder.visit(&site, &mut browser, gone).await;

    recorder.visit(&site, &mut Browser::at("http://example.com/"), write).await;
    let after = recorder.clone();
    recorder.visit(&site, &mut browser, write).await;
    let token = browser.cookies.last().unwrap().1.clone();
    let session = manager.get(token.as_str()).await.unwrap();
    let mut headers = http::HeaderMap::new();
    session.set_cookies(&mut headers);
    after.record(&headers);
    after.record(&session.cookie());

    let reply = respond(None, known.request(), read).await;
    recorder.record(reply.headers());
    let degraded = |recorder: Recorder| {
        move |session: Result<Session, SessionRejection>| async move {
            recorder.record_error(&session.unwrap_err());
        }
    };
    site.store.break_down(Verb::Load);
    recorder.visit(&site, &mut browser, degraded(recorder.clone())).await;
    let shown = recorder.checked_output();
    for line in ["destroyed or renewed by another request", "plain HTTP", "no session layer", "unavailable"] {
        assert!(shown.contains(line), "`{line}` was to happen");
    }
}

#[tokio::test]
async fn no_debug_output_shows_a_token_or_data() {
    let recorder = Recorder::default();
    let (manager, site, _guard) = recorder.recorded_site();
    let session = manager.create_with(Bag { name: SECRET.to_owned(), ..Bag::default() }).await.unwrap();
    let token = session.token().unwrap();
    recorder.tokens.push(token.expose().to_owned());
    session.data.set_visits(1u64);
    recorder.record(&session);
    session.renew();
    session.save().await.unwrap();
    recorder.tokens.push(session.token().unwrap().expose().to_owned());
    recorder.record(&session);
    recorder.record(&session.meta());
    recorder.record(&(&token, WriteOutcome::NewToken(token.clone())));
    recorder.record(&manager);
    recorder.record(&(&site.layer, site.layer.layer(())));
    recorder.record(&site.store.inner);
    recorder.record(&site.store.list(None, 10, site.clock.now()).await.unwrap());
    recorder.record(&site.store.take_patches());
    session.destroy();
    recorder.record(&session);
    session.save().await.unwrap();
    recorder.record(&session);
    let shown = recorder.checked_output();
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
