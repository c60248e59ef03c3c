//! Several databags in one session.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::any;
use session::{Databag, Evict, MemoryStore, Session, SessionManager, SessionRejection};

use crate::support::{Browser, Log, Site, Verb, respond, seconds};

/// Session data of the application.
#[derive(Databag)]
struct Shopper {
    #[databag(principal)]
    user: Option<u64>,
    cart: Vec<String>,
    #[databag(keep)]
    theme: String,
    #[databag(flash)]
    notice: Option<String>,
    #[databag(counter)]
    visits: u64,
}

/// Session data of a library.
#[derive(Databag)]
#[databag(namespace = "survey")]
struct Survey {
    answers: Vec<u8>,
    #[databag(keep)]
    seen: bool,
    #[databag(flash)]
    notice: Option<String>,
    #[databag(counter)]
    visits: u64,
    #[databag(cas)]
    step: u8,
}

/// Conflicts with a field of the application.
#[derive(Databag)]
struct Clashing {
    #[databag(alias = "cart")]
    items: Vec<String>,
}

/// Another principal.
#[derive(Databag)]
#[databag(namespace = "admin")]
struct Admin {
    #[databag(principal)]
    name: Option<String>,
}

type Shop = Session<Shopper>;

async fn fill(shopper: Shop, survey: Session<Survey>) {
    shopper.data.set_user(7u64);
    shopper.data.set_cart(["pen".to_owned()]);
    shopper.data.set_theme("dark");
    survey.data.set_answers([1, 2]);
    survey.data.set_seen(true);
}

async fn filled(site: &Site) -> Browser {
    let mut browser = Browser::new();
    site.visit(&mut browser, fill).await;
    site.calls();
    browser
}

async fn fields(site: &Site, browser: &Browser) -> Vec<String> {
    let record = site.stored(browser).await.unwrap();
    record.fields().map(|(name, _)| name.to_owned()).collect()
}

#[tokio::test]
async fn a_guard_a_middleware_and_a_handler_share_one_load_one_commit_and_one_cookie() {
    async fn guard(shopper: Shop, request: Request, next: Next) -> Response {
        shopper.data.add_visits(1);
        next.run(request).await
    }
    async fn library(State(log): State<Log>, request: Request, next: Next) -> Response {
        let survey = Session::<Survey>::of_request(&request).await.unwrap();
        let response = next.run(request).await;
        survey.data.add_visits(1);
        log.push(format!("{} {}", survey.data.visits(), survey.data.answers().len()));
        response
    }
    async fn handler(shopper: Shop, survey: Session<Survey>) -> String {
        shopper.data.update_cart(|cart| cart.push("pen".into()));
        survey.data.update_answers(|answers| answers.push(3));
        shopper.data.visits().to_string()
    }
    let (site, log) = (Site::new(), Log::default());
    let router = || {
        Router::new()
            .fallback(any(handler))
            .layer(middleware::from_fn_with_state(log.clone(), library))
            .layer(middleware::from_fn(guard))
    };
    let mut browser = Browser::new();
    for visits in 1..=2 {
        let reply = site.serve(&browser, router()).await;
        assert_eq!(reply.body, visits.to_string());
        assert_eq!(log.take(), [format!("{visits} {visits}")]);
        let (calls, is_first) = (site.calls(), visits == 1);
        assert_eq!(calls, if is_first { vec![Verb::Create] } else { vec![Verb::Load, Verb::Update] });
        assert_eq!(reply.set_cookies().len(), usize::from(is_first));
        browser.take_cookies(&reply);
    }
    let stored = fields(&site, &browser).await;
    assert_eq!(stored, ["cart", "survey.answers", "survey.visits", "visits"]);
}

#[tokio::test]
async fn a_response_that_fails_saves_the_changes_of_no_databag_and_another_those_of_all() {
    let site = Site::new();
    let mut browser = filled(&site).await;
    for (status, cart, answers) in [(500, 1, 2), (200, 2, 3)] {
        let handler = move |shopper: Shop, survey: Session<Survey>| async move {
            shopper.data.update_cart(|cart| cart.push("ink".into()));
            survey.data.update_answers(|answers| answers.push(9));
            http::StatusCode::from_u16(status).unwrap()
        };
        site.visit(&mut browser, handler).await;
        let read = |shopper: Shop, survey: Session<Survey>| async move {
            format!("{} {}", shopper.data.cart().len(), survey.data.answers().len())
        };
        assert_eq!(site.visit(&mut browser, read).await.body, format!("{cart} {answers}"));
    }
}

#[tokio::test]
async fn two_databags_that_name_one_field_are_an_error_that_names_both_and_it() {
    let site = Site::new();
    let mut browser = Browser::new();
    let handler = |_: Shop, clashing: Result<Session<Clashing>, SessionRejection>| async move {
        clashing.unwrap_err().to_string()
    };
    let text = site.visit(&mut browser, handler).await.body;
    for named in ["::Shopper`", "::Clashing`", "`cart`", "namespace"] {
        assert!(text.contains(named), "{text}");
    }
    let reply = site.visit(&mut browser, |_: Shop, _: Session<Clashing>| async {}).await;
    assert_eq!(reply.status, 500);
    assert!(reply.body.contains(&text), "{}", reply.body);
    let errors = site.errors.take();
    assert!(errors.len() == 2 && errors.iter().all(|error| error.contains(&text)), "{errors:?}");
}

#[tokio::test]
async fn a_namespace_keeps_equal_names_apart() {
    let site = Site::new();
    let mut browser = Browser::new();
    let handler = |shopper: Shop, survey: Session<Survey>| async move {
        shopper.data.set_notice("shop");
        survey.data.set_notice("survey");
        shopper.data.add_visits(1);
        survey.data.add_visits(5);
    };
    site.visit(&mut browser, handler).await;
    let read = |shopper: Shop, survey: Session<Survey>| async move {
        let (notice, other) = (shopper.data.take_notice().unwrap(), survey.data.take_notice().unwrap());
        format!("{notice} {other} {} {}", shopper.data.visits(), survey.data.visits())
    };
    assert_eq!(site.visit(&mut browser, read).await.body, "shop survey 1 5");
    assert_eq!(fields(&site, &browser).await, ["survey.visits", "visits"], "each notice was shown");
}

#[tokio::test]
async fn a_session_has_one_principal_whichever_databag_names_it() {
    let site = Site::new();
    let handler = |_: Shop, _: Session<Admin>| async {};
    let reply = site.visit(&mut Browser::new(), handler).await;
    assert_eq!(reply.status, 500);
    assert!(reply.body.contains("::Shopper`") && reply.body.contains("::Admin`"), "{}", reply.body);
}

#[tokio::test]
async fn destroying_by_one_databag_ends_the_session_for_all() {
    let site = Site::new();
    let mut browser = filled(&site).await;
    let handler = |shopper: Shop, survey: Session<Survey>| async move {
        survey.destroy();
        format!("{} {}", shopper.data.cart().len(), shopper.is_valid())
    };
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(reply.body, "0 false");
    assert_eq!(reply.set_cookie().value(), "");
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn clearing_by_one_databag_keeps_what_another_declared_kept_opened_or_not() {
    for opens_both in [false, true] {
        let site = Site::new();
        let mut browser = filled(&site).await;
        let (token, id) = (browser.token().to_owned(), site.stored(&browser).await.unwrap().meta().id);
        if opens_both {
            let handler = |_: Shop, survey: Session<Survey>| async move { survey.renew_and_clear() };
            site.visit(&mut browser, handler).await;
        } else {
            site.visit(&mut browser, |survey: Session<Survey>| async move { survey.renew_and_clear() }).await;
        }
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert_eq!(fields(&site, &browser).await, ["survey.seen", "theme"]);
        assert_ne!(browser.token(), token);
        let after = site.stored(&browser).await.unwrap().meta();
        assert_ne!(after.id, id, "the principal was dropped, opened or not");
    }
}

#[tokio::test]
async fn clearing_everything_by_one_databag_drops_the_principal_of_another() {
    let site = Site::new();
    let mut browser = filled(&site).await;
    let id = site.stored(&browser).await.unwrap().meta().id;
    site.visit(&mut browser, |survey: Session<Survey>| async move { survey.clear() }).await;
    let after = site.stored(&browser).await.unwrap();
    assert_eq!(after.fields().count(), 0);
    assert_ne!(after.meta().id, id);
}

#[tokio::test]
async fn signing_out_by_a_databag_without_the_principal_survives_a_response_that_fails() {
    let site = Site::new();
    let mut browser = filled(&site).await;
    let handler = |survey: Session<Survey>| async move {
        survey.renew_and_clear();
        http::StatusCode::INTERNAL_SERVER_ERROR
    };
    site.visit(&mut browser, handler).await;
    assert_eq!(fields(&site, &browser).await, ["survey.seen", "theme"]);
}

#[tokio::test]
async fn another_user_finds_nothing_of_the_last_in_databags_that_the_request_did_not_open() {
    let site = Site::new();
    let mut browser = filled(&site).await;
    site.visit(&mut browser, |shopper: Shop| async move { shopper.data.set_user(8u64) }).await;
    assert_eq!(fields(&site, &browser).await, ["survey.seen", "theme", "user"]);
}

#[tokio::test]
async fn signing_out_while_another_request_renews_works_from_any_databag() {
    let site = Site::new();
    let browser = filled(&site).await;
    let renewing = site.open_as::<Shopper>(&browser).await;
    let leaving = site.open_as::<Survey>(&browser).await;
    renewing.session.renew();
    renewing.respond(200).await;
    leaving.session.destroy();
    leaving.respond(200).await;
    assert_eq!(site.store.len(), 0, "it is followed by its handle id");
}

#[tokio::test]
async fn a_limit_counts_whichever_databag_the_layer_was_made_for() {
    let site = Site::with(|builder| builder.max_sessions_per_principal(1, Evict::Reject));
    let sign_in = |_: Session<Survey>, shopper: Shop| async move { shopper.data.set_user(7u64) };
    assert_eq!(site.visit(&mut Browser::new(), sign_in).await.status, 200);
    assert_eq!(site.visit(&mut Browser::new(), sign_in).await.status, 409);
}

#[tokio::test]
async fn a_conflict_of_one_databag_is_tried_again_with_the_changes_of_all() {
    let site = Site::new();
    let browser = filled(&site).await;
    let one = site.open_as::<Survey>(&browser).await;
    let other = site.open_as::<Survey>(&browser).await;
    one.session.data.set_step(1u8);
    one.respond(200).await;
    let shopper = other.session.view::<Shopper>().unwrap();
    let stepped = other.session.retry(|survey| {
        shopper.data.update_cart(|cart| cart.push("ink".into()));
        survey.update_step(|step| *step += 1);
        survey.step()
    });
    assert_eq!(stepped.await.unwrap(), 2);
    assert_eq!(shopper.data.cart(), ["pen", "ink"], "the first try was dropped");
    other.respond(200).await;
}

#[tokio::test]
async fn reloading_by_one_databag_reloads_all() {
    let site = Site::new();
    let browser = filled(&site).await;
    let request = site.open_as::<Survey>(&browser).await;
    let shopper = request.session.view::<Shopper>().unwrap();
    shopper.data.set_cart(["unsaved".to_owned()]);
    let other = site.open_as::<Shopper>(&browser).await;
    other.session.data.set_cart(["saved".to_owned()]);
    other.respond(200).await;
    request.session.reload().await.unwrap();
    assert_eq!(shopper.data.cart(), ["saved"]);
    request.respond(200).await;
}

#[tokio::test]
async fn a_claim_of_one_databag_leaves_the_changes_of_another_to_the_commit() {
    let site = Site::new();
    let mut browser = Browser::new();
    let leave = |survey: Session<Survey>| async move { survey.data.set_notice("once") };
    site.visit(&mut browser, leave).await;
    site.calls();
    let handler = |shopper: Shop, survey: Session<Survey>| async move {
        shopper.data.set_cart(["pen".to_owned()]);
        survey.data.claim_notice().await.unwrap().unwrap()
    };
    assert_eq!(site.visit(&mut browser, handler).await.body, "once");
    assert_eq!(site.calls(), [Verb::Load, Verb::Update, Verb::Update]);
    assert_eq!(fields(&site, &browser).await, ["cart"]);
}

#[tokio::test]
async fn deadlines_requested_by_one_databag_are_the_sessions() {
    let site = Site::new();
    let mut browser = filled(&site).await;
    let handler = |survey: Session<Survey>| async move { survey.set_idle_timeout(seconds(60)) };
    site.visit(&mut browser, handler).await;
    let read = |shopper: Shop| async move { shopper.meta().unwrap().idle_timeout.as_secs().to_string() };
    assert_eq!(site.visit(&mut browser, read).await.body, "60");
}

#[tokio::test]
async fn a_managers_listeners_hear_of_sessions_that_a_handler_opens_with_another_databag() {
    let (log, store) = (Log::default(), MemoryStore::new());
    let started = log.clone();
    let manager = SessionManager::<Shopper>::builder(store)
        .on_started(move |_, shopper| started.push(format!("started with {} things", shopper.cart().len())))
        .build()
        .unwrap();
    let handler = |survey: Session<Survey>| async move { survey.data.set_seen(true) };
    let response = respond(Some(manager.layer()), Browser::new().request(), handler).await;
    assert_eq!(response.status(), 200);
    assert_eq!(log.take(), ["started with 0 things"]);
}

#[tokio::test]
async fn a_view_by_hand_saves_with_the_session() {
    let manager = SessionManager::<Shopper>::new(MemoryStore::new());
    let session = manager.create().await.unwrap();
    session.view::<Survey>().unwrap().data.set_answers([7]);
    session.data.set_theme("dark");
    session.save().await.unwrap();
    let found = manager.get(&session.token().unwrap()).await.unwrap();
    assert_eq!(found.view::<Survey>().unwrap().data.answers(), [7]);
    assert_eq!(found.data.theme(), "dark");
}

#[tokio::test]
async fn rolling_responses_need_no_databag() {
    let site = Site::with(|builder| builder.rolling(true).persistent(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, fill).await;
    let token = browser.token().to_owned();
    let reply = site.visit(&mut browser, || async {}).await;
    assert_eq!(reply.set_cookie().value(), token);
}
