//! Events, errors, logs and `Debug` contain neither user agents nor addresses.

use session::{ClientChange, RequestInfo};

use super::{AGENT, OTHER_AGENT, Session, client, listening, signed_in, user};
use crate::support::{Browser, Capture, Log, Site};

fn assert_secret(text: &str) {
    for value in [AGENT, OTHER_AGENT, "203.0.113", "198.51.100"] {
        assert!(!text.contains(value), "{value} in {text}");
    }
}

#[tokio::test]
async fn nothing_shows_the_client_that_is_remembered_or_the_one_that_presents() {
    let log = Capture::start();
    let events = Log::default();
    let listen = events.clone();
    let site = Site::with(|builder| {
        listening(builder, ClientChange::End, &Log::default())
            .on_event(move |event| listen.push(format!("{event:?}")))
    });
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let shown = |session: Session| async move { format!("{session:?} {:?}", session.data) };
    assert_secret(&site.visit_as(&browser, shown).await.body);
    let other = client(&browser, OTHER_AGENT, "198.51.100.1");
    let shown = |session: Session| async move { format!("{session:?} {:?}", session.data) };
    assert_secret(&site.visit_as(&other, shown).await.body);
    site.visit_as(&other, user).await;
    let (events, lines) = (events.take(), log.lines());
    assert!(events.iter().any(|event| event.starts_with("ClientChanged")), "{events:?}");
    for text in events.iter().chain(&lines).chain(&site.errors.take()).chain(&site.warnings.take()) {
        assert_secret(text);
    }
}

#[test]
fn what_is_known_of_a_request_is_shown_without_the_client() {
    let (headers, uri) = (client(&Browser::new(), AGENT, "203.0.113.7").headers, http::Uri::default());
    let info = RequestInfo::new(&headers, &uri).with_client("203.0.113.7".parse().unwrap());
    assert_secret(&format!("{info:?}"));
}
