//! Several tabs, and several browsers.

use super::chromium::Chromium;
use super::start;

#[test]
fn two_tabs_fill_one_cart_and_share_one_token() {
    let (site, browser) = (start(), Chromium::start());
    browser.sign_in(&site, "Ada");
    let (first, second) = (browser.tab(), browser.new_tab());
    // Both tabs send at the same time, and neither waits for the other.
    let add = "for (const article of ['tea', 'mug', 'tea', 'honey']) {
            fetch('/cart', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ article }) });
        }";
    browser.switch_to(second.clone());
    browser.open(&site.url("/"));
    browser.script(add);
    browser.switch_to(first);
    browser.script(add);
    browser.wait_for_text("\"tea\": 4");
    browser.wait_for_text("\"mug\": 2");
    let token = browser.cookie().unwrap();
    browser.switch_to(second);
    browser.open(&site.url("/cart"));
    browser.wait_for_text("4 × € 7.80");
    assert_eq!(browser.cookie().unwrap().value(), token.value());
}

#[test]
fn one_browser_signs_another_one_out() {
    let (site, here, there) = (start(), Chromium::start(), Chromium::start());
    here.sign_in(&site, "Ada");
    there.sign_in(&site, "Ada");
    there.wait_for_text("Handle id");

    here.open(&site.url("/devices"));
    here.wait_for_text("Chrome on Linux");
    here.wait_for("document.querySelectorAll('.lines li').length === 2");
    here.click(".lines button");
    here.wait_for_text("Signed out there");
    there.wait_for_text("The session has ended.");
    there.open(&site.url("/"));
    there.wait_for_text("You are not signed in");
    here.wait_for_text("Signed in as Ada");
    here.assert_silent(&[]);
    there.assert_silent(&[]);
}
