//! Changes and removal of the principal.

use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;
use session::{Databag, HandleId, SessionManager, Store};

use super::account::{Session, managed_with};
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Log, Site, Verb, seconds};

/// Another application's fields of the same sessions, which the requests below do not open.
#[derive(Databag)]
struct Foreign {
    post: String,
    #[databag(keep)]
    lasting: String,
    #[databag(counter, keep)]
    seen: u32,
}

type Meeting = session::Session<Foreign>;

/// Returns a session of Ada with a value in every field.
pub(super) async fn adas<S: Store>(site: &Site<S>) -> Browser {
    let fill = |session: &Session| {
        session.data.set_user("ada");
        session.data.set_theme("dark");
        session.data.set_csrf("f00");
        session.data.set_cart(["tea".to_owned()]);
        session.data.set_notice("saved");
        session.data.set_code("274 301");
        session.data.set_visits(7);
        session.data.set_step(1);
        session.data.set_device("phone");
    };
    let mut browser = site.account(fill).await;
    let foreign = |session: Meeting| async move {
        session.data.set_post("theirs");
        session.data.set_lasting("for ever");
        session.data.add_seen(3);
    };
    site.visit(&mut browser, foreign).await;
    site.calls();
    browser
}

async fn id<S: Store>(site: &Site<S>, browser: &Browser) -> HandleId {
    site.stored(browser).await.unwrap().meta().id
}

async fn lasting<S: Store>(site: &Site<S>, browser: &mut Browser) -> String {
    let show =
        |session: Meeting| async move { format!("{} {}", session.data.lasting(), session.data.seen()) };
    site.visit(browser, show).await.body
}

pub(super) const LEAVE: [fn(&Session); 6] = [
    |session| session.data.set_user("eve"),
    |session| session.data.update_user(|user| *user = Some("eve".into())),
    |session| session.data.clear_user(),
    |session| drop(session.data.take_user()),
    |session| {
        session.renew();
        session.data.set_user("eve");
    },
    Session::renew_and_clear,
];

#[tokio::test]
async fn who_comes_after_another_person_finds_nothing_but_what_is_kept_under_a_new_handle_id() {
    async fn on<S: Store>(site: Site<S>) {
        for leave in LEAVE {
            let mut browser = adas(&site).await;
            let (before, id_before) = (browser.clone(), id(&site, &browser).await);
            site.at(site.clock.now().since(site.start).as_secs() + 60);
            site.request(&mut browser, leave).await.set_cookie();
            assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
            let mut fields = site.fields(&browser).await;
            fields.retain(|name| name != "user");
            assert_eq!(fields, ["lasting", "seen", "theme"]);
            assert_eq!(lasting(&site, &mut browser).await, "for ever 3");
            let meta = site.stored(&browser).await.unwrap().meta();
            assert_ne!(meta.id, id_before);
            assert_eq!(meta.created_at, site.clock.now());
            assert_eq!(meta.lifetime_deadline, site.clock.now().after(seconds(24 * 60 * 60)));
            assert_ne!(browser.token(), before.token());
            site.calls();
        }
        assert!(site.errors.take().is_empty() && site.gone.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test]
async fn whoever_leaves_is_out_of_sight_at_once() {
    async fn on<S: Store>(site: Site<S>) {
        for leave in LEAVE {
            let mut browser = adas(&site).await;
            let look = move |session: &Session| {
                let data = &session.data;
                data.cart();
                leave(session);
                let seen = (data.cart().len(), data.csrf(), data.visits(), data.code(), data.take_notice());
                assert_eq!(seen, (0, None, 0, None, None));
                data.theme()
            };
            assert_eq!(site.request(&mut browser, look).await.body, "dark");
            site.calls();
        }
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_the_request_sets_stays_and_what_it_makes_of_old_values_does_not() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = adas(&site).await;
        let sign_in = |session: &Session| {
            session.data.set_csrf("ba2");
            session.data.update_cart(|cart| cart.push("milk".into()));
            session.data.add_visits(1);
            session.data.set_user("eve");
            session.data.set_device("desk");
            session.data.set_notice("welcome");
        };
        site.request(&mut browser, sign_in).await;
        let seen = |session: &Session| {
            let data = &session.data;
            assert_eq!(data.cart(), [""; 0]);
            assert_eq!((data.visits(), data.step(), data.code()), (0, 0, None));
            format!("{:?} {:?} {:?}", data.csrf(), data.device(), data.take_notice())
        };
        let seen = site.request(&mut browser, seen).await.body;
        assert_eq!(seen, r#"Some("ba2") Some("desk") Some("welcome")"#);
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_was_saved_for_one_person_is_not_handed_to_the_next_by_the_same_handle() {
    let (manager, site) = managed_with(|builder| builder);
    let session = manager.create().await.unwrap();
    session.data.set_user("ada");
    session.data.set_csrf("f00");
    session.save().await.unwrap();
    let ada = session.id();
    session.data.set_user("eve");
    assert_eq!(session.data.csrf(), None);
    session.save().await.unwrap();
    assert_eq!((session.data.user().as_deref(), session.data.csrf()), (Some("eve"), None));
    assert_ne!(session.id(), ada);
    let of_eve = manager.sessions_of("eve").await.unwrap();
    assert_eq!(of_eve.iter().map(|listed| Some(listed.meta.id)).collect::<Vec<_>>(), [session.id()]);
    assert!(!manager.destroy_by_id(ada.unwrap()).await.unwrap());
    assert!(manager.destroy_by_id(session.id().unwrap()).await.unwrap());
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn from_nobody_to_a_person_everything_stays_and_the_handle_id_too() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_cart(["tea".to_owned()])).await;
        let before = site.stored(&browser).await.unwrap().meta();
        site.at(1000);
        site.request(&mut browser, |session| session.data.set_user("ada")).await.set_cookie();
        let after = site.stored(&browser).await.unwrap().meta();
        assert_eq!((after.id, after.created_at), (before.id, before.created_at));
        assert_eq!(after.lifetime_deadline, before.lifetime_deadline.after(seconds(1000)));
        assert_eq!(site.fields(&browser).await, ["cart", "user"]);
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_another_request_writes_for_the_person_who_leaves_is_dropped_or_not_written() {
    async fn on<S: Store>(site: Site<S>) {
        for first in [true, false] {
            let mut browser = adas(&site).await;
            let [leaver, writer] = site.open_twice(&browser).await;
            writer.session.data.set_csrf("late");
            leaver.session.data.set_user("eve");
            let reply = if first {
                writer.respond(200).await;
                leaver.respond(200).await
            } else {
                let reply = leaver.respond(200).await;
                assert!(!writer.respond(200).await.has_set_cookie());
                assert_eq!(site.gone.take().len(), 1);
                reply
            };
            browser.take_cookies(&reply);
            assert_eq!(site.fields(&browser).await, ["lasting", "seen", "theme", "user"]);
            site.calls();
        }
    }
    on_each_server!(on);
}

#[tokio::test]
async fn who_leaves_in_a_request_answered_with_5xx_has_left_and_nobody_is_signed_in() {
    async fn on<S: Store>(site: Site<S>) {
        for leave in LEAVE {
            let mut browser = adas(&site).await;
            let (before, id_before) = (browser.clone(), id(&site, &browser).await);
            let fail = move |session: &Session| {
                session.data.set_theme("light");
                session.data.set_csrf("ba2");
                leave(session);
                StatusCode::INTERNAL_SERVER_ERROR
            };
            let reply = site.request(&mut browser, fail).await;
            assert_eq!(reply.status, 500);
            assert_ne!(reply.set_cookie().value(), before.token());
            assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
            assert_eq!(site.fields(&browser).await, ["lasting", "seen", "theme"]);
            assert_ne!(id(&site, &browser).await, id_before);
            let theme = site.request(&mut browser, |session| session.data.theme()).await.body;
            assert_eq!(theme, "dark");
            site.calls();
        }
        assert!(site.errors.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test]
async fn signing_out_counts_although_what_was_set_besides_cannot_be_stored() {
    let (_, site) = managed_with(|builder| builder.max_bytes(4096));
    let fill = |session: &Session| {
        session.data.set_user("ada");
        session.data.set_csrf("f00");
        session.data.set_theme("dark");
    };
    let mut browser = site.account(fill).await;
    let act = |session: &Session| {
        session.data.clear_user();
        session.data.set_theme("x".repeat(10_000));
    };
    let reply = site.request(&mut browser, act).await;
    assert_eq!(reply.status, 500);
    assert_eq!(site.fields(&browser).await, ["theme"]);
    assert_eq!(site.errors.take().len(), 1);
    assert_eq!(site.request(&mut browser, |session| session.data.theme()).await.body, "dark");
}

#[tokio::test]
async fn the_end_of_a_persons_session_and_the_start_of_the_next_are_told_under_their_handle_ids() {
    let log = Log::default();
    let tell = |moment: &'static str| {
        let log = log.clone();
        move |id: HandleId, data: &<super::account::Account as Databag>::Accessors| {
            log.push(format!("{moment} {} {id}", data.user().unwrap_or_default()));
        }
    };
    let (_, site) = managed_with(|builder| {
        builder.on_started(tell("started")).on_regenerated(tell("regenerated")).on_deleted(tell("deleted"))
    });
    let mut browser = site.account(|session| session.data.set_user("ada")).await;
    let ada = id(&site, &browser).await;
    site.request(&mut browser, |session| session.data.set_user("eve")).await;
    let eve = id(&site, &browser).await;
    site.request(&mut browser, |session| session.data.clear_user()).await;
    let nobody = id(&site, &browser).await;
    site.request(&mut browser, |session| session.data.set_user("ada")).await;
    assert_eq!(
        log.take(),
        [
            format!("started ada {ada}"),
            format!("deleted ada {ada}"),
            format!("started eve {eve}"),
            format!("deleted eve {eve}"),
            format!("started  {nobody}"),
            format!("regenerated ada {nobody}"),
        ]
    );
}

/// The same field as a principal of another type, so that the stored value cannot be read.
#[derive(Databag)]
struct Numbered {
    #[databag(principal, rename = "user")]
    user: Option<u8>,
    csrf: Option<String>,
}

#[tokio::test]
async fn whoever_cannot_be_read_is_another_person() {
    let site = Site::new();
    let mut browser = adas(&site).await;
    let sign_in = |session: session::Session<Numbered>| async move { session.data.set_user(1u8) };
    site.visit(&mut browser, sign_in).await.set_cookie();
    assert_eq!(site.fields(&browser).await, ["lasting", "seen", "theme", "user"]);
}

fn next_serial() -> u64 {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    SERIAL.fetch_add(1, Ordering::Relaxed)
}

#[derive(Databag)]
struct Issued {
    #[databag(principal)]
    user: Option<u64>,
    #[databag(readonly, default = next_serial())]
    serial: u64,
}

#[tokio::test]
async fn a_read_only_field_gets_a_value_for_the_next_person_which_stays() {
    let manager = SessionManager::<Issued>::new(session::MemoryStore::new());
    let session = manager.create().await.unwrap();
    session.data.set_user(1u64);
    session.save().await.unwrap();
    session.data.set_user(2u64);
    session.save().await.unwrap();
    let again = manager.get(session.token().unwrap()).await.unwrap();
    assert_eq!(again.data.serial(), session.data.serial());
    assert!(again.meta().is_some());
}
