//! `ClientChange::RequireFresh`.

use std::time::Duration;

use session::ClientChange;

use super::{AGENT, OTHER_AGENT, Session, client, signed_in, site};

const WITHIN: Duration = Duration::from_secs(300);

async fn fresh(session: Session) -> String {
    let user = session.data.user().unwrap_or_else(|| "nobody".to_owned());
    format!("{user} {} {}", session.is_fresh(WITHIN), session.authenticated_at().is_some())
}

#[tokio::test]
async fn another_client_has_to_authenticate_and_the_one_that_signed_in_need_not() {
    let (site, events) = site(ClientChange::RequireFresh);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    events.take();
    assert_eq!(
        site.visit_as(&client(&browser, OTHER_AGENT, "203.0.113.7"), fresh).await.body,
        "ada false false"
    );
    assert_eq!(events.take(), ["other agent"]);
    assert_eq!(site.visit_as(&client(&browser, AGENT, "198.51.100.1"), fresh).await.body, "ada false false");
    assert_eq!(events.take(), ["other network"]);
    assert_eq!(site.visit_as(&browser, fresh).await.body, "ada true true");
    assert!(events.take().is_empty());
}

#[tokio::test]
async fn the_password_makes_it_fresh_in_the_same_request_and_in_later_ones() {
    let (site, events) = site(ClientChange::RequireFresh);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "198.51.100.1");
    let password = |session: Session| async move {
        assert!(!session.is_fresh(WITHIN));
        session.authenticated();
        let before = fresh(session.clone()).await;
        session.save().await.unwrap();
        format!("{before}, {}", fresh(session).await)
    };
    assert_eq!(site.visit(&mut other, password).await.body, "ada true true, ada true true");
    events.take();
    assert_eq!(site.visit(&mut other, fresh).await.body, "ada true true");
    assert!(events.take().is_empty());
}

#[tokio::test]
async fn a_user_who_signs_in_over_it_is_fresh() {
    let (site, _) = site(ClientChange::RequireFresh);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "198.51.100.1");
    let eve = |session: Session| async move {
        session.data.set_user("eve");
        let before = fresh(session.clone()).await;
        session.save().await.unwrap();
        format!("{before}, {}", fresh(session).await)
    };
    assert_eq!(site.visit(&mut other, eve).await.body, "eve true true, eve true true");
}

#[tokio::test]
async fn what_was_set_without_a_proof_of_identity_is_saved_and_leaves_it_as_it_was() {
    let (site, _) = site(ClientChange::RequireFresh);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "203.0.113.7");
    let theme = |session: Session| async move {
        session.data.set_theme("light");
        session.save().await.unwrap();
        format!("{} {}", fresh(session.clone()).await, session.data.theme())
    };
    assert_eq!(site.visit(&mut other, theme).await.body, "ada false false light");
    assert_eq!(site.visit(&mut other, fresh).await.body, "ada false false");
}
