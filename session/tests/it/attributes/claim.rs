//! Claims of flash fields.

use std::sync::Arc;

use axum::response::IntoResponse;
use http::StatusCode;
use session::{Databag, Error, Store, StoreError};
use tokio::sync::Barrier;

use super::account::{Account, Session, managed};
use super::on_each_server;
use crate::support::{Browser, Reply, Site, SpyStore, Verb, seconds};

fn set(session: &Session) {
    session.data.set_notice("274 301");
}

/// Claims the value: `nothing` if another request has it.
async fn claimed(session: &Session) -> String {
    session.data.claim_notice().await.unwrap().unwrap_or_else(|| "nothing".into())
}

async fn claim<S: Store>(site: &Site<S>, browser: &mut Browser) -> Reply {
    site.visit(browser, |session: Session| async move { claimed(&session).await }).await
}

/// Runs a test on each kind of store that supports claims.
macro_rules! on_each_store {
    ($test:ident) => {
        on_each_server!($test);
        #[cfg(feature = "cookie")]
        $test(crate::sealed::site::revocable(&Arc::default())).await;
    };
}

#[tokio::test]
async fn what_an_earlier_request_left_is_claimed_once() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        assert_eq!(claim(&site, &mut browser).await.body, "274 301");
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        assert_eq!(claim(&site, &mut browser).await.body, "nothing");
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(site.fields(&browser).await, [""; 0]);
        assert!(site.errors.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_value_leaves_the_store_with_the_claim_and_not_with_the_response() {
    let (_, site) = managed();
    let browser = site.account(set).await;
    let request = site.open_as::<Account>(&browser).await;
    assert_eq!(claimed(&request.session).await, "274 301");
    assert_eq!(site.fields(&browser).await, [""; 0]);
    site.calls();
    assert!(!request.respond(200).await.has_set_cookie());
    assert_eq!(site.calls(), [], "there is nothing left to write");
}

#[tokio::test]
async fn of_overlapping_claims_the_first_succeeds_and_the_others_show_nothing_afterwards() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let [first, second] = site.open_twice(&browser).await;
        assert_eq!(claimed(&first.session).await, "274 301");
        assert_eq!(claimed(&second.session).await, "nothing");
        assert_eq!(second.session.data.take_notice(), None);
        second.respond(200).await;
        let reply = first.respond(200).await;
        browser.take_cookies(&reply);
        assert_eq!(claim(&site, &mut browser).await.body, "nothing");
        assert!(site.errors.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_claim_at_once_one_succeeds() {
    async fn on<S: Store>(site: Site<S>) {
        let site = Arc::new(site);
        for _ in 0..10 {
            let browser = site.account(set).await;
            let start = Arc::new(Barrier::new(50));
            let mut claims = Vec::new();
            for _ in 0..50 {
                let (site, start, browser) = (Arc::clone(&site), Arc::clone(&start), browser.clone());
                claims.push(tokio::spawn(async move {
                    let handler = |session: Session| async move {
                        start.wait().await;
                        claimed(&session).await
                    };
                    let mut own = browser.clone();
                    let reply = site.visit(&mut own, handler).await;
                    (reply.body, own)
                }));
            }
            let mut winners = 0;
            for claim in claims {
                let (body, own) = claim.await.unwrap();
                winners += usize::from(body == "274 301");
                // Cookies that were sent meanwhile do not contain it either.
                let late =
                    site.visit_as(&own, |session: Session| async move { claimed(&session).await }).await;
                assert_eq!(late.body, "nothing");
            }
            assert_eq!(winners, 1);
            site.calls();
        }
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_claim_counts_although_the_response_is_5xx() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let fail = |session: Session| async move {
            let body = claimed(&session).await;
            (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
        };
        assert_eq!(site.visit(&mut browser, fail).await.body, "274 301");
        assert_eq!(claim(&site, &mut browser).await.body, "nothing");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_was_claimed_is_not_shown_again_in_the_same_request() {
    let site = Site::new();
    let mut browser = site.account(set).await;
    let handler = |session: Session| async move {
        let first = claimed(&session).await;
        let rest = (claimed(&session).await, session.data.take_notice());
        session.data.keep_notice();
        assert_eq!(rest, ("nothing".to_owned(), None));
        session.save().await.unwrap();
        assert_eq!(claimed(&session).await, "nothing");
        first
    };
    assert_eq!(site.visit(&mut browser, handler).await.body, "274 301");
    assert_eq!(site.fields(&browser).await, [""; 0]);
}

#[tokio::test]
async fn what_was_shown_or_dropped_by_this_request_cannot_be_claimed_by_it() {
    let drops: [fn(&Session); 5] = [
        |session| drop(session.data.take_notice()),
        |session| session.data.clear_notice(),
        Session::clear,
        Session::renew_and_clear,
        Session::destroy,
    ];
    for drop in drops {
        let site = Site::new();
        let mut browser = site.account(set).await;
        let handler = move |session: Session| async move {
            drop(&session);
            claimed(&session).await
        };
        assert_eq!(site.visit(&mut browser, handler).await.body, "nothing");
    }
}

#[tokio::test]
async fn what_was_shown_and_kept_can_be_claimed() {
    let site = Site::new();
    let mut browser = site.account(set).await;
    let handler = |session: Session| async move {
        session.data.take_notice();
        session.data.keep_notice();
        claimed(&session).await
    };
    assert_eq!(site.visit(&mut browser, handler).await.body, "274 301");
    assert_eq!(site.fields(&browser).await, [""; 0]);
}

#[tokio::test]
async fn what_this_request_set_stays_for_a_later_one() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let before = |session: Session| async move {
            session.data.set_notice("before");
            claimed(&session).await
        };
        assert_eq!(site.visit(&mut browser, before).await.body, "274 301");
        let after = |session: Session| async move {
            let body = claimed(&session).await;
            session.data.set_notice("after");
            body
        };
        assert_eq!(site.visit(&mut browser, after).await.body, "before");
        let saved = |session: Session| async move {
            session.data.set_notice("saved");
            session.save().await.unwrap();
            claimed(&session).await
        };
        assert_eq!(site.visit(&mut browser, saved).await.body, "nothing", "it was overwritten");
        assert_eq!(claim(&site, &mut browser).await.body, "saved");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_claim_leaves_all_else_as_it_is() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site
            .account(|session| {
                set(session);
                session.data.set_theme("dark");
                session.data.set_visits(1);
                session.data.set_user("ada");
            })
            .await;
        let handler = |session: Session| async move {
            session.data.add_visits(1);
            session.data.set_theme("light");
            session.data.update_step(|step| *step += 1);
            let body = claimed(&session).await;
            assert_eq!((session.data.visits(), session.data.theme().as_str()), (2, "light"));
            session.data.add_visits(1);
            body
        };
        assert_eq!(site.visit(&mut browser, handler).await.body, "274 301");
        let seen = site.visit_as(&browser, |session: Session| async move {
            let data = &session.data;
            format!("{} {} {} {:?}", data.visits(), data.theme(), data.step(), data.user())
        });
        assert_eq!(seen.await.body, "3 light 1 Some(\"ada\")");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn there_is_nothing_to_claim_without_a_session_or_without_a_value() {
    let site = Site::new();
    assert_eq!(claim(&site, &mut Browser::new()).await.body, "nothing");
    assert_eq!(site.calls(), []);
    let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
    assert_eq!(claim(&site, &mut browser).await.body, "nothing");
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_claim_of_a_session_that_was_ended_meanwhile_gets_nothing() {
    let (manager, site) = managed();
    let browser = site.account(set).await;
    let request = site.open_as::<Account>(&browser).await;
    manager.clear().await.unwrap();
    assert_eq!(claimed(&request.session).await, "nothing");
    assert_eq!(request.session.data.take_notice(), None);
    assert!(!request.respond(200).await.has_set_cookie());
    assert_eq!(site.gone.take().len(), 1);
}

#[tokio::test]
async fn a_claim_that_failed_can_be_tried_again() {
    let site = Site::new();
    let browser = site.account(set).await;
    let request = site.open_as::<Account>(&browser).await;
    site.store.break_down(Verb::Update);
    let failed = request.session.data.claim_notice().await;
    assert!(matches!(failed, Err(Error::Save(StoreError::Unavailable(_)))));
    assert_eq!(site.errors.take().len(), 1);
    site.store.recover();
    assert_eq!(claimed(&request.session).await, "274 301");
    request.respond(200).await;
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_hangs_fails_after_the_io_timeout() {
    let site = Site::with(|builder| builder.io_timeout(seconds(2)));
    let browser = site.account(set).await;
    let request = site.open_as::<Account>(&browser).await;
    site.store.hang(Verb::Update);
    let failed = request.session.data.claim_notice().await;
    assert!(matches!(failed, Err(Error::Save(StoreError::Timeout))));
    site.store.recover();
    request.respond(200).await;
}

#[tokio::test]
async fn a_claim_after_the_response_works_where_it_needs_no_new_token() {
    let site = Site::new();
    let browser = site.account(set).await;
    let request = site.open_as::<Account>(&browser).await;
    let session = request.session.clone();
    request.respond(200).await;
    assert_eq!(claimed(&session).await, "274 301");
    assert_eq!(site.fields(&browser).await, [""; 0]);
}

#[tokio::test]
async fn accessors_alone_can_claim() {
    let (manager, site) = managed();
    let browser = site.account(set).await;
    let session = manager.get(browser.token()).await.unwrap();
    let data = session.data.clone();
    drop(session);
    assert_eq!(data.claim_notice().await.unwrap().as_deref(), Some("274 301"));
    assert_eq!(site.fields(&browser).await, [""; 0]);
}

#[tokio::test]
async fn a_copy_cannot_claim() {
    let (manager, site) = managed();
    let browser = site.account(set).await;
    let mut copies = Vec::new();
    let copy = |_, data: &<Account as Databag>::Accessors| {
        copies.push(data.clone());
        Ok::<_, Error>(())
    };
    manager.for_each(copy).await.unwrap();
    assert!(matches!(copies[0].claim_notice().await, Err(Error::Detached)));
    assert_eq!(site.fields(&browser).await, ["notice"]);
}

#[tokio::test]
async fn a_claim_works_by_hand() {
    let (manager, site) = managed();
    let browser = site.account(set).await;
    let session = manager.get(browser.token()).await.unwrap();
    let other = manager.get(browser.token()).await.unwrap();
    assert_eq!(
        (claimed(&session).await, claimed(&other).await),
        ("274 301".to_owned(), "nothing".to_owned())
    );
    session.reload().await.unwrap();
    session.data.set_notice("again");
    session.save().await.unwrap();
    other.reload().await.unwrap();
    assert_eq!(claimed(&other).await, "again");
}

#[derive(Databag)]
struct Codes {
    #[databag(flash, ttl = "10m", secret)]
    code: Option<String>,
    #[databag(flash, alias = "old_number")]
    number: u32,
    #[databag(flash, codec = "json", default = vec!["none".to_owned()])]
    notes: Vec<String>,
}

#[derive(Databag)]
struct Older {
    #[databag(flash)]
    old_number: u32,
}

type Code = session::Session<Codes>;

#[tokio::test]
async fn an_expired_value_cannot_be_claimed() {
    for (at, got) in [(599, Some("274 301")), (600, None)] {
        let site = Site::new();
        let mut browser = Browser::new();
        site.visit(&mut browser, |session: Code| async move { session.data.set_code("274 301") }).await;
        site.at(at);
        let handler =
            |session: Code| async move { session.data.claim_code().await.unwrap().unwrap_or_default() };
        assert_eq!(site.visit(&mut browser, handler).await.body, got.unwrap_or_default());
    }
}

#[tokio::test]
async fn a_value_under_an_older_name_is_claimed_there() {
    let site = Site::new();
    let mut browser = Browser::new();
    let older = |session: session::Session<Older>| async move { session.data.set_old_number(7) };
    site.visit(&mut browser, older).await;
    let handler = |session: Code| async move { format!("{:?}", session.data.claim_number().await.unwrap()) };
    assert_eq!(site.visit(&mut browser, handler).await.body, "Some(7)");
    assert_eq!(site.visit(&mut browser, handler).await.body, "None");
    assert!(site.stored(&browser).await.unwrap().fields().is_empty());
}

#[tokio::test]
async fn a_type_with_a_default_shows_that_there_was_nothing_to_claim() {
    let site = Site::new();
    let mut browser = Browser::new();
    let set = |session: Code| async move { session.data.set_notes(["one".to_owned()]) };
    site.visit(&mut browser, set).await;
    let handler = |session: Code| async move { format!("{:?}", session.data.claim_notes().await.unwrap()) };
    assert_eq!(site.visit(&mut browser, handler).await.body, "Some([\"one\"])");
    assert_eq!(site.visit(&mut browser, handler).await.body, "None");
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_not_claimed_and_stays() {
    #[derive(Databag)]
    struct Other {
        #[databag(flash)]
        number: String,
    }
    let site = Site::new();
    let mut browser = Browser::new();
    let set = |session: session::Session<Other>| async move { session.data.set_number("seven") };
    site.visit(&mut browser, set).await;
    let handler = |session: Code| async move { format!("{:?}", session.data.claim_number().await.unwrap()) };
    assert_eq!(site.visit(&mut browser, handler).await.body, "None");
    assert_eq!(site.warnings.take().len(), 1);
    let take = |session: session::Session<Other>| async move { session.data.take_number() };
    assert_eq!(site.visit(&mut browser, take).await.body, "seven");
}

#[cfg(feature = "cookie")]
mod sealed {
    use super::*;
    use crate::sealed::site::{revocable, stateless};

    #[tokio::test]
    async fn cookies_that_nobody_remembers_refuse_claims_and_show_the_message_all_the_same() {
        let site = stateless();
        let mut browser = site.account(set).await;
        let handler = |session: Session| async move {
            let refused = session.data.claim_notice().await;
            assert!(matches!(refused, Err(Error::Unclaimable { store: "spy" })));
            session.data.take_notice().unwrap_or_default()
        };
        assert_eq!(site.visit(&mut browser, handler).await.body, "274 301");
        assert_eq!(site.errors.take().len(), 1);
    }

    #[tokio::test]
    async fn a_claim_gives_the_client_its_new_cookie() {
        let site = revocable(&Arc::default());
        let mut browser = site.account(set).await;
        claim(&site, &mut browser).await.set_cookie();
        let reply = site.request(&mut browser, |session| session.data.set_theme("dark")).await;
        reply.set_cookie();
        assert_eq!(site.fields(&browser).await, ["theme"]);
        assert!(site.gone.take().is_empty());
    }

    #[tokio::test]
    async fn a_cookie_from_before_the_claim_opens_nothing_even_within_the_overlap() {
        let site = revocable(&Arc::default());
        let mut browser = site.account(set).await;
        let before = browser.clone();
        let request = site.open_as::<Account>(&browser).await;
        request.session.data.set_theme("dark");
        claim(&site, &mut browser).await;
        let reply = request.respond(200).await;
        assert!(!reply.has_set_cookie(), "it would bring the value back");
        assert!(site.stored(&before).await.is_none());
        assert_eq!(site.gone.take().len(), 1);
    }

    #[tokio::test]
    async fn a_claim_with_an_outdated_cookie_leaves_the_session_alone() {
        let site = revocable(&Arc::default());
        let mut browser = site.account(set).await;
        let request = site.open_as::<Account>(&browser).await;
        for theme in ["dark", "light"] {
            site.request(&mut browser, move |session| session.data.set_theme(theme)).await;
        }
        assert_eq!(claimed(&request.session).await, "nothing");
        request.respond(200).await;
        assert_eq!(claim(&site, &mut browser).await.body, "274 301");
    }

    #[tokio::test]
    async fn a_claim_that_would_need_a_cookie_after_the_response_is_refused_and_claims_nothing() {
        let site = revocable(&Arc::default());
        let mut browser = site.account(set).await;
        let request = site.open_as::<Account>(&browser).await;
        let session = request.session.clone();
        request.respond(200).await;
        assert!(matches!(session.data.claim_notice().await, Err(Error::HeadersSent)));
        assert_eq!(claim(&site, &mut browser).await.body, "274 301");
    }

    #[tokio::test]
    async fn nothing_is_claimed_over_a_connection_that_cannot_carry_the_new_cookie() {
        let site = revocable(&Arc::default());
        let browser = site.account(set).await;
        let mut plain = Browser { uri: "http://example.com/".to_owned(), ..browser.clone() };
        assert_eq!(claim(&site, &mut plain).await.body, "nothing");
        assert_eq!(site.warnings.take().len(), 1);
        assert_eq!(claim(&site, &mut browser.clone()).await.body, "274 301");
    }

    #[tokio::test]
    async fn a_store_says_for_itself_whether_it_can_say_who_is_first() {
        assert!(stateless().store.capabilities().stateless);
        assert!(!revocable(&Arc::default()).store.capabilities().stateless);
        assert!(!SpyStore::<session::MemoryStore>::default().capabilities().stateless);
    }
}

#[tokio::test]
async fn a_session_that_a_claim_finds_renewed_elsewhere_is_still_signed_out_by_the_same_request() {
    async fn on<S: Store>(site: Site<S>) {
        let fill = |session: &Session| {
            session.data.set_user("ada");
            set(session);
        };
        let mut browser = site.account(fill).await;
        let leaver = site.open_as::<Account>(&browser).await;
        let mut elsewhere = browser.clone();
        site.request(&mut elsewhere, Session::renew).await.set_cookie();
        assert_eq!(claimed(&leaver.session).await, "nothing");
        leaver.session.destroy();
        let reply = leaver.respond(200).await;
        assert_eq!(reply.set_cookie().value(), "");
        browser.take_cookies(&reply);
        assert!(browser.cookies.is_empty());
        assert!(site.stored(&elsewhere).await.is_none(), "signed out in the store");
        assert!(site.errors.take().is_empty());
    }
    on_each_server!(on);
}
