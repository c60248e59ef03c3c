//! Remembered sessions in sealed cookies, with a browser that honours `Max-Age`.

use std::sync::Arc;

use session::Timestamp;

use crate::sealed::site::{Sealed, revocable, stateless};
use crate::support::handlers::{read, renew, write};
use crate::support::{Arguments, Browser, Handler, Session, seconds};

/// A browser that honours `Max-Age`.
struct Jar<'a> {
    site: &'a Sealed,
    browser: Browser,
    until: Timestamp,
}

impl<'a> Jar<'a> {
    /// Returns a visitor with a remembered session of the name `ada`.
    async fn of(site: &'a Sealed) -> Self {
        let mut jar = Self { site, browser: Browser::new(), until: site.start };
        jar.visit(|session: Session| async move {
            session.data.set_name("ada");
            session.remember(true);
        })
        .await;
        assert_eq!(jar.browser.cookies.len(), 1);
        jar
    }

    async fn visit<Args: Arguments>(&mut self, handler: impl Handler<Args>) -> String {
        if self.site.clock.now() >= self.until {
            self.browser.cookies.clear();
        }
        let reply = self.site.visit(&mut self.browser, handler).await;
        if reply.has_set_cookie() {
            let age = reply.set_cookie().max_age().expect("the cookie outlives the browser's session");
            self.until = self.site.clock.now().after(age.try_into().unwrap());
        }
        assert_eq!(self.site.errors.take(), [""; 0]);
        reply.body
    }
}

fn sites() -> [Sealed; 2] {
    [stateless(), revocable(&Arc::default())]
}

#[tokio::test]
async fn who_comes_back_in_time_for_hours_stays_signed_in_whatever_the_requests_do() {
    for site in sites() {
        for mix in 0..4_u64 {
            let mut jar = Jar::of(&site).await;
            for step in 0..24_u64 {
                site.clock.advance(seconds(600));
                match (step * (mix + 1) + mix) % 4 {
                    0 => drop(jar.visit(write).await),
                    1 => drop(jar.visit(renew).await),
                    _ => assert_eq!(jar.visit(read).await, "ada"),
                }
                assert_eq!(jar.until, site.clock.now().after(seconds(1800)), "request {step} of mix {mix}");
            }
            assert_eq!(jar.visit(read).await, "ada");
        }
    }
}

#[tokio::test]
async fn who_comes_back_too_late_finds_the_cookie_forgotten_and_its_copy_worthless() {
    for site in sites() {
        let mut jar = Jar::of(&site).await;
        site.clock.advance(seconds(600));
        assert_eq!(jar.visit(read).await, "ada");
        let copy = jar.browser.clone();
        site.clock.advance(seconds(1799));
        assert_eq!(site.visit_as(&copy, read).await.body, "ada");
        site.clock.advance(seconds(1));
        assert_eq!(site.name(&copy).await, "nobody");
        assert_eq!(jar.visit(read).await, "nobody");
        assert!(jar.browser.cookies.is_empty());
    }
}

#[tokio::test]
async fn the_age_of_the_cookie_never_exceeds_what_is_left_of_the_lifetime() {
    for site in sites() {
        let mut jar = Jar::of(&site).await;
        let limit = |session: Session| async move { session.set_lifetime(seconds(3000)) };
        jar.visit(limit).await;
        for _ in 0..4 {
            site.clock.advance(seconds(600));
            assert_eq!(jar.visit(read).await, "ada");
        }
        assert_eq!(jar.until.since(site.start), seconds(3000));
        let copy = jar.browser.clone();
        site.clock.advance(seconds(600));
        assert_eq!(site.name(&copy).await, "nobody");
        assert_eq!(jar.visit(read).await, "nobody");
    }
}
