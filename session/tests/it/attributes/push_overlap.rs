//! Flash messages pushed concurrently, or while other requests take them.

use std::sync::Arc;

use session::Store;
use tokio::sync::Barrier;

use super::on_each_server;
use super::push::{Inbox, Session, shown, take, waiting};
use crate::support::{Site, Verb};

#[tokio::test]
async fn overlapping_requests_lose_none_of_what_they_push() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let (first, second) = (site.open_as::<Inbox>(&browser).await, site.open_as::<Inbox>(&browser).await);
        first.session.data.push_notices("two");
        second.session.data.push_notices("three");
        site.calls();
        assert_eq!(first.respond(200).await.status, 200);
        assert_eq!(site.calls(), [Verb::Update]);
        assert_eq!(second.respond(200).await.status, 200);
        assert_eq!(site.calls(), [Verb::Update, Verb::Load, Verb::Update]);
        assert!(site.errors.take().is_empty());
        assert_eq!(shown(&site, &mut browser).await, "one two three");
    }
    on_each_server!(on);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_requests_that_push_at_once_none_is_lost() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let (site, start) = (Arc::new(site), Arc::new(Barrier::new(10)));
        let pushes: Vec<_> = (0..10)
            .map(|_| {
                let (site, start, browser) = (Arc::clone(&site), Arc::clone(&start), browser.clone());
                tokio::spawn(async move {
                    let push = |session: Session| async move {
                        start.wait().await;
                        session.data.push_notices("more");
                    };
                    site.visit_as(&browser, push).await.status
                })
            })
            .collect();
        for push in pushes {
            assert_eq!(push.await.unwrap(), 200);
        }
        assert_eq!(shown(&site, &mut browser).await, format!("one{}", " more".repeat(10)));
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_pushed_while_another_request_takes_those_that_wait_stays() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let (taker, pusher) = (site.open_as::<Inbox>(&browser).await, site.open_as::<Inbox>(&browser).await);
        assert_eq!(take(&taker.session), "one");
        pusher.session.data.push_notices("two");
        taker.respond(200).await;
        assert_eq!(pusher.respond(200).await.status, 200);
        assert_eq!(shown(&site, &mut browser).await, "two");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn what_another_request_claimed_does_not_come_back_with_a_push() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let (claimer, pusher) =
            (site.open_as::<Inbox>(&browser).await, site.open_as::<Inbox>(&browser).await);
        pusher.session.data.push_notices("two");
        assert_eq!(claimer.session.data.claim_notices().await.unwrap().unwrap(), ["one"]);
        assert_eq!(pusher.respond(200).await.status, 200);
        claimer.respond(200).await;
        assert_eq!(shown(&site, &mut browser).await, "two");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn what_a_request_claims_itself_does_not_come_back_with_its_push() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let around = |session: Session| async move {
            session.data.push_notices("two");
            session.data.claim_notices().await.unwrap().unwrap().join(" ")
        };
        assert_eq!(site.visit(&mut browser, around).await.body, "one");
        assert_eq!(shown(&site, &mut browser).await, "two");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_handle_that_pushes_and_saves_again_and_again_repeats_nothing_that_was_shown() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let socket = site.open_as::<Inbox>(&browser).await;
        socket.session.data.push_notices("two");
        socket.session.save().await.unwrap();
        socket.session.data.push_notices("three");
        socket.session.save().await.unwrap();
        assert_eq!(shown(&site, &mut browser).await, "one two three");
        socket.session.data.push_notices("four");
        socket.session.save().await.unwrap();
        assert_eq!(shown(&site, &mut browser).await, "four");
        socket.session.data.set_notices(["five".to_owned()]);
        socket.session.save().await.unwrap();
        assert_eq!(shown(&site, &mut browser).await, "five");
        socket.session.data.push_notices("six");
        socket.session.save().await.unwrap();
        assert_eq!(shown(&site, &mut browser).await, "six");
        assert_eq!(socket.respond(200).await.status, 200);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_conflict_of_another_field_is_one_still() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let (first, second) = (site.open_as::<Inbox>(&browser).await, site.open_as::<Inbox>(&browser).await);
        for (request, message) in [(&first, "two"), (&second, "three")] {
            request.session.data.push_notices(message);
            request.session.data.set_step(1);
        }
        assert_eq!(first.respond(200).await.status, 200);
        assert_eq!(second.respond(200).await.status, 409);
        assert_eq!(site.errors.take().len(), 1);
        assert_eq!(shown(&site, &mut browser).await, "one two");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_pushed_to_a_session_that_was_ended_meanwhile_is_lost_with_it() {
    async fn on<S: Store>(site: Site<S>) {
        let browser = waiting(&site).await;
        let (first, second) = (site.open_as::<Inbox>(&browser).await, site.open_as::<Inbox>(&browser).await);
        first.session.data.push_notices("two");
        second.session.destroy();
        second.respond(200).await;
        assert!(!first.respond(200).await.has_set_cookie());
        assert_eq!(site.gone.take().len(), 1);
        assert!(site.stored(&browser).await.is_none());
    }
    on_each_server!(on);
}
