//! The panel "your session, live".

use super::{fresh_key, start, start_on_cookies};

#[test]
fn the_panel_shows_the_session_and_the_last_requests_but_no_token_and_no_secret() {
    for demo in [start(&[]), start_on_cookies(&fresh_key())] {
        let ada = demo.visitor();
        assert!(ada.event("/live").contains("No session yet."));
        ada.post("/cart", "article=tea");
        ada.post("/sign-in", "name=Ada");
        ada.post("/cart", "article=tea");
        let page = ada.post("/pay/code", "");
        let (_, code) = page.split_once("Your code is <strong class=\"code shown\">").unwrap();

        let panel = ada.event("/live");
        for shown in [
            "Fingerprint of the token",
            r#"<span class="code">cart</span> <span class="attributes">entries, counter</span>"#,
            "&quot;tea&quot;: 2",
            r#"<span class="code">code</span> <span class="attributes">flash, ttl = 120s, secret</span>"#,
            r#"<span class="value">***</span>"#,
            "POST /pay/code",
            "update the fields that changed",
            "GET /",
        ] {
            assert!(panel.contains(shown), "{shown}: {panel}");
        }
        assert!(!panel.contains(&code[..6]), "the code is secret");
        assert!(!panel.contains(&ada.token()));
    }
}

#[test]
fn each_request_is_shown_with_its_plan_and_the_fields_that_it_wrote() {
    let demo = start(&[]);
    let ada = demo.visitor();
    ada.reply("/cart", &["--data", "article=tea"]);
    let created = ada.event("/live");
    assert!(created.contains("create the session") && created.contains("1 store call,"), "{created}");

    ada.reply("/cart", &["--data", "article=tea"]);
    let updated = ada.event("/live");
    assert!(updated.contains("cart[&quot;tea&quot;] <em>+1</em>"), "{updated}");
    assert!(updated.contains("2 store calls,"), "{updated}");

    ada.reply("/sign-in", &["--data", "name=Ada"]);
    let renewed = ada.event("/live");
    assert!(renewed.contains("renew: a new token, the old one ends"), "{renewed}");
    assert!(renewed.contains("name <em>set</em>"), "{renewed}");
}

#[test]
fn the_fingerprint_changes_with_the_token_and_only_then() {
    let demo = start(&[]);
    let ada = demo.visitor();
    let fingerprint = || {
        let panel = ada.event("/live");
        let (_, rest) = panel.split_once("id=\"fingerprint\">").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    ada.post("/cart", "article=tea");
    let first = fingerprint();
    ada.post("/cart", "article=mug");
    assert_eq!(fingerprint(), first);
    ada.post("/sign-in", "name=Ada");
    assert_ne!(fingerprint(), first);
}

#[test]
fn to_watch_a_session_is_not_a_request_that_is_shown() {
    let demo = start(&[]);
    let ada = demo.visitor();
    ada.post("/cart", "article=tea");
    let first = ada.event("/live");
    assert_eq!(ada.event("/live"), first);
    assert!(!first.contains("/live"));
}
