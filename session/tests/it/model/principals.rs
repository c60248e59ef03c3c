//! Model-based test of principals: data stored for one user of a browser is never shown to the next one.

use std::collections::BTreeMap;

use proptest::prelude::*;
use session::{Databag, Error, HandleId, Session, SessionManager, Token};

use crate::support::{Browser, Open, Site, seconds};

const BROWSERS: usize = 2;
/// The maximum number of requests in flight.
const OPEN: usize = 4;

/// Each value in a list is written once in a run.
#[derive(Databag)]
struct Shop {
    #[databag(principal)]
    user: Option<String>,
    items: Vec<u32>,
    #[databag(ttl = "10m")]
    codes: Vec<u32>,
    #[databag(keep)]
    themes: Vec<u32>,
}

/// Another application's fields of the same sessions.
#[derive(Databag)]
struct Forum {
    posts: Vec<u32>,
    #[databag(keep)]
    fonts: Vec<u32>,
}

/// All fields that are not `keep`, of both.
#[derive(Databag)]
struct Whole {
    user: Option<String>,
    items: Vec<u32>,
    codes: Vec<u32>,
    posts: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Start {
        browser: usize,
    },
    Act {
        request: usize,
        action: Action,
    },
    Respond {
        request: usize,
        status: u16,
    },
    /// A whole request of the other application.
    OtherApplication {
        browser: usize,
        status: u16,
    },
    Advance {
        seconds: u64,
    },
}

#[derive(Clone, Copy, Debug)]
enum Action {
    SignIn(&'static str),
    SignOut,
    SetItems,
    UpdateItems,
    UpdateCodes,
    UpdateThemes,
    Clear,
    Renew,
    RenewAndClear,
    Destroy,
    Save,
}

fn script() -> impl Strategy<Value = Vec<Step>> {
    let status = || prop_oneof![3 => Just(200), 1 => Just(500)];
    let step = prop_oneof![
        5 => (0..BROWSERS).prop_map(|browser| Step::Start { browser }),
        12 => (0..OPEN, action()).prop_map(|(request, action)| Step::Act { request, action }),
        5 => (0..OPEN, status()).prop_map(|(request, status)| Step::Respond { request, status }),
        2 => (0..BROWSERS, status()).prop_map(|(browser, status)| Step::OtherApplication { browser, status }),
        1 => prop_oneof![Just(300), Just(900)].prop_map(|seconds| Step::Advance { seconds }),
    ];
    proptest::collection::vec(step, 1..60)
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => prop_oneof![Just("ada"), Just("eve")].prop_map(Action::SignIn),
        2 => Just(Action::SignOut),
        2 => Just(Action::SetItems),
        4 => Just(Action::UpdateItems),
        2 => Just(Action::UpdateCodes),
        1 => Just(Action::UpdateThemes),
        1 => Just(Action::Clear),
        1 => Just(Action::Renew),
        1 => Just(Action::RenewAndClear),
        1 => Just(Action::Destroy),
        2 => Just(Action::Save),
    ]
}

struct Request {
    browser: usize,
    real: Open<Shop>,
    /// The number of values when it was loaded.
    since: u32,
}

struct Run {
    site: Site,
    whole: SessionManager<Whole>,
    browsers: Vec<Browser>,
    open: Vec<Request>,
    /// The number of values so far.
    values: u32,
    /// The user for whom each value was stored, and the number of values at that time.
    stored_for: BTreeMap<u32, (String, u32)>,
    /// The user of each handle id.
    user_of: BTreeMap<HandleId, String>,
}

impl Run {
    fn new() -> Self {
        let site = Site::new();
        let whole = SessionManager::builder(site.store.clone()).clock(&site.clock).build().unwrap();
        let browsers = vec![Browser::new(); BROWSERS];
        let (open, stored_for, user_of) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { site, whole, browsers, open, values: 0, stored_for, user_of }
    }

    async fn execute(&mut self, step: Step) {
        match step {
            Step::Start { browser } if self.open.len() < OPEN => {
                let real = self.site.open_as(&self.browsers[browser]).await;
                let since = self.value();
                self.open.push(Request { browser, real, since });
            }
            Step::Act { request, action } if !self.open.is_empty() => {
                let nth = request % self.open.len();
                let session = self.open[nth].real.session.clone();
                self.perform(action, &session).await;
            }
            Step::Respond { request, status } if !self.open.is_empty() => {
                let Request { browser, real, .. } = self.open.remove(request % self.open.len());
                let reply = real.respond(status).await;
                assert_eq!(reply.status, status);
                self.browsers[browser].take_cookies(&reply);
            }
            Step::OtherApplication { browser, status } => {
                let request = self.site.open_as::<Forum>(&self.browsers[browser]).await;
                let (post, font) = (self.value(), self.value());
                request.session.data.update_posts(|posts| posts.push(post));
                request.session.data.update_fonts(|fonts| fonts.push(font));
                let reply = request.respond(status).await;
                self.browsers[browser].take_cookies(&reply);
            }
            Step::Advance { seconds: by } => self.site.clock.advance(seconds(by)),
            Step::Start { .. } | Step::Act { .. } | Step::Respond { .. } => {}
        }
        self.inspect().await;
    }

    fn value(&mut self) -> u32 {
        self.values += 1;
        self.values
    }

    async fn perform(&mut self, action: Action, session: &Session<Shop>) {
        let (data, value) = (&session.data, self.value());
        match action {
            Action::SignIn(name) => data.set_user(name),
            Action::SignOut => data.clear_user(),
            Action::SetItems => data.set_items([value]),
            Action::UpdateItems => data.update_items(|items| items.push(value)),
            Action::UpdateCodes => data.update_codes(|codes| codes.push(value)),
            Action::UpdateThemes => data.update_themes(|themes| themes.push(value)),
            Action::Clear => session.clear(),
            Action::Renew => session.renew(),
            Action::RenewAndClear => session.renew_and_clear(),
            Action::Destroy => session.destroy(),
            Action::Save => match session.save().await {
                Ok(()) | Err(Error::Gone) => {}
                Err(other) => panic!("{other}"),
            },
        }
    }

    /// Checks the session of every browser, and the data that every handler reads.
    async fn inspect(&mut self) {
        let sent = self.browsers.iter().flat_map(|browser| &browser.cookies);
        let saved = self.open.iter().filter_map(|request| request.real.session.token());
        let tokens = sent.map(|(_, value)| Token::from(value.as_str())).chain(saved).collect::<Vec<_>>();
        for token in tokens {
            let session = match self.whole.get(token).await {
                Ok(session) => session,
                Err(Error::NotFound) => continue,
                Err(other) => panic!("{other}"),
            };
            let id = session.id().unwrap();
            let (user, values) = session.data.read(|bag| {
                (bag.user.clone(), [&bag.items, &bag.codes, &bag.posts].map(Vec::clone).concat())
            });
            if let Some(user) = &user {
                self.user_of.entry(id).or_insert_with(|| user.clone());
                for value in &values {
                    self.stored_for.entry(*value).or_insert_with(|| (user.clone(), self.values));
                }
            }
            assert!(self.user_of.get(&id).is_none_or(|had| Some(had) == user.as_ref()), "{id} changed hands");
            self.check(user.as_ref(), &values, u32::MAX);
        }
        for Request { real, since, .. } in &self.open {
            let data = &real.session.data;
            self.check(data.user().as_ref(), &[data.items(), data.codes()].concat(), *since);
        }
        assert_eq!(self.site.errors.take(), [""; 0]);
    }

    /// Data that was anonymous when a request loaded it may be read by that request until its end.
    fn check(&self, user: Option<&String>, values: &[u32], loaded: u32) {
        for value in values {
            let Some((owner, since)) = self.stored_for.get(value) else { continue };
            let is_shown = Some(owner) != user && *since < loaded;
            assert!(!is_shown, "value {value}, stored for {owner}, is shown to {user:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: super::cases(300), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_stored_for_one_person_is_never_shown_to_another_nor_to_nobody(script in script()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::new();
            for step in script {
                run.execute(step).await;
            }
            while !run.open.is_empty() {
                run.execute(Step::Respond { request: 0, status: 200 }).await;
            }
        });
    }
}
