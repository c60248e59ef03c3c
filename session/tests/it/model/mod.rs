//! Model-based test: random concurrent requests of several browsers, compared with a simple model.

mod principals;
mod script;
mod world;

use std::collections::BTreeMap;

use proptest::prelude::*;
use session::{Databag, Error, Session, Store as _};

use self::script::{Act, Line};
use self::world::{Due, Handle, Lost, World};
use crate::support::{Browser, Open, Site, seconds};

/// The data of a session.
#[derive(Databag)]
struct Bag {
    a: u32,
    b: u32,
    #[databag(entries)]
    shelf: BTreeMap<String, u32>,
}

const BROWSERS: usize = 3;
/// The maximum number of requests in flight.
const OPEN: usize = 5;

/// The library and the model.
struct Run {
    site: Site,
    world: World,
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
            site: Site::with(|builder| builder.lifetime(seconds(world::LIFETIME))),
            world: World::default(),
            browsers: vec![Browser::new(); BROWSERS],
            open: Vec::new(),
            sent: BTreeMap::new(),
            gone: 0,
        }
    }

    async fn play(&mut self, line: Line) {
        match line {
            Line::Start { browser } => self.start(Some(browser), self.browsers[browser].clone()).await,
            Line::Replay { token } if !self.sent.is_empty() => {
                let value = self.sent.values().nth(token % self.sent.len()).unwrap();
                self.start(None, Browser::with_cookie("__Host-session", value)).await;
            }
            Line::In { request, act } if !self.open.is_empty() => {
                let nth = request % self.open.len();
                let Request { real, model, .. } = &mut self.open[nth];
                perform(act, &real.session, model, &mut self.world).await;
            }
            Line::Answer { request, status } if !self.open.is_empty() => {
                let request = self.open.remove(request % self.open.len());
                self.answer(request, status).await;
            }
            Line::Advance { seconds: by } => {
                self.site.clock.advance(seconds(by));
                self.world.now += by;
            }
            Line::Replay { .. } | Line::In { .. } | Line::Answer { .. } => {}
        }
        self.compare().await;
    }

    async fn start(&mut self, owner: Option<usize>, browser: Browser) {
        if self.open.len() < OPEN {
            let token = browser.cookies.first().map(|(_, value)| self.number(value));
            let model = self.world.load(token);
            self.open.push(Request { browser: owner, real: self.site.open_as(&browser).await, model });
        }
    }

    /// The model's number for a token.
    fn number(&self, value: &str) -> usize {
        *self.sent.iter().find(|(_, sent)| *sent == value).expect("only tokens that were sent come back").0
    }

    async fn answer(&mut self, Request { browser, real, mut model }: Request, status: u16) {
        let lost = self.world.commit(&mut model, status >= 500);
        assert!(lost.is_ok() || model.due == Due::Nothing);
        let reply = real.answer(status).await;
        assert_eq!(reply.status, status);
        match model.due {
            Due::Nothing => assert!(!reply.has_set_cookie(), "no Set-Cookie is due"),
            Due::Deletion => assert_eq!(reply.set_cookie().value(), ""),
            Due::Token(number) => {
                let value = reply.set_cookie().value().to_owned();
                assert!(self.world.find(number).is_some(), "a token is sent for a session that is gone");
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
            let expected = self.world.find(*number).map(|kept| (kept.fields, kept.deadline()));
            assert_eq!(stored, expected, "what token {number} opens");
        }
        assert_eq!(store.count(now).await.unwrap(), self.world.len() as u64, "live sessions");
        self.gone += self.site.gone.take().len();
        assert_eq!(self.gone, self.world.gone, "sessions found gone");
        assert_eq!(self.site.errors.take(), [""; 0]);
    }
}

/// Executes the same action in a handler and in its model.
async fn perform(act: Act, session: &Session<Bag>, model: &mut Handle, world: &mut World) {
    model.perform(act);
    match act {
        Act::Read => {
            let seen = session.data.read(|bag| (bag.a, bag.b, bag.shelf.get("x").copied()));
            let [a, b, x, y] = model.view;
            assert_eq!(seen, (a.unwrap_or_default(), b.unwrap_or_default(), x), "what the handler sees");
            assert_eq!(session.data.shelf_entry("y"), y);
        }
        Act::SetA(value) => session.data.set_a(value),
        Act::SetB(value) => session.data.set_b(value),
        Act::ClearA => session.data.clear_a(),
        Act::InsertX(value) => session.data.insert_shelf("x", value),
        Act::InsertY(value) => session.data.insert_shelf("y", value),
        Act::RemoveX => drop(session.data.remove_shelf("x")),
        Act::ClearShelf => session.data.clear_shelf(),
        Act::Clear => session.clear(),
        Act::Renew => session.renew(),
        Act::RenewAndClear => session.renew_and_clear(),
        Act::Destroy => session.destroy(),
        Act::Save => {
            let trivial = model.is_gone_and_as_loaded();
            let lost = world.commit(model, false);
            match session.save().await {
                // Values written to a lost session and set back may or may not count as lost.
                Ok(()) | Err(Error::Gone) if trivial => {}
                Ok(()) => assert_eq!(lost, Ok(()), "a save that went nowhere"),
                Err(Error::Gone) => assert_eq!(lost, Err(Lost), "a save that had nothing to lose"),
                Err(other) => panic!("{other}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_requests_do_in_whatever_order_nothing_is_lost_revived_or_handed_to_the_wrong_client(
        script in script::script()
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::new();
            for line in script.0 {
                run.play(line).await;
            }
            while !run.open.is_empty() {
                run.play(Line::Answer { request: 0, status: 200 }).await;
            }
        });
    }
}
