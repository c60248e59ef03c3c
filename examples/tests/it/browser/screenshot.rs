//! The screenshot in the README.

use std::env;
use std::fs;

use serde_json::json;

use super::chromium::{Chromium, Scheme};
use super::start;

/// Names the file that the screenshot is written to, if it is set.
const VARIABLE: &str = "DEMO_SCREENSHOT";

#[test]
fn the_shop_of_a_visitor_who_signed_in_shows_the_cart_and_the_session() {
    let (site, browser) = (start(), Chromium::start());
    browser.resize(1280, 1210, Scheme::Light);
    browser.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
    browser.open(&site.url("/"));
    for article in ["tea", "mug", "tea"] {
        browser.click(&format!("button[value={article}]"));
        browser.wait_for_text("is in your cart");
    }
    browser.sign_in(&site, "Ada");
    browser.wait_for_text("\"tea\": 2");
    browser.wait_for_text("renew: a new token, the old one ends");
    browser.wait_for_text("Last requests");
    if let Some(file) = env::var_os(VARIABLE) {
        fs::write(file, browser.screenshot()).unwrap();
    }
}
