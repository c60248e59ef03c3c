//! `ClientChange::Report`: detection of another client.

use session::{ClientChange, Databag};

use super::{AGENT, OTHER_AGENT, Session, client, listening, signed_in, site, user};
use crate::support::{Browser, Log, Verb};

#[tokio::test]
async fn the_client_that_signed_in_is_no_event() {
    let (site, events) = site(ClientChange::Report);
    let mut browser = signed_in(&site, AGENT, "203.0.113.7").await;
    assert_eq!(events.take(), ["started", "signed in"]);
    assert_eq!(site.visit(&mut browser, user).await.body, "ada");
    assert_eq!(site.calls(), [Verb::Load]);
    assert!(events.take().is_empty());
}

#[tokio::test]
async fn another_user_agent_is_reported_once_in_each_request_and_the_session_goes_on() {
    let (site, events) = site(ClientChange::Report);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "203.0.113.7");
    events.take();
    let twice = |one: Session, two: Session| async move {
        one.view::<super::Account>().unwrap();
        assert!(two.is_fresh(std::time::Duration::from_secs(60)));
        two.data.user().unwrap()
    };
    for _ in 0..2 {
        let reply = site.visit(&mut other, twice).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "ada"));
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(events.take(), ["other agent"]);
    }
    assert!(site.errors.take().is_empty() && site.warnings.take().is_empty());
}

#[tokio::test]
async fn the_event_names_the_session_by_its_handle_id() {
    use session::SessionEvent;
    let seen = Log::default();
    let events = seen.clone();
    let site = crate::support::Site::with(|builder| {
        listening(builder, ClientChange::Report, &Log::default()).on_event(move |event| {
            if let SessionEvent::ClientChanged { id, field } = event {
                events.push(format!("{id} {field}"));
            }
        })
    });
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let id = |session: Session| async move { session.id().unwrap().to_string() };
    let id = site.visit_as(&client(&browser, OTHER_AGENT, "203.0.113.7"), id).await.body;
    assert_eq!(seen.take(), [format!("{id} agent")]);
}

#[tokio::test]
async fn another_address_is_reported_beyond_the_first_24_bits_of_ipv4_and_48_of_ipv6() {
    let (site, events) = site(ClientChange::Report);
    for (home, same, other) in [
        ("203.0.113.7", "203.0.113.250", "203.0.112.7"),
        ("203.0.113.7", "::ffff:203.0.113.8", "::ffff:203.0.112.7"),
        ("2001:db8:1:2::7", "2001:db8:1:ffff::8", "2001:db8:2:2::7"),
        ("2001:db8:1:2::7", "2001:0db8:0001::1", "203.0.113.7"),
    ] {
        let browser = signed_in(&site, AGENT, home).await;
        events.take();
        site.visit_as(&client(&browser, AGENT, same), user).await;
        assert!(events.take().is_empty(), "{same}");
        site.visit_as(&client(&browser, AGENT, other), user).await;
        assert_eq!(events.take(), ["other network"], "{other}");
    }
}

#[tokio::test]
async fn what_one_of_the_two_requests_does_not_say_is_not_compared() {
    let (site, events) = site(ClientChange::End);
    let browser = signed_in(&site, "", "").await;
    events.take();
    assert_eq!(site.visit_as(&client(&browser, AGENT, "203.0.113.7"), user).await.body, "ada");
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    events.take();
    for address in ["", "unknown", "203.0.113", "203.0.113.7, ", "203.0.113.7 198.51.100.1", "[::1"] {
        assert_eq!(site.visit_as(&client(&browser, "", address), user).await.body, "ada", "{address}");
        assert!(events.take().is_empty(), "{address}");
    }
}

#[tokio::test]
async fn the_session_of_a_visitor_who_did_not_sign_in_may_go_from_client_to_client() {
    let (site, events) = site(ClientChange::End);
    let mut browser = client(&Browser::new(), AGENT, "203.0.113.7");
    let theme = |session: Session| async move { session.data.set_theme("dark") };
    site.visit(&mut browser, theme).await.set_cookie();
    events.take();
    let theme = |session: Session| async move { session.data.theme() };
    assert_eq!(site.visit_as(&client(&browser, OTHER_AGENT, "::1"), theme).await.body, "dark");
    assert!(events.take().is_empty());
}

#[tokio::test]
async fn a_databag_without_bound_fields_in_the_same_session_is_not_watched() {
    #[derive(Databag)]
    struct Theme {
        theme: String,
    }
    let (site, events) = site(ClientChange::End);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    events.take();
    let theme = |session: Session<Theme>| async move { session.data.theme() };
    assert_eq!(site.visit_as(&client(&browser, OTHER_AGENT, "::1"), theme).await.body, "dark");
    assert!(events.take().is_empty());
}

#[tokio::test]
async fn a_remembered_client_that_cannot_be_read_is_a_warning_where_it_is_read_and_no_other_client() {
    #[derive(Databag)]
    struct Former {
        #[databag(principal)]
        user: Option<String>,
        agent: u32,
    }
    let (site, events) = site(ClientChange::End);
    let mut browser = client(&Browser::new(), AGENT, "203.0.113.7");
    let former = |session: Session<Former>| async move {
        session.data.set_user("ada");
        session.data.set_agent(7);
    };
    site.visit(&mut browser, former).await.set_cookie();
    events.take();
    assert_eq!(site.visit_as(&browser, user).await.body, "ada");
    assert!(events.take().is_empty() && site.warnings.take().is_empty());
    site.visit_as(&browser, super::remembered).await;
    assert_eq!(site.warnings.take().len(), 1);
}
