//! The pages on small and large screens, in light and dark.

use std::fmt::Write as _;

use serde_json::json;

use super::chromium::{Chromium, Scheme};
use super::start;
use crate::support::Server;

const PAGES: [&str; 7] = ["/", "/cart", "/devices", "/races", "/failures", "/sign-in", "/pay"];

/// Calls `check` with each page, of a visitor who is signed in and has something to pay, once the panel is there.
pub(super) fn visit_all(check: impl Fn(&Chromium, &str)) {
    let (site, browser) = (start(), Chromium::start());
    browser.sign_in(&site, "Ada");
    browser.click("button[value=tea]");
    browser.wait_for_text("Assam tea is in your cart");
    race(&site, &browser);
    for (width, height) in [(1280, 900), (360, 740)] {
        for scheme in [Scheme::Light, Scheme::Dark] {
            browser.resize(width, height, scheme);
            for path in PAGES {
                browser.open(&site.url(path));
                browser.wait_for_text("Handle id");
                check(&browser, &format!("{path} at {width} px in {scheme:?}"));
            }
        }
    }
    browser.assert_silent(&[]);
}

fn race(site: &Server, browser: &Chromium) {
    browser.open(&site.url("/races"));
    browser.click("form.actions button");
    browser.wait_for_text("10 lost");
}

#[test]
fn no_page_scrolls_sideways_and_every_target_is_large_enough() {
    visit_all(|browser, page| {
        let overflow = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";
        assert_eq!(browser.script(overflow), 0, "{page} scrolls sideways");
        let small =
            "return [...document.querySelectorAll('button, .button, nav a, .brand, input, label.check')]
            .filter((element) => !element.closest('label') || element.matches('label'))
            .map((element) => [element.outerHTML, element.getBoundingClientRect()])
            .filter(([_, box]) => box.width > 0 && (box.width < 44 || box.height < 44))
            .map(([html]) => html)";
        assert_eq!(browser.script(small), json!([]), "{page} has small targets");
    });
}

#[test]
fn pages_are_dark_for_who_prefers_it() {
    let (site, browser) = (start(), Chromium::start());
    let mut grounds = String::new();
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.resize(1280, 900, scheme);
        browser.open(&site.url("/"));
        let color = browser.script("return getComputedStyle(document.body).backgroundColor");
        writeln!(grounds, "{}", color.as_str().unwrap()).unwrap();
    }
    assert_eq!(grounds, "rgb(246, 244, 239)\nrgb(20, 25, 23)\n");
}
