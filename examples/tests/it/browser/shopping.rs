//! From an empty cart to signing out, as a visitor does it.

use super::chromium::Chromium;
use super::start;

#[test]
fn a_cart_survives_signing_in_while_the_token_changes_and_a_code_pays_it() {
    let (site, browser) = (start(), Chromium::start());
    browser.open(&site.url("/"));
    browser.wait_for_text("No session yet.");
    assert!(browser.cookie().is_none(), "reading sets no cookie");

    browser.click("button[value=tea]");
    browser.wait_for_text("Assam tea is in your cart");
    let (before, fingerprint) = (browser.cookie().unwrap(), browser.text_of("#fingerprint"));
    browser.sign_in(&site, "Ada");
    assert_ne!(browser.cookie().unwrap().value(), before.value());
    assert_ne!(browser.text_of("#fingerprint"), fingerprint, "the picture of the token changes too");

    browser.open(&site.url("/pay"));
    browser.click("main form button");
    let code = browser.text_of("strong.code.shown");
    browser.wait_for("/^0[0-2]:[0-5]\\d$/.test(document.querySelector('main [data-until]').textContent)");
    browser.type_keys(&code);
    browser.click("form.stack button");
    browser.wait_for_text("Paid € 7.80. Thank you, Ada");

    browser.click("header form button");
    browser.wait_for_text("You are not signed in");
    assert!(browser.cookie().is_none(), "signing out deletes the cookie");
    browser.wait_for_text("No session yet.");
    browser.assert_silent(&[]);
}

#[test]
fn the_cookie_is_out_of_reach_of_scripts_and_of_other_sites() {
    let (site, browser) = (start(), Chromium::start());
    browser.sign_in(&site, "Ada");
    let cookie = browser.cookie().unwrap();
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.same_site().unwrap().to_string(), "Lax");
    assert_eq!(cookie.path(), Some("/"));
    assert!(cookie.expires_datetime().is_none(), "it ends with the browser");
    assert_eq!(browser.script("return document.cookie"), "");

    browser.open(&site.url("/sign-in"));
    browser.type_keys("Ada");
    browser.click("[name=remember]");
    browser.click("main form button");
    browser.wait_for_text("Welcome, Ada");
    assert!(browser.cookie().unwrap().expires_datetime().is_some(), "it is remembered");
}

#[test]
fn the_keyboard_alone_fills_a_cart_and_signs_in() {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    const SPACE: &str = "\u{e00d}";
    let (site, browser) = (start(), Chromium::start());
    let focused = "return document.activeElement.textContent || document.activeElement.name";
    let tab_to = |text: &str| {
        for _ in 0..40 {
            browser.type_keys(TAB);
            let is_visible = "return getComputedStyle(document.activeElement).outlineStyle !== 'none'";
            if browser.script(focused).as_str().is_some_and(|name| name.starts_with(text)) {
                assert_eq!(browser.script(is_visible), true, "the focus on {text} is visible");
                return;
            }
        }
        panic!("no tab stop at {text}");
    };

    browser.open(&site.url("/"));
    tab_to("Skip to the content");
    browser.type_keys(ENTER);
    tab_to("Add Assam tea");
    browser.type_keys(ENTER);
    browser.wait_for_text("Assam tea is in your cart");
    tab_to("Sign in");
    browser.type_keys(ENTER);
    browser.wait_for("document.activeElement.name === 'name'");
    browser.type_keys("Ada");
    tab_to("remember");
    browser.type_keys(SPACE);
    tab_to("Sign in");
    browser.type_keys(ENTER);
    browser.wait_for_text("Welcome, Ada");
    assert!(browser.cookie().unwrap().expires_datetime().is_some(), "the box was ticked");
}
