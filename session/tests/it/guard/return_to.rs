//! Which pages a visitor may be sent to after signing in.

use axum::Router;
use axum::extract::Form;
use axum::response::Redirect;
use axum::routing::get;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use session::ReturnTo;
use tower::ServiceExt as _;
use url::Url;

use crate::support::{Browser, Reply};

/// Addresses that a browser would take for another site, or that some program on the way might.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "\n",
    "http://evil.example",
    "https://evil.example/account",
    "HTTPS://EVIL.EXAMPLE",
    "ftp://evil.example",
    "http:evil.example",
    "http:/evil.example",
    "http:///evil.example",
    "http:999999999",
    r"http:\\evil.example",
    r"http:/\//evil.example",
    r"http://site.example\@evil.example",
    "http://site.example@evil.example",
    "https://[::1]/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "//evil.example/%2f..",
    "//site.example@evil.example",
    "//evil.example:80",
    "//",
    "//.",
    "//..",
    "//./evil.example",
    "//../evil.example",
    "//evil.example/..",
    "/.//evil.example/..",
    "/%2f/..",
    r"\\evil.example",
    r"\/evil.example",
    r"/\evil.example",
    r"/\/evil.example",
    r"/\\/evil.example",
    r"/account\..\evil",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    "\u{8}//evil.example",
    " //evil.example",
    " /account",
    "\u{a0}//evil.example",
    "\u{feff}//evil.example",
    "/\u{0}/evil.example",
    "/\u{7f}/evil.example",
    "/\u{85}/evil.example",
    "/account\r\nSet-Cookie: session=planted",
    "/account\nLocation: //evil.example",
    "/account%0d%0aSet-Cookie:%20session=planted",
    "/%00",
    "/./evil/..//evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/../..//evil.example",
    "/account/..//evil.example",
    "/account/../..//evil.example",
    "/%2e//evil.example",
    "/%2E%2E//evil.example",
    "/.%2e//evil.example",
    "/%2f/evil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "/.%2fevil.example/..%2f%2fevil.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "\u{1}javascript:alert(1)",
    "javascript://site.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "view-source://evil.example",
    "blob:https://evil.example",
    "account",
    "account/orders",
    "./account",
    "../account",
    "?page=2",
    "#top",
    "@evil.example",
    "evil.example/account",
    "\u{ff0f}\u{ff0f}evil.example",
    "\u{2215}\u{2215}evil.example",
    "/\u{ff0f}evil.example",
    "/\u{2215}evil.example",
    "/\u{ff3c}evil.example",
    "/%EF%BC%8Fevil.example",
    "%2f%2fevil.example",
    "%2faccount",
    "*",
];

/// Paths of this site, and how they are sent to a browser.
const GOOD: &[(&str, &str)] = &[
    ("/", "/"),
    ("/account", "/account"),
    ("/account/", "/account/"),
    ("/account/orders", "/account/orders"),
    ("/account?page=2", "/account?page=2"),
    ("/?page=2", "/?page=2"),
    ("/search?q=a+b&in=c%26d", "/search?q=a+b&in=c%26d"),
    ("/account#orders", "/account#orders"),
    ("/account/./orders", "/account/./orders"),
    ("/account/../orders", "/account/../orders"),
    ("/..", "/.."),
    ("/.", "/."),
    ("/.well-known/change-password", "/.well-known/change-password"),
    ("/...//a", "/...//a"),
    ("/archive/https://example.com/page", "/archive/https://example.com/page"),
    ("/a//b", "/a//b"),
    ("/a%2f%2fb", "/a%2f%2fb"),
    ("/share?url=https://example.com", "/share?url=https://example.com"),
    ("/share?url=//example.com/..//", "/share?url=//example.com/..//"),
    ("/share?text=two%0d%0alines", "/share?text=two%0d%0alines"),
    ("/login?next=%2Faccount", "/login?next=%2Faccount"),
    ("/url%20with%20spaces/", "/url%20with%20spaces/"),
    ("/100%", "/100%"),
    ("/@user", "/@user"),
    ("/user:7", "/user:7"),
    ("/http:", "/http:"),
    ("/javascript:alert(1)", "/javascript:alert(1)"),
    ("/matrix;v=1/a", "/matrix;v=1/a"),
    ("/~ada/(1)*!$,", "/~ada/(1)*!$,"),
    ("/evil.example", "/evil.example"),
    ("/a b", "/a%20b"),
    ("/straße?q=ü", "/stra%C3%9Fe?q=%C3%BC"),
    ("/a\u{ff0f}b", "/a%EF%BC%8Fb"),
    ("/\u{202e}txt", "/%E2%80%AEtxt"),
    ("/it's?q='><script>", "/it%27s?q=%27%3E%3Cscript%3E"),
    ("/?q=\"{`|^}", "/?q=%22%7B%60%7C%5E%7D"),
];

#[test]
fn no_address_of_another_site_is_a_page_to_return_to() {
    for hostile in HOSTILE {
        assert_eq!(ReturnTo::parse(hostile), None, "{hostile:?}");
    }
}

#[test]
fn each_path_of_this_site_is_and_reads_the_same_again() {
    for (path, sent) in GOOD {
        let parsed = ReturnTo::parse(path).unwrap_or_else(|| panic!("{path:?} was refused"));
        assert_eq!(parsed.as_str(), *sent);
        assert_eq!(ReturnTo::parse(sent), Some(parsed));
    }
}

/// What addresses of other sites are made of.
const PIECES: &[&str] = &[
    "/",
    "/",
    "/",
    "\\",
    ".",
    "..",
    "%2e",
    "%2F",
    "%5c",
    "%00",
    "\t",
    "\n",
    "\r",
    "\0",
    " ",
    ":",
    "@",
    "?",
    "#",
    "&",
    ";",
    "%",
    "http",
    "https:",
    "javascript:",
    "evil.example",
    "[",
    "]",
    "[::1]",
    "443",
    "a",
    "\u{ff0f}",
    "\u{2215}",
    "\u{3002}",
    "\u{feff}",
    "\u{a0}",
    "ß",
];

proptest! {
    #[test]
    fn by_the_url_standard_each_path_stays_on_the_site(pieces in vec(select(PIECES), 0..8)) {
        let page = Url::parse("https://site.example/login?next=").unwrap();
        for text in [pieces.concat(), format!("/{}", pieces.concat())] {
            let Some(path) = ReturnTo::parse(&text) else { continue };
            for address in [path.as_str(), &text] {
                let resolved = page.join(address).unwrap();
                prop_assert_eq!(resolved.origin(), page.origin());
                prop_assert!(resolved.username().is_empty() && !resolved.path().starts_with("//"), "{}", resolved);
            }
            // The path alone, as scripts read it, stays on the site too.
            let resolved = page.join(path.as_str()).unwrap();
            prop_assert_eq!(page.join(resolved.path()).unwrap().origin(), page.origin());
            prop_assert!(path.as_str().bytes().all(|byte| byte.is_ascii_graphic()), "{}", path);
            prop_assert_eq!(ReturnTo::parse(path.as_str()), Some(path));
        }
    }
}

#[test]
fn a_path_is_at_most_2048_bytes_long_as_it_is_sent() {
    let longest = format!("/{}", "a".repeat(2047));
    assert_eq!(ReturnTo::parse(&longest).unwrap().as_str(), longest);
    assert_eq!(ReturnTo::parse(&format!("{longest}a")), None);
    assert_eq!(ReturnTo::parse(&format!("/{}", "ß".repeat(1000))), None);
    assert_eq!(ReturnTo::parse(&"/".repeat(1 << 20)), None);
}

#[tokio::test]
async fn the_extractor_takes_next_from_the_query_and_the_home_page_for_a_hostile_one() {
    let router =
        Router::new().route("/login", get(async |next: ReturnTo| Redirect::to(next.as_str()))).route(
            "/own",
            get(async |next: Option<ReturnTo>| {
                Redirect::to(next.as_ref().map_or("/welcome", |it| it.as_str()))
            }),
        );
    let location = async |path: String| {
        let browser = Browser::at(&format!("https://example.com{path}"));
        let reply = Reply::read(router.clone().oneshot(browser.request()).await.unwrap()).await;
        assert_eq!(reply.status, 303);
        reply.header("location").unwrap()
    };
    for (query, next) in [
        ("?next=%2Faccount%3Fpage%3D2%26all", Some("/account?page=2&all")),
        ("?next=/account", Some("/account")),
        ("?lang=de&next=%2faccount&next=%2F", Some("/account")),
        ("?next=/a+b", Some("/a%20b")),
        ("", None),
        ("?", None),
        ("?next", None),
        ("?next=", None),
        ("?next2=/account", None),
        ("?next=%ff", None),
        ("?next=%2F%ff", None),
        ("?next=%2F%2Fevil.example", None),
        ("?next=%5C%5Cevil.example", None),
        ("?next=https%3A%2F%2Fevil.example&next=/account", None),
        ("?next=/%0d%0aSet-Cookie:a", None),
    ] {
        assert_eq!(location(format!("/login{query}")).await, next.unwrap_or("/"), "{query}");
        assert_eq!(location(format!("/own{query}")).await, next.unwrap_or("/welcome"), "{query}");
    }
}

#[tokio::test]
async fn a_field_of_a_form_is_the_home_page_where_it_is_missing_or_hostile() {
    #[derive(Deserialize)]
    struct Login {
        #[serde(default)]
        next: ReturnTo,
    }
    let router = Router::new().route("/", get(async |Form(login): Form<Login>| String::from(login.next)));
    for (query, next) in [("next=%2Faccount", "/account"), ("", "/"), ("next=//evil.example", "/")] {
        let browser = Browser::at(&format!("https://example.com/?{query}"));
        let reply = Reply::read(router.clone().oneshot(browser.request()).await.unwrap()).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, next));
    }
}
