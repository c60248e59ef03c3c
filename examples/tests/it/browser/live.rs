//! The panel, the races and the failures.

use super::chromium::Chromium;
use super::{start, start_on};

#[test]
fn the_panel_counts_down_and_shows_what_another_tab_did() {
    let (site, browser) = (start(), Chromium::start());
    browser.sign_in(&site, "Ada");
    let shown = browser.text_of(".countdown");
    assert!(shown.starts_with("59:"), "{shown}");
    browser.wait_for(&format!("document.querySelector('.countdown').textContent < '{shown}'"));

    browser.script("fetch('/cart', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ article: 'mug' }) })");
    browser.wait_for_text("POST /cart");
    browser.wait_for(
        "[...document.querySelectorAll('.written')].some((field) => field.textContent.startsWith('cart'))",
    );
    let panel = browser.text_of("#live");
    assert!(!panel.contains(browser.cookie().unwrap().value()), "{panel}");
}

#[test]
fn the_panel_shows_what_another_process_wrote_to_the_same_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", dir.path().join("demo.db").display());
    let (here, there, browser) = (start_on(&store), start_on(&store), Chromium::start());
    browser.sign_in(&here, "Ada");
    browser.wait_for_text("Handle id");
    let cookie = format!("Cookie: session={}", browser.cookie().unwrap().value());
    there.visitor().reply("/cart", &["--header", &cookie, "--data", "article=honey"]);
    browser.wait_for_text("\"honey\": 1");
}

#[test]
fn a_screen_reader_hears_of_another_token_and_not_of_each_field() {
    let (site, browser) = (start(), Chromium::start());
    browser.sign_in(&site, "Ada");
    browser.text_of("#fingerprint");
    let add = "fetch('/cart', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ article: 'mug' }) })";
    browser.script(add);
    browser.wait_for_text("\"mug\": 1");
    assert_eq!(browser.script("return document.getElementById('changes').textContent"), "");
    browser.script("fetch('/failures/end-session', { method: 'POST', redirect: 'manual' })");
    browser.wait_for("document.getElementById('changes').textContent === 'The session has ended'");
}

#[test]
fn a_plain_list_loses_the_race_and_the_others_do_not() {
    let (site, browser) = (start(), Chromium::start());
    browser.open(&site.url("/races"));
    browser.click("form.actions button");
    browser.wait_for_text("10 lost");
    browser.wait_for("document.querySelectorAll('progress[value=\"20\"]').length === 3");
    browser.assert_silent(&[]);
}

#[test]
fn a_store_that_is_stopped_and_started_again_still_has_the_session() {
    let (site, browser) = (start(), Chromium::start());
    browser.sign_in(&site, "Ada");
    let token = browser.cookie().unwrap();
    browser.open(&site.url("/failures"));
    browser.click("form[action='/failures/stop-store'] button");
    browser.wait_for_text("The session store does not respond");
    browser.click("form[action='/failures/start-store'] button");
    browser.wait_for_text("Signed in as Ada");
    assert_eq!(browser.cookie().unwrap().value(), token.value());
    browser.assert_silent(&["503"]);
}
