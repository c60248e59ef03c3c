//! One session over several cookies.

use session::{CookieStore, SameSite};

use crate::sealed::site::{Sealed, key, sealing};
use crate::support::handlers::{destroy, read, renew, write};
use crate::support::{Browser, Reply, Session, Site, SpyStore, Verb};

fn chunked() -> Sealed {
    sealing(CookieStore::builder(key(1), "shop").chunked(4))
}

/// Names of the cookies that a reply sets, and of those that it deletes.
fn set_and_deleted(reply: &Reply) -> (Vec<String>, Vec<String>) {
    let (deleted, set): (Vec<_>, Vec<_>) =
        reply.set_cookies().into_iter().partition(|cookie| cookie.value().is_empty());
    let names = |cookies: Vec<cookie::Cookie<'_>>| cookies.iter().map(|it| it.name().to_owned()).collect();
    (names(set), names(deleted))
}

/// Attributes of each `Set-Cookie`, without its name and value.
fn attributes(reply: &Reply) -> Vec<&str> {
    let lines = reply.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    lines.map(|line| line.split_once("; ").unwrap().1).collect()
}

/// Sets a notice of this many bytes.
async fn resize(site: &Sealed, browser: &mut Browser, bytes: usize) -> Reply {
    let resize = move |session: Session| async move { session.data.set_notice("x".repeat(bytes)) };
    site.visit(browser, resize).await
}

/// Returns the length of the notice in a visitor's session.
async fn size(site: &Sealed, browser: &Browser) -> usize {
    let length =
        |session: Session| async move { session.data.notice().unwrap_or_default().len().to_string() };
    site.visit_as(browser, length).await.body.parse().unwrap()
}

#[tokio::test]
async fn ten_kilobytes_travel_in_several_cookies_of_the_same_attributes() {
    let site = chunked();
    let mut browser = Browser::new();
    let reply = resize(&site, &mut browser, 10_000).await;
    let names = ["__Host-session", "__Host-session.1", "__Host-session.2", "__Host-session.3"];
    assert_eq!(set_and_deleted(&reply), (names.map(str::to_owned).to_vec(), vec![]));
    assert_eq!(attributes(&reply), ["HttpOnly; SameSite=Lax; Secure; Path=/"; 4]);
    for cookie in reply.set_cookies() {
        assert!(cookie.name().len() + cookie.value().len() <= 4096);
    }
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert!(reply.headers.get_all("set-cookie").iter().all(http::HeaderValue::is_sensitive));
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(size(&site, &browser).await, 10_000);
    assert!(!site.visit(&mut browser, read).await.has_set_cookie());
}

#[tokio::test]
async fn the_pieces_are_joined_in_any_order_and_from_several_headers() {
    let site = chunked();
    let browser = site.holding(10_000).await;
    let cookies = &browser.cookies;
    assert_eq!(cookies.len(), 4);
    for order in (0..256).map(|n| [n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6]) {
        let mut sorted = order;
        sorted.sort_unstable();
        if sorted == [0, 1, 2, 3] {
            let shuffled =
                Browser { cookies: order.map(|at| cookies[at].clone()).to_vec(), ..Browser::new() };
            assert_eq!(size(&site, &shuffled).await, 10_000, "{order:?}");
        }
    }
    let mut apart = Browser::with_cookie("other", "1");
    for (name, value) in cookies {
        apart = apart.sending("cookie", &format!("a=b; {name}={value}; __Host-session.x=y"));
    }
    assert_eq!(size(&site, &apart).await, 10_000);
}

#[tokio::test]
async fn a_missing_piece_makes_the_session_empty() {
    let site = chunked();
    let browser = site.holding(10_000).await;
    for missing in 0..4 {
        let mut browser = browser.clone();
        browser.cookies.remove(missing);
        assert_eq!(site.name(&browser).await, "nobody", "chunk {missing}");
    }
}

#[tokio::test]
async fn a_foreign_empty_or_changed_piece_makes_the_session_empty() {
    let site = chunked();
    let (browser, other) = (site.holding(10_000).await, site.holding(10_000).await);
    for at in 0..4 {
        let value = browser.cookies[at].1.clone();
        let foreign = other.cookies[at].1.clone();
        let disguised = format!("{}{}", &value[..10], &foreign[10..]);
        let neighbour = browser.cookies[(at + 1) % 4].1.clone();
        for wrong in [foreign, disguised, neighbour, String::new(), value[1..].to_owned(), value + "A"] {
            let mut browser = browser.clone();
            browser.cookies[at].1 = wrong;
            assert_eq!(site.name(&browser).await, "nobody", "chunk {at}");
        }
    }
}

#[tokio::test]
async fn a_write_without_all_chunks_starts_anew_and_deletes_the_rest() {
    let site = chunked();
    let mut browser = site.holding(10_000).await;
    browser.cookies.remove(2);
    let reply = site.visit(&mut browser, write).await;
    let deleted = vec!["__Host-session.1".to_owned(), "__Host-session.3".to_owned()];
    assert_eq!(set_and_deleted(&reply), (vec!["__Host-session".to_owned()], deleted));
    assert_eq!(browser.cookies.len(), 1);
    assert_eq!(site.seen(&browser).await, "nobody 0 0 0");
}

#[tokio::test]
async fn a_session_that_shrinks_deletes_its_stale_chunks() {
    let site = chunked();
    let mut browser = site.holding(10_000).await;
    let reply = resize(&site, &mut browser, 5000).await;
    let name = |at: usize| format!("__Host-session.{at}");
    assert_eq!(set_and_deleted(&reply), (vec!["__Host-session".to_owned(), name(1)], vec![name(2), name(3)]));
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!((browser.cookies.len(), size(&site, &browser).await), (2, 5000));

    let reply = resize(&site, &mut browser, 10).await;
    assert_eq!(set_and_deleted(&reply), (vec!["__Host-session".to_owned()], vec![name(1)]));
    assert_eq!((browser.cookies.len(), size(&site, &browser).await), (1, 10));

    let reply = resize(&site, &mut browser, 10_000).await;
    assert_eq!(
        set_and_deleted(&reply),
        (vec!["__Host-session".to_owned(), name(1), name(2), name(3)], vec![])
    );
    assert_eq!(size(&site, &browser).await, 10_000);
}

#[tokio::test]
async fn stale_chunks_do_no_harm_and_go_with_the_next_cookie() {
    let site = chunked();
    let mut browser = site.ada().await;
    browser.cookies.extend(site.holding(10_000).await.cookies.split_off(1));
    assert_eq!(site.name(&browser).await, "ada");
    let reply = site.visit(&mut browser, renew).await;
    assert_eq!(set_and_deleted(&reply).1, ["__Host-session.1", "__Host-session.2", "__Host-session.3"]);
    assert_eq!(site.name(&browser).await, "ada");
    assert_eq!(browser.cookies.len(), 1);
}

#[tokio::test]
async fn stale_chunks_are_deleted_with_the_attributes_they_were_set_with() {
    let store = CookieStore::builder(key(1), "shop").cookie_name("id").chunked(4).stateless().unwrap();
    let site: Sealed = Site::on(SpyStore::over(store), |builder| {
        builder
            .cookie_name("id")
            .domain("example.com")
            .path("/shop")
            .same_site(SameSite::None)
            .partitioned(true)
            .http_only(false)
    });
    let mut browser = Browser::at("https://example.com/shop");
    resize(&site, &mut browser, 10_000).await;
    let reply = resize(&site, &mut browser, 10).await;
    let attributes_of_all = "SameSite=None; Partitioned; Secure; Path=/shop; Domain=example.com";
    let deletion = "SameSite=None; Partitioned; Secure; Path=/shop; Domain=example.com; Max-Age=0; \
                    Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    assert_eq!(attributes(&reply), [attributes_of_all, deletion, deletion, deletion]);
    assert_eq!(set_and_deleted(&reply).1, ["id.1", "id.2", "id.3"]);
}

#[tokio::test]
async fn destroying_deletes_all_chunks() {
    let site = chunked();
    let mut browser = site.holding(10_000).await;
    let reply = site.visit(&mut browser, destroy).await;
    let names = ["__Host-session", "__Host-session.1", "__Host-session.2", "__Host-session.3"];
    assert_eq!(set_and_deleted(&reply), (vec![], names.map(str::to_owned).to_vec()));
    assert!(attributes(&reply).iter().all(|line| line.contains("Secure; Path=/; Max-Age=0; Expires=")));
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert!(browser.cookies.is_empty());
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
}

#[tokio::test]
async fn an_explicit_save_and_the_response_give_one_set_of_cookies() {
    let site = chunked();
    let mut browser = Browser::new();
    let handler = async |session: Session| {
        session.data.set_notice("x".repeat(10_000));
        session.save().await.unwrap();
        session.data.set_notice("x".repeat(5000));
        session.save().await.unwrap();
        session.data.set_name("ada");
    };
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(
        set_and_deleted(&reply),
        (vec!["__Host-session".to_owned(), "__Host-session.1".to_owned()], vec![])
    );
    assert_eq!(site.calls(), [Verb::Create, Verb::Update, Verb::Update]);
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn chunks_that_the_handler_sets_itself_give_way() {
    let site = chunked();
    let mut browser = Browser::new();
    let handler = async |session: Session| {
        session.data.set_name("ada");
        session.data.set_notice("x".repeat(5000));
        [("set-cookie", "__Host-session.1=planted; Path=/")]
    };
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(reply.set_cookies().len(), 2);
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn a_token_in_a_header_is_never_split() {
    let store = CookieStore::builder(key(1), "shop").chunked(4).stateless().unwrap();
    let site: Sealed = Site::on(SpyStore::over(store), |builder| builder.header("x-session"));
    let reply = resize(&site, &mut Browser::new(), 10_000).await;
    assert!(!reply.has_set_cookie());
    let client = Browser::new().sending("x-session", reply.headers["x-session"].to_str().unwrap());
    assert_eq!(size(&site, &client).await, 10_000);
}

/// Sends these cookies in this order.
fn sending(cookies: Vec<(String, String)>) -> Browser {
    Browser { cookies, ..Browser::new() }
}

#[tokio::test]
async fn any_number_of_other_pieces_does_not_displace_a_session() {
    let site = chunked();
    let ours = site.holding(10_000).await.cookies;
    let junk = |index: usize, value: String| (format!("__Host-session.{index}"), value);
    for value in ["x".to_owned(), ".CAAAAAAAAjunk".to_owned(), format!("{}junk", &ours[0].1[..10])] {
        let mut cookies: Vec<_> = (0..64).map(|at| junk(at % 31 + 1, value.clone())).collect();
        cookies.extend(ours.clone());
        assert_eq!(size(&site, &sending(cookies.clone())).await, 10_000, "{value}");
        cookies.reverse();
        assert_eq!(size(&site, &sending(cookies)).await, 10_000, "{value}");
    }
    let many = (0..2000).map(|at| junk(at % 31 + 1, format!(".C{at:08}junk")));
    assert_eq!(size(&site, &sending(many.chain(ours).collect())).await, 10_000);
}

#[tokio::test]
async fn among_older_sets_and_whole_cookies_the_live_session_counts() {
    let site = chunked();
    let (ours, mut gone) = (site.holding(10_000).await, site.holding(8000).await);
    let old = gone.cookies.clone();
    site.at(1800);
    let ours = {
        drop(ours);
        site.holding(10_000).await.cookies
    };
    site.visit(&mut gone, destroy).await;
    let whole = ("__Host-session".to_owned(), "dead".to_owned());
    let mut gap = old.clone();
    gap.remove(1);
    let orders = [
        [old.clone(), ours.clone(), vec![whole.clone()]].concat(),
        [vec![whole.clone()], old.clone(), ours.clone()].concat(),
        [gap.clone(), ours.clone()].concat(),
        [ours.clone(), gap, vec![whole]].concat(),
        old.iter()
            .zip(&ours)
            .flat_map(|(old, ours)| [old.clone(), ours.clone()])
            .chain(ours.last().cloned())
            .collect(),
    ];
    for cookies in orders {
        let names: Vec<_> = cookies.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(size(&site, &sending(cookies)).await, 10_000, "{names:?}");
    }
}

#[tokio::test]
async fn two_states_of_one_session_are_that_session_as_it_was_used_last() {
    let site = chunked();
    let mut browser = site.ada().await;
    let old = browser.cookies.clone();
    site.at(1000);
    site.visit(&mut browser, write).await;
    for cookies in [[old.clone(), browser.cookies.clone()].concat(), [browser.cookies.clone(), old].concat()]
    {
        assert_eq!(site.seen(&sending(cookies)).await, site.seen(&browser).await);
    }
    assert_eq!(site.warnings.take(), [""; 0]);
}
