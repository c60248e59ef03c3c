//! The old cookie: how it is read and removed.

use session::adopt::{Key, OldCookie};

use super::old_store::OldStore;
use super::{Account, NOBODY, USER, map, site, user, visitor, with};
use crate::support::{Browser, Site};

fn site_with(cookie: OldCookie) -> Site {
    let old = OldStore::default().with_cookie(cookie);
    old.insert("one", r#"{"user_id": 7, "cart": ["tea"]}"#, 600);
    Site::with(|builder| builder.adopt::<Account>(old, map))
}

fn key(byte: u8) -> Key {
    Key::from(&[byte; 64])
}

/// The value of a cookie that was protected by the crate `cookie`.
fn protect(private: bool, key: &Key) -> String {
    let mut jar = cookie::CookieJar::new();
    if private {
        jar.private_mut(key).add(("old", "one"));
    } else {
        jar.signed_mut(key).add(("old", "one"));
    }
    let line = jar.get("old").unwrap().encoded().to_string();
    line.strip_prefix("old=").unwrap().to_owned()
}

#[tokio::test]
async fn its_removal_repeats_its_name_path_and_domain() {
    let (_, site) = site();
    let reply = site.visit(&mut visitor(), user).await;
    let removal = reply.set_cookies().into_iter().find(|cookie| cookie.name() == "old").unwrap();
    assert_eq!((removal.path(), removal.domain()), (Some("/"), Some("example.com")));
    assert_eq!(removal.max_age(), Some(cookie::time::Duration::ZERO));
    assert_eq!(removal.value(), "");
}

#[tokio::test]
async fn signed_and_encrypted_cookies_are_verified_with_the_old_key() {
    for private in [false, true] {
        let cookie = OldCookie::new("old");
        let cookie = if private { cookie.private(key(1)) } else { cookie.signed(key(1)) };
        let site = site_with(cookie);
        for value in ["one".to_owned(), protect(private, &key(2)), protect(!private, &key(1))] {
            assert_eq!(site.visit(&mut Browser::with_cookie("old", &value), user).await.body, NOBODY);
        }
        let mut browser = Browser::with_cookie("old", &protect(private, &key(1)));
        assert_eq!(site.visit(&mut browser, user).await.body, USER);
    }
}

#[tokio::test]
async fn of_several_cookies_of_the_name_the_one_of_a_live_session_is_adopted() {
    let site = site_with(OldCookie::new("old"));
    let mut browser = Browser::with_cookie("old", "other");
    browser.cookies.push(("old".to_owned(), "one".to_owned()));
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
}

#[tokio::test]
async fn an_old_cookie_of_the_same_name_is_replaced_and_not_removed() {
    let old = OldStore::default().with_cookie(OldCookie::new("sid"));
    old.insert("one", r#"{"user_id": 7, "cart": ["tea"]}"#, 600);
    let site = Site::with(|builder| builder.cookie_name("sid").adopt::<Account>(old, map));
    let mut browser = Browser::with_cookie("sid", "one");
    let reply = site.visit(&mut browser, user).await;
    assert_ne!(reply.set_cookie().value(), "");
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
}

#[tokio::test]
async fn the_token_of_an_adopted_session_travels_in_the_cookie_even_if_the_request_has_the_header() {
    let (_, site) = with(|builder| builder.header_or_cookie("x-session"));
    let reply = site.visit(&mut visitor().sending("x-session", ""), user).await;
    assert_eq!(reply.body, USER);
    assert_eq!(reply.header("x-session"), None);
    assert_eq!(reply.set_cookies().len(), 2);
}
