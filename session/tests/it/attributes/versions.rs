//! Two versions of an application that alternately serve the same sessions.

use session::{Databag, Store};

use super::{on_each_server, on_each_store};
use crate::support::{Browser, Site};

mod old {
    #[derive(session::Databag)]
    pub(super) struct Account {
        #[databag(principal)]
        user: Option<String>,
        theme: String,
        removed: Option<String>,
        former: String,
        retyped: String,
        #[databag(counter)]
        visits: u32,
        #[databag(flash)]
        notice: Option<String>,
    }
}

mod new {
    #[derive(session::Databag)]
    pub(super) struct Account {
        #[databag(principal)]
        user: Option<String>,
        theme: String,
        #[databag(default = "added")]
        added: String,
        #[databag(alias = "former")]
        name: String,
        #[databag(default = 3)]
        retyped: u64,
        #[databag(counter)]
        visits: u32,
        #[databag(ttl = "10m")]
        code: Option<String>,
    }
}

type Old = session::Session<old::Account>;
type New = session::Session<new::Account>;

impl<S: Store> Site<S> {
    /// Sends one request to the version whose databag `act` receives, and returns the response.
    async fn served<T: Databag>(
        &self,
        browser: &mut Browser,
        act: fn(&session::Session<T>) -> String,
    ) -> String {
        let handler = move |session: session::Session<T>| async move { act(&session) };
        let reply = self.visit(browser, handler).await;
        assert_eq!(reply.status, 200);
        assert!(self.errors.take().is_empty() && self.gone.take().is_empty());
        reply.body
    }
}

/// A session written by the old version.
async fn started<S: Store>(site: &Site<S>) -> Browser {
    let mut browser = Browser::new();
    let fill = |session: &Old| {
        session.data.set_user("ada");
        session.data.set_theme("dark");
        session.data.set_removed("only mine");
        session.data.set_former("lovelace");
        session.data.set_retyped("a word");
        session.data.set_visits(7);
        session.data.set_notice("saved");
        String::new()
    };
    site.served(&mut browser, fill).await;
    browser
}

fn seen_by_old(session: &Old) -> String {
    session.data.read(|_| ());
    let data = &session.data;
    let (user, removed) = (data.user().unwrap_or_default(), data.removed().unwrap_or_default());
    format!("{user}, {}, {removed}, {}, {}, {}", data.theme(), data.former(), data.retyped(), data.visits())
}

fn seen_by_new(session: &New) -> String {
    let data = &session.data;
    let (user, code) = (data.user().unwrap_or_default(), data.code().unwrap_or_default());
    let named = format!("{user}, {}, {}, {}", data.theme(), data.added(), data.name());
    format!("{named}, {}, {}, {code}", data.retyped(), data.visits())
}

#[tokio::test]
async fn a_new_version_reads_what_the_old_one_wrote_and_writes_nothing() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = started(&site).await;
        let before = site.stored(&browser).await;
        assert_eq!(site.served(&mut browser, seen_by_new).await, "ada, dark, added, lovelace, 3, 7, ");
        assert_eq!(site.warnings.take().len(), 1, "one field has another type");
        assert_eq!(site.stored(&browser).await, before);
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_either_version_writes_leaves_the_other_what_it_owns() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = started(&site).await;
        let write = |session: &New| {
            session.data.set_theme("light");
            session.data.set_added("mine");
            session.data.set_name("byron");
            session.data.set_code("274 301");
            session.data.add_visits(1).to_string()
        };
        assert_eq!(site.served(&mut browser, write).await, "8");
        let old = "ada, light, only mine, lovelace, a word, 8";
        assert_eq!(site.served(&mut browser, seen_by_old).await, old);
        let write = |session: &Old| {
            session.data.set_theme("dim");
            session.data.set_removed("still mine");
            session.data.set_retyped("another word");
            session.data.add_visits(1).to_string()
        };
        assert_eq!(site.served(&mut browser, write).await, "9");
        assert!(site.warnings.take().is_empty());
        let new = "ada, dim, mine, byron, 3, 9, 274 301";
        assert_eq!(site.served(&mut browser, seen_by_new).await, new);
        let old = "ada, dim, still mine, lovelace, another word, 9";
        assert_eq!(site.served(&mut browser, seen_by_old).await, old);
        let notice = |session: &Old| session.data.take_notice().unwrap_or_default();
        assert_eq!(site.served(&mut browser, notice).await, "saved");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_field_of_another_type_belongs_to_the_version_that_set_it_last() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = started(&site).await;
        let write = |session: &New| {
            session.data.set_retyped(70_000);
            String::new()
        };
        site.served(&mut browser, write).await;
        assert_eq!(site.served(&mut browser, seen_by_new).await, "ada, dark, added, lovelace, 70000, 7, ");
        assert!(site.warnings.take().is_empty());
        let old = "ada, dark, only mine, lovelace, , 7";
        assert_eq!(site.served(&mut browser, seen_by_old).await, old);
        assert_eq!(site.warnings.take().len(), 1);
    }
    on_each_store!(on);
}

#[tokio::test]
async fn versions_in_turn_sign_in_and_out_and_drop_what_only_the_other_knows() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = started(&site).await;
        let before = browser.clone();
        let sign_in = |session: &New| {
            session.data.set_user("eve");
            session.data.set_added("mine");
            String::new()
        };
        site.served(&mut browser, sign_in).await;
        assert_ne!(browser.token(), before.token());
        let sign_out = |session: &Old| {
            session.data.clear_user();
            String::new()
        };
        site.served(&mut browser, sign_out).await;
        assert_eq!(site.served(&mut browser, seen_by_new).await, ", , added, , 3, 0, ");
        assert_eq!(site.served(&mut browser, seen_by_old).await, ", , , , , 0");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn versions_that_overlap_on_one_session_lose_nothing_of_each_other() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = started(&site).await;
        let old = site.open_as::<old::Account>(&browser).await;
        let new = site.open_as::<new::Account>(&browser).await;
        old.session.data.set_removed("still mine");
        old.session.data.add_visits(1);
        new.session.data.set_added("mine");
        new.session.data.add_visits(1);
        new.respond(200).await;
        old.respond(200).await;
        assert_eq!(site.served(&mut browser, seen_by_new).await, "ada, dark, mine, lovelace, 3, 9, ");
        assert_eq!(
            site.served(&mut browser, seen_by_old).await,
            "ada, dark, still mine, lovelace, a word, 9"
        );
    }
    on_each_server!(on);
}
