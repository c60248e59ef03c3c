//! The attribute `cas`.

use http::StatusCode;
use session::{Error, Store};

use super::account::Session;
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Site, Verb};

fn step(session: &Session) -> String {
    session.data.step().to_string()
}

/// A session at step one.
async fn one<S: Store>(site: &Site<S>) -> Browser {
    site.account(|session| session.data.set_step(1)).await
}

#[tokio::test]
async fn of_two_overlapping_writes_one_counts_and_the_other_is_a_conflict_that_writes_nothing() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = one(&site).await;
        let [winner, loser] = site.open_twice(&browser).await;
        winner.session.data.set_step(2);
        loser.session.data.set_step(3);
        loser.session.data.set_csrf("f00");
        loser.session.data.set_theme("dark");
        assert_eq!(winner.respond(200).await.status, 200);
        assert!(site.errors.take().is_empty());
        let reply = loser.respond(200).await;
        assert_eq!(reply.status, 409);
        assert_eq!(reply.body, "");
        assert!(!reply.has_set_cookie());
        assert_eq!(
            site.errors.take(),
            [
                "field `step` was changed by another request; nothing was written, call `reload().await` and try again"
            ]
        );
        assert!(site.gone.take().is_empty());
        assert_eq!(site.calls(), [Verb::Update, Verb::Update]);
        assert_eq!(site.fields(&browser).await, ["step"]);
        assert_eq!(site.request(&mut browser, step).await.body, "2");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn of_many_overlapping_writes_exactly_one_counts() {
    async fn on<S: Store>(site: Site<S>) {
        let browser = one(&site).await;
        let mut requests = Vec::new();
        for step in 2..12 {
            let request = site.open_as(&browser).await;
            let session: &Session = &request.session;
            session.data.set_step(step);
            requests.push(request);
        }
        let mut conflicts = 0;
        for request in requests {
            conflicts += usize::from(request.respond(200).await.status == 409);
        }
        assert_eq!(conflicts, 9);
        assert_eq!(site.errors.take().len(), 9);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn of_two_first_writes_one_is_a_conflict() {
    async fn on<S: Store>(site: Site<S>) {
        let browser = site.account(|session| session.data.set_csrf("f00")).await;
        let [one, other] = site.open_twice(&browser).await;
        one.session.data.set_step(1);
        other.session.data.set_step(1);
        assert_eq!(one.respond(200).await.status, 200);
        assert_eq!(other.respond(200).await.status, 409);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn clearing_what_another_request_changed_is_a_conflict() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = one(&site).await;
        let [clearing, setting] = site.open_twice(&browser).await;
        clearing.session.data.clear_step();
        setting.session.data.set_step(2);
        assert_eq!(setting.respond(200).await.status, 200);
        assert_eq!(clearing.respond(200).await.status, 409);
        assert_eq!(site.request(&mut browser, step).await.body, "2");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_request_that_leaves_the_field_alone_conflicts_with_nobody() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = one(&site).await;
        let [reader, writer] = site.open_twice(&browser).await;
        assert_eq!(reader.session.data.step(), 1);
        reader.session.data.set_step(1);
        reader.session.data.set_csrf("f00");
        writer.session.data.set_step(2);
        assert_eq!(writer.respond(200).await.status, 200);
        assert_eq!(reader.respond(200).await.status, 200);
        assert_eq!(site.fields(&browser).await, ["csrf", "step"]);
        assert_eq!(site.request(&mut browser, step).await.body, "2");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn requests_one_after_the_other_never_conflict() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = one(&site).await;
        for step in ["2", "3", "4"] {
            let advance = |session: &Session| {
                session.data.update_step(|step| *step += 1);
                self::step(session)
            };
            let reply = site.request(&mut browser, advance).await;
            assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, step));
        }
        site.request(&mut browser, |session| session.data.clear_step()).await;
        assert_eq!(site.request(&mut browser, step).await.body, "0");
        assert!(site.errors.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test]
async fn saving_explicitly_answers_with_the_name_of_the_field_in_conflict() {
    async fn on<S: Store>(site: Site<S>) {
        let browser = one(&site).await;
        let [winner, loser] = site.open_twice(&browser).await;
        winner.session.data.set_step(2);
        winner.respond(200).await;
        loser.session.data.set_step(3);
        loser.session.data.set_csrf("f00");
        assert!(matches!(loser.session.save().await, Err(Error::Conflict { field }) if field == "step"));
        assert!(site.errors.take().is_empty());
        assert_eq!(site.fields(&browser).await, ["step"]);
        loser.session.reload().await.unwrap();
        assert_eq!(loser.session.data.step(), 2);
        assert_eq!(loser.session.data.csrf(), None);
        assert_eq!(loser.respond(200).await.status, 200);
        assert!(site.errors.take().is_empty());
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_conflict_that_nobody_resolved_fails_the_response() {
    async fn on<S: Store>(site: Site<S>) {
        let browser = one(&site).await;
        let [winner, loser] = site.open_twice(&browser).await;
        winner.session.data.set_step(2);
        winner.respond(200).await;
        loser.session.data.set_step(3);
        loser.session.save().await.unwrap_err();
        assert_eq!(loser.respond(200).await.status, 409);
        assert_eq!(site.errors.take().len(), 1);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn changes_that_are_tried_again_all_count() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = one(&site).await;
        let mut requests = Vec::new();
        for _ in 0..5 {
            requests.push(site.open_as(&browser).await);
        }
        for request in requests {
            let session: &Session = &request.session;
            let advance = |data: &<super::account::Account as session::Databag>::Accessors| {
                data.update_step(|step| {
                    *step += 1;
                    *step
                })
            };
            session.retry(advance).await.unwrap();
            assert_eq!(request.respond(200).await.status, 200);
        }
        assert!(site.errors.take().is_empty());
        assert_eq!(site.request(&mut browser, step).await.body, "6");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn trying_again_ends_when_the_session_is_gone() {
    async fn on<S: Store>(site: Site<S>) {
        let browser = one(&site).await;
        let [ending, trying] = site.open_twice(&browser).await;
        ending.session.destroy();
        ending.respond(200).await;
        let tried = trying.session.retry(|data| data.set_step(2)).await;
        assert!(matches!(tried, Err(Error::Gone)));
        assert_eq!(site.live().await, 0);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn signing_in_beside_a_conflict_neither_writes_nor_renews() {
    async fn on<S: Store>(site: Site<S>) {
        let browser = one(&site).await;
        let [winner, loser] = site.open_twice(&browser).await;
        winner.session.data.set_step(2);
        winner.respond(200).await;
        loser.session.data.set_step(3);
        loser.session.data.set_user("ada");
        let reply = loser.respond(200).await;
        assert_eq!(reply.status, 409);
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Update, Verb::Renew]);
        assert_eq!(site.fields(&browser).await, ["step"]);
        assert_eq!(site.live().await, 1);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_response_of_status_5xx_is_no_conflict() {
    async fn on<S: Store>(site: Site<S>) {
        let browser = one(&site).await;
        let [winner, failing] = site.open_twice(&browser).await;
        winner.session.data.set_step(2);
        winner.respond(200).await;
        failing.session.data.set_step(3);
        let status = StatusCode::BAD_GATEWAY;
        assert_eq!(failing.respond(status.as_u16()).await.status, status);
        assert!(site.errors.take().is_empty());
        assert_eq!(site.calls(), [Verb::Update]);
    }
    on_each_server!(on);
}
