//! Name and attributes of the session's cookie.

use session::{Priority, SameSite, Secure};

use crate::support::handlers::{destroy, read, renew, write};
use crate::support::{Browser, Reply, Session, Site, Verb};

#[tokio::test]
async fn by_default_the_cookie_is_host_only_secure_hidden_from_scripts_and_ends_with_the_browser() {
    let site = Site::new();
    let reply = site.visit(&mut Browser::new(), write).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.set_cookie().name(), "__Host-session");
    assert_eq!(reply.attributes(), ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
}

#[tokio::test]
async fn the_value_is_a_long_token_that_needs_no_quoting_and_the_line_is_short() {
    let site = Site::new();
    let reply = site.visit(&mut Browser::new(), write).await;
    let cookie = reply.set_cookie();
    assert!(cookie.value().len() >= 22, "{cookie}");
    assert!(cookie.value().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{cookie}");
    assert!(reply.set_cookie_line().len() <= 4096);
}

#[tokio::test]
async fn http_only_can_be_turned_off() {
    let site = Site::with(|builder| builder.http_only(false));
    let reply = site.visit(&mut Browser::new(), write).await;
    assert_eq!(reply.attributes(), ["Path=/", "SameSite=Lax", "Secure"]);
}

#[tokio::test]
async fn same_site_is_written_as_it_was_set_and_left_out_when_unset() {
    for (same_site, written) in [
        (Some(SameSite::Strict), Some("SameSite=Strict")),
        (Some(SameSite::Lax), Some("SameSite=Lax")),
        (Some(SameSite::None), Some("SameSite=None")),
        (None, None),
    ] {
        let site = Site::with(|builder| builder.same_site(same_site));
        let reply = site.visit(&mut Browser::new(), write).await;
        let found = reply.attributes().into_iter().find(|attribute| attribute.starts_with("SameSite"));
        assert_eq!(found, written);
    }
}

#[tokio::test]
async fn a_partitioned_cookie_says_so_and_is_secure() {
    let site = Site::with(|builder| builder.partitioned(true).same_site(SameSite::None));
    let reply = site.visit(&mut Browser::new(), write).await;
    assert_eq!(reply.attributes(), ["HttpOnly", "Partitioned", "Path=/", "SameSite=None", "Secure"]);
}

#[tokio::test]
async fn a_priority_is_written_as_it_was_set_and_left_out_when_unset() {
    for (priority, written) in [
        (Some(Priority::Low), Some("Priority=Low")),
        (Some(Priority::Medium), Some("Priority=Medium")),
        (Some(Priority::High), Some("Priority=High")),
        (None, None),
    ] {
        let site = Site::with(|builder| builder.priority(priority).persistent(true));
        let reply = site.visit(&mut Browser::new(), write).await;
        let found = line_attributes(&reply).into_iter().find(|attribute| attribute.starts_with("Priority"));
        assert_eq!(found.as_deref(), written);
    }
}

#[tokio::test]
async fn a_deletion_has_the_priority_of_the_cookie() {
    let site = Site::with(|builder| {
        builder.cookie_per_request(|_, attributes| attributes.priority = Some(Priority::High))
    });
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let deleted = site.visit(&mut browser, destroy).await;
    assert!(line_attributes(&deleted).contains(&"Priority=High".to_owned()), "{deleted:?}");
}

/// Returns the attributes as sent, including those that the parser of the tests does not know.
fn line_attributes(reply: &Reply) -> Vec<String> {
    reply.set_cookie_line().split("; ").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_default_name_has_the_host_prefix_only_where_browsers_would_keep_it() {
    let name =
        async |site: Site| site.visit(&mut Browser::at("/shop"), write).await.set_cookie().name().to_owned();
    assert_eq!(name(Site::new()).await, "__Host-session");
    assert_eq!(name(Site::with(|builder| builder.domain("example.com"))).await, "session");
    assert_eq!(name(Site::with(|builder| builder.path("/shop"))).await, "session");
    assert_eq!(name(Site::with(|builder| builder.secure(Secure::Auto))).await, "session");
    assert_eq!(name(Site::with(session::Builder::plain_http)).await, "session");
}

#[tokio::test]
async fn a_deletion_repeats_name_and_attributes_with_no_value_and_a_date_long_past() {
    for site in [
        Site::new(),
        Site::with(|builder| builder.persistent(true)),
        Site::with(|builder| builder.cookie_name("sid").domain("example.com").path("/shop")),
        Site::with(|builder| builder.partitioned(true).same_site(SameSite::None)),
        Site::with(|builder| builder.same_site(None).http_only(false)),
        Site::with(|builder| builder.secure(Secure::Auto)),
        Site::with(session::Builder::plain_http),
    ] {
        let mut browser = Browser::at("https://example.com/shop");
        let set = site.visit(&mut browser, write).await;
        let deleted = site.visit(&mut browser, destroy).await;
        assert_eq!(deleted.set_cookie().name(), set.set_cookie().name());
        assert_eq!(deleted.set_cookie().value(), "");

        let mut expected = set.attributes();
        expected.retain(|attribute| !attribute.starts_with("Max-Age") && !attribute.starts_with("Expires"));
        expected.extend(["Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"]);
        expected.sort_unstable();
        assert_eq!(deleted.attributes(), expected);
        assert!(browser.cookies.is_empty());
    }
}

#[tokio::test]
async fn a_domain_stands_in_the_cookie_and_in_its_deletion() {
    let site = Site::with(|builder| builder.domain("example.com"));
    let mut browser = Browser::new();
    for handler in [true, false] {
        let reply = if handler {
            site.visit(&mut browser, write).await
        } else {
            site.visit(&mut browser, destroy).await
        };
        assert!(reply.attributes().contains(&"Domain=example.com"), "{reply:?}");
    }
}

#[tokio::test]
async fn a_cookie_under_another_name_than_the_configured_one_is_ignored() {
    let site = Site::with(|builder| builder.cookie_name("sid"));
    let mut browser = Browser::new();
    let reply = site.visit(&mut browser, write).await;
    assert_eq!(reply.set_cookie().name(), "sid");
    site.calls();

    for name in ["__Host-session", "session", "SID", "sid2", "xsid", "__Host-sid"] {
        let reply = site.visit(&mut Browser::with_cookie(name, browser.token()), read).await;
        assert_eq!(reply.body, "nobody");
        assert!(!reply.has_set_cookie());
    }
    assert_eq!(site.calls(), []);
    site.visit(&mut browser, read).await;
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn many_changes_saves_and_renewals_in_one_request_send_one_cookie_the_last() {
    let site = Site::new();
    let mut browser = Browser::new();
    for expected in [vec![Verb::Create, Verb::Renew], vec![Verb::Load, Verb::Renew, Verb::Renew]] {
        let before = browser.cookies.clone();
        let reply = site
            .visit(&mut browser, |session: Session| async move {
                session.data.set_name("ada");
                session.data.set_a(1u32);
                session.renew();
                session.save().await.unwrap();
                session.data.set_b(2u32);
                session.data.update_items(|items| *items = vec!["tea".to_owned()]);
                session.renew();
                session.data.set_c(3u32);
                session.renew();
            })
            .await;
        assert_eq!(reply.set_cookie().value(), browser.token());
        assert_ne!(browser.cookies, before);
        assert_eq!(site.calls(), expected);
        assert_eq!(site.store.len(), 1);
    }
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.read(|bag| format!("{} {} {} {} {:?}", bag.name, bag.a, bag.b, bag.c, bag.items))
        })
        .await;
    assert_eq!(reply.body, r#"ada 1 2 3 ["tea"]"#);
}

#[tokio::test]
async fn a_function_can_change_the_attributes_request_by_request() {
    let site = Site::with(|builder| {
        builder.cookie_name("sid").same_site(SameSite::None).cookie_per_request(|request, cookie| {
            let header = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
            if header("user-agent") == Some("old") {
                cookie.same_site = None;
            }
            cookie.domain = header("host").map(str::to_owned);
            cookie.path = request.uri.path().to_owned();
        })
    });
    let visit = async |browser: Browser| {
        let reply = site.visit(&mut browser.clone(), write).await;
        reply.attributes().join("; ")
    };
    assert_eq!(visit(Browser::new()).await, "HttpOnly; Path=/; SameSite=None; Secure");
    assert_eq!(visit(Browser::new().sending("user-agent", "old")).await, "HttpOnly; Path=/; Secure");
    assert_eq!(
        visit(Browser::at("https://example.com/shop").sending("host", "example.com")).await,
        "Domain=example.com; HttpOnly; Path=/shop; SameSite=None; Secure"
    );
}

#[tokio::test]
async fn a_function_that_changes_attributes_changes_those_of_deletions_too() {
    let site = Site::with(|builder| {
        builder.cookie_name("sid").cookie_per_request(|_, cookie| cookie.domain = Some("example.com".into()))
    });
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let reply = site.visit(&mut browser, destroy).await;
    assert_eq!(reply.set_cookie().value(), "");
    assert!(reply.attributes().contains(&"Domain=example.com"));
}

#[tokio::test]
async fn attributes_that_contradict_each_other_for_a_request_are_an_error_and_nothing_is_stored() {
    let site = Site::with(|builder| {
        builder.cookie_per_request(|_, cookie| cookie.domain = Some("example.com".to_owned()))
    });
    let reply = site.visit(&mut Browser::new(), write).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.body, "");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
    let errors = site.errors.take();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].starts_with("the session cookie's attributes for this request are inconsistent"));
}

#[tokio::test]
async fn cookies_that_the_handler_sets_under_other_names_are_left_alone() {
    let site = Site::new();
    let mut browser = Browser::new();
    let set = [("set-cookie", "theme=dark; Path=/"), ("set-cookie", "__Host-session2=x")];
    let lines = |reply: &crate::support::Reply| -> Vec<String> {
        let lines = reply.headers.get_all("set-cookie").iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    };
    let handler = move |session: Session| async move {
        session.data.update_visits(|visits| *visits += 1);
        axum::response::AppendHeaders(set)
    };
    let created = site.visit_as(&browser, handler).await;
    assert_eq!(lines(&created).len(), 3);
    assert_eq!(lines(&created)[..2], ["theme=dark; Path=/", "__Host-session2=x"]);
    assert!(lines(&created)[2].starts_with("__Host-session="));

    browser.take_cookies(&created);
    let updated = site.visit_as(&browser, handler).await;
    assert_eq!(lines(&updated), ["theme=dark; Path=/", "__Host-session2=x"]);
}

#[tokio::test]
async fn a_cookie_of_the_sessions_name_that_the_handler_wrote_gives_way_to_the_sessions_own() {
    let site = Site::new();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            session.data.set_name("ada");
            [("set-cookie", "__Host-session=planted; Path=/; Secure")]
        })
        .await;
    assert_ne!(reply.set_cookie().value(), "planted");
}

#[tokio::test]
async fn a_renewal_sends_a_cookie_with_the_attributes_of_the_first() {
    let site = Site::new();
    let mut browser = Browser::new();
    let first = site.visit(&mut browser, write).await;
    let second = site.visit(&mut browser, renew).await;
    assert_ne!(first.set_cookie().value(), second.set_cookie().value());
    assert_eq!(first.attributes(), second.attributes());
}
