//! The attribute `counter`.

use http::StatusCode;
use session::Store;

use super::account::{Account, Session};
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Open, Site, Verb};

fn visits(session: &Session) -> String {
    session.data.visits().to_string()
}

/// A session with a counter of seven.
async fn seven<S: Store>(site: &Site<S>) -> Browser {
    site.account(|session| session.data.set_visits(7)).await
}

#[tokio::test]
async fn what_a_hundred_overlapping_requests_add_adds_up() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let mut requests: Vec<Open<Account>> = Vec::new();
        for _ in 0..100 {
            requests.push(site.open_as(&browser).await);
        }
        for request in requests {
            assert_eq!(request.session.data.add_visits(1), 1);
            assert!(!request.respond(200).await.has_set_cookie());
        }
        assert_eq!(site.calls().iter().filter(|verb| **verb == Verb::Update).count(), 100);
        assert_eq!(site.request(&mut browser, visits).await.body, "100");
    }
    on_each_server!(on);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hundred_requests_on_many_threads_add_adds_up() {
    async fn on<S: Store>(site: Site<S>) {
        let site = std::sync::Arc::new(site);
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let start = std::sync::Arc::new(tokio::sync::Barrier::new(100));
        let visit = || {
            let (site, browser, start) = (site.clone(), browser.clone(), start.clone());
            tokio::spawn(async move {
                let handler = move |session: Session| async move {
                    start.wait().await;
                    session.data.add_visits(1);
                };
                site.visit_as(&browser, handler).await
            })
        };
        let visits_under_way: Vec<_> = (0..100).map(|_| visit()).collect();
        for visit in visits_under_way {
            assert_eq!(visit.await.unwrap().status, 200);
        }
        assert_eq!(site.request(&mut browser, visits).await.body, "100");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_request_sees_what_was_loaded_and_what_it_added() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        let add = |session: &Session| {
            assert_eq!(session.data.add_visits(2), 9);
            assert_eq!(session.data.add_visits(3), 12);
            visits(session)
        };
        assert_eq!(site.request(&mut browser, add).await.body, "12");
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        assert_eq!(site.request(&mut browser, visits).await.body, "12");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_is_subtracted_may_go_below_zero() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        let subtract = |session: &Session| session.data.add_visits(-10).to_string();
        assert_eq!(site.request(&mut browser, subtract).await.body, "-3");
        assert_eq!(site.request(&mut browser, visits).await.body, "-3");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_counter_stops_at_the_limits_of_its_type() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        for (by, limit) in [(i64::MAX, "127"), (1, "127"), (i64::MIN, "-128"), (-1, "-128")] {
            let add = move |session: &Session| session.data.add_visits(by).to_string();
            assert_eq!(site.request(&mut browser, add).await.body, limit);
            assert_eq!(site.request(&mut browser, visits).await.body, limit);
        }
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_overlapping_requests_add_stops_at_the_limit_of_the_type() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        let [one, other] = site.open_twice(&browser).await;
        assert_eq!(one.session.data.add_visits(100), 107);
        assert_eq!(other.session.data.add_visits(100), 107);
        one.respond(200).await;
        other.respond(200).await;
        assert_eq!(site.request(&mut browser, visits).await.body, "127");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_number_that_is_set_counts_whatever_was_added_before_and_is_added_to_afterwards() {
    for (setter_first, sum) in [(true, "8"), (false, "5")] {
        let site = Site::new();
        let mut browser = seven(&site).await;
        let [setter, adder] = site.open_twice(&browser).await;
        setter.session.data.set_visits(5);
        assert_eq!(adder.session.data.add_visits(3), 10);
        let (first, second) = if setter_first { (setter, adder) } else { (adder, setter) };
        first.respond(200).await;
        second.respond(200).await;
        assert_eq!(site.request(&mut browser, visits).await.body, sum);
    }
}

#[tokio::test]
async fn what_is_added_after_setting_goes_on_top() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        let act = |session: &Session| {
            session.data.add_visits(1);
            session.data.set_visits(20);
            session.data.add_visits(3).to_string()
        };
        assert_eq!(site.request(&mut browser, act).await.body, "23");
        assert_eq!(site.request(&mut browser, visits).await.body, "23");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_first_visit_counts_from_zero_in_a_session_of_its_own() {
    async fn on<S: Store>(site: Site<S>) {
        let add = |session: &Session| assert_eq!(session.data.add_visits(1), 1);
        let mut browser = site.account(|session| assert_eq!(session.data.add_visits(1), 1)).await;
        assert_eq!(site.request(&mut browser, visits).await.body, "1");
        let mut other = Browser::new();
        site.request(&mut other, add).await;
        assert_eq!(site.request(&mut other, visits).await.body, "1");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn adding_nothing_starts_no_session_and_writes_nothing() {
    async fn on<S: Store>(site: Site<S>) {
        let reply = site.request(&mut Browser::new(), |session| session.data.add_visits(0).to_string()).await;
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), []);
        let mut browser = seven(&site).await;
        let act = |session: &Session| {
            session.data.add_visits(0);
            session.data.add_visits(3);
            session.data.add_visits(-3);
            visits(session)
        };
        assert_eq!(site.request(&mut browser, act).await.body, "7");
        assert_eq!(site.calls(), [Verb::Load]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_counter_that_is_cleared_leaves_the_record() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        site.request(&mut browser, |session| session.data.clear_visits()).await;
        assert_eq!(site.fields(&browser).await, [""; 0]);
        assert_eq!(site.request(&mut browser, visits).await.body, "0");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_response_of_status_5xx_does_not_count() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        let fail = |session: &Session| {
            session.data.add_visits(1);
            StatusCode::INTERNAL_SERVER_ERROR
        };
        site.request(&mut browser, fail).await;
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(site.request(&mut browser, visits).await.body, "7");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn what_was_added_before_an_explicit_save_is_not_added_again_by_the_response() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        let handler = |session: Session| async move {
            session.data.add_visits(1);
            session.save().await.unwrap();
            session.data.add_visits(1).to_string()
        };
        assert_eq!(site.visit(&mut browser, handler).await.body, "9");
        assert_eq!(site.calls(), [Verb::Load, Verb::Update, Verb::Update]);
        assert_eq!(site.request(&mut browser, visits).await.body, "9");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_could_not_be_saved_is_added_by_the_next_save_once() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        let request = site.open_as(&browser).await;
        let session: &Session = &request.session;
        session.data.add_visits(1);
        site.store.break_down(Verb::Update);
        session.save().await.unwrap_err();
        assert_eq!(site.errors.take().len(), 1);
        site.store.recover();
        assert_eq!(session.data.add_visits(1), 9);
        request.respond(200).await;
        assert_eq!(site.request(&mut browser, visits).await.body, "9");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn what_is_added_while_signing_in_is_added_to_what_others_added() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = seven(&site).await;
        let [adder, login] = site.open_twice(&browser).await;
        adder.session.data.add_visits(1);
        login.session.data.add_visits(1);
        login.session.data.set_user("ada");
        adder.respond(200).await;
        browser.take_cookies(&login.respond(200).await);
        assert_eq!(site.calls(), [Verb::Update, Verb::Renew]);
        assert_eq!(site.request(&mut browser, visits).await.body, "9");
    }
    on_each_server!(on);
}
