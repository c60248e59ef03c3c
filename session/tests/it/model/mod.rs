//! Model-based test: random concurrent requests of several browsers, compared with a simple model.

mod principals;
mod reference_store;
mod script;

use std::collections::BTreeMap;

use proptest::prelude::*;
use session::{Databag, Error, Session, Store as _};

use self::reference_store::{ExpectedCookie, Handle, ReferenceStore, SessionGone};
use self::script::{Action, Step};
use crate::support::{Browser, Open, Site, seconds};

/// The data of a session.
#[derive(Databag)]
struct Bag {
    a: u32,
    b: u32,
    #[databag(entries)]
    shelf: BTreeMap<String, u32>,
}

/// Returns the number of random scripts: that of the environment variable of proptest, or this one.
fn cases(default: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default)
}

const BROWSERS: usize = 3;
/// The maximum number of requests in flight.
const OPEN: usize = 5;

/// The library and the model.
struct Run {
    site: Site,
    reference: ReferenceStore,
    browsers: Vec<Browser>,
    open: Vec<Request>,
    /// The tokens that were sent, by their numbers in the model.
    sent: BTreeMap<usize, String>,
    gone: usize,
}

struct Request {
    /// The browser of the request; `None` for a replayed token.
    browser: Option<usize>,
    real: Open<Bag>,
    model: Handle,
}

impl Run {
    fn new() -> Self {
        Self {
            site: Site::with(|builder| builder.lifetime(seconds(reference_store::LIFETIME))),
            reference: ReferenceStore::default(),
            browsers: vec![Browser::new(); BROWSERS],
            open: Vec::new(),
            sent: BTreeMap::new(),
            gone: 0,
        }
    }

    async fn execute(&mut self, step: Step) {
        match step {
            Step::Start { browser } => self.start(Some(browser), self.browsers[browser].clone()).await,
            Step::Replay { token } if !self.sent.is_empty() => {
                let value = self.sent.values().nth(token % self.sent.len()).unwrap();
                self.start(None, Browser::with_cookie("__Host-session", value)).await;
            }
            Step::Act { request, action } if !self.open.is_empty() => {
                let nth = request % self.open.len();
                let Request { real, model, .. } = &mut self.open[nth];
                perform(action, &real.session, model, &mut self.reference).await;
            }
            Step::Respond { request, status } if !self.open.is_empty() => {
                let request = self.open.remove(request % self.open.len());
                self.respond(request, status).await;
            }
            Step::Advance { seconds: by } => {
                self.site.clock.advance(seconds(by));
                self.reference.now += by;
            }
            Step::Replay { .. } | Step::Act { .. } | Step::Respond { .. } => {}
        }
        self.compare().await;
    }

    async fn start(&mut self, owner: Option<usize>, browser: Browser) {
        if self.open.len() < OPEN {
            let token = browser.cookies.first().map(|(_, value)| self.number(value));
            let model = self.reference.load(token);
            self.open.push(Request { browser: owner, real: self.site.open_as(&browser).await, model });
        }
    }

    /// The model's number for a token.
    fn number(&self, value: &str) -> usize {
        *self.sent.iter().find(|(_, sent)| *sent == value).expect("only tokens that were sent come back").0
    }

    async fn respond(&mut self, Request { browser, real, mut model }: Request, status: u16) {
        let lost = self.reference.commit(&mut model, status >= 500);
        assert!(lost.is_ok() || model.cookie == ExpectedCookie::None);
        let reply = real.respond(status).await;
        assert_eq!(reply.status, status);
        match model.cookie {
            ExpectedCookie::None => assert!(!reply.has_set_cookie(), "no Set-Cookie is due"),
            ExpectedCookie::Deletion => assert_eq!(reply.set_cookie().value(), ""),
            ExpectedCookie::Token(number) => {
                let value = reply.set_cookie().value().to_owned();
                assert!(self.reference.find(number).is_some(), "a token is sent for a session that is gone");
                assert!(!self.sent.values().any(|sent| *sent == value), "a token is sent twice");
                self.sent.insert(number, value);
            }
        }
        if let Some(browser) = browser {
            self.browsers[browser].take_cookies(&reply);
        }
    }

    /// Compares the store and the calls of the hooks with the model.
    async fn compare(&mut self) {
        let (store, now) = (&self.site.store.inner, self.site.clock.now());
        for (number, value) in &self.sent {
            let record = store.load(&value.as_str().into(), now).await.unwrap();
            let stored = record.map(|record| {
                // A number below 251 takes one byte after the codec's tag.
                let field = |name| record.get(name).map(|bytes| u32::from(bytes[1]));
                let fields = ["a", "b", "shelf\u{1f}\"x\"", "shelf\u{1f}\"y\""].map(field);
                (fields, record.meta().deadline().since(crate::support::T0).as_secs())
            });
            let expected = self.reference.find(*number).map(|stored| (stored.fields, stored.deadline()));
            assert_eq!(stored, expected, "what token {number} opens");
        }
        assert_eq!(store.count(now).await.unwrap(), self.reference.len() as u64, "live sessions");
        self.gone += self.site.gone.take().len();
        assert_eq!(self.gone, self.reference.gone, "sessions found gone");
        assert_eq!(self.site.errors.take(), [""; 0]);
    }
}

/// Executes the same action in a handler and in its model.
async fn perform(action: Action, session: &Session<Bag>, model: &mut Handle, reference: &mut ReferenceStore) {
    model.perform(action);
    match action {
        Action::Read => {
            let seen = session.data.read(|bag| (bag.a, bag.b, bag.shelf.get("x").copied()));
            let [a, b, x, y] = model.view;
            assert_eq!(seen, (a.unwrap_or_default(), b.unwrap_or_default(), x), "what the handler sees");
            assert_eq!(session.data.shelf_entry("y"), y);
        }
        Action::SetA(value) => session.data.set_a(value),
        Action::SetB(value) => session.data.set_b(value),
        Action::ClearA => session.data.clear_a(),
        Action::InsertX(value) => session.data.insert_shelf("x", value),
        Action::InsertY(value) => session.data.insert_shelf("y", value),
        Action::RemoveX => drop(session.data.remove_shelf("x")),
        Action::ClearShelf => session.data.clear_shelf(),
        Action::Clear => session.clear(),
        Action::Renew => session.renew(),
        Action::RenewAndClear => session.renew_and_clear(),
        Action::Destroy => session.destroy(),
        Action::Save => {
            let trivial = model.is_gone_and_as_loaded();
            let lost = reference.commit(model, false);
            match session.save().await {
                // Values written to a lost session and set back may or may not count as lost.
                Ok(()) | Err(Error::Gone) if trivial => {}
                Ok(()) => assert_eq!(lost, Ok(()), "a save that went nowhere"),
                Err(Error::Gone) => assert_eq!(lost, Err(SessionGone), "a save that had nothing to lose"),
                Err(other) => panic!("{other}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(400), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_requests_do_in_whatever_order_nothing_is_lost_revived_or_handed_to_the_wrong_client(
        script in script::script()
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::new();
            for step in script.0 {
                run.execute(step).await;
            }
            while !run.open.is_empty() {
                run.execute(Step::Respond { request: 0, status: 200 }).await;
            }
        });
    }
}
