//! Invalid settings are refused when the layer is built, with messages that say what to do.

use std::time::Duration;

use session::{Builder, MemoryStore, SameSite, Secure, SessionLayer};

type Settings = Builder<SessionLayer>;

/// Returns the error of building with these settings.
fn refusal(configure: impl FnOnce(Settings) -> Settings) -> String {
    configure(SessionLayer::builder(MemoryStore::new())).build().unwrap_err().to_string()
}

fn works(configure: impl FnOnce(Settings) -> Settings) -> bool {
    configure(SessionLayer::builder(MemoryStore::new())).build().is_ok()
}

const HOST_PREFIX: &str =
    "a `__Host-` cookie needs Secure::Always, the path `/` and no domain; use another name otherwise";

#[test]
fn same_site_none_needs_secure() {
    let sentence = "SameSite=None needs Secure::Always; browsers drop the cookie otherwise";
    for secure in [Secure::Never, Secure::Auto] {
        assert_eq!(refusal(|builder| builder.same_site(SameSite::None).secure(secure)), sentence);
    }
    assert_eq!(refusal(|builder| builder.same_site(SameSite::None).plain_http()), sentence);
    assert!(works(|builder| builder.same_site(SameSite::None)));
    assert!(works(|builder| builder.same_site(SameSite::Strict).plain_http()));
}

#[test]
fn a_partitioned_cookie_needs_secure() {
    let sentence = "a partitioned cookie needs Secure::Always; browsers drop it otherwise";
    for secure in [Secure::Never, Secure::Auto] {
        assert_eq!(refusal(|builder| builder.partitioned(true).secure(secure)), sentence);
    }
    assert!(works(|builder| builder.partitioned(true)));
}

#[test]
fn a_host_cookie_has_no_domain_the_path_of_all_and_secure() {
    for name in ["__Host-sid", "__host-sid", "__HOST-"] {
        assert!(works(|builder| builder.cookie_name(name)));
        let refused: [fn(Settings) -> Settings; 4] = [
            |builder| builder.domain("example.com"),
            |builder| builder.path("/shop"),
            |builder| builder.secure(Secure::Auto),
            Builder::plain_http,
        ];
        for setting in refused {
            assert_eq!(refusal(|builder| setting(builder.cookie_name(name))), HOST_PREFIX);
            assert_eq!(refusal(|builder| setting(builder).cookie_name(name)), HOST_PREFIX);
        }
    }
}

#[test]
fn a_secure_prefix_needs_secure() {
    for secure in [Secure::Never, Secure::Auto] {
        assert_eq!(
            refusal(|builder| builder.cookie_name("__Secure-sid").secure(secure)),
            "a `__Secure-` cookie needs Secure::Always; use another name otherwise"
        );
    }
    assert!(works(|builder| builder.cookie_name("__secure-sid").domain("example.com").path("/shop")));
}

#[test]
fn a_http_prefix_needs_secure_and_http_only() {
    let sentence = "a `__Http-` or `__Host-Http-` cookie needs Secure::Always and `http_only(true)`; \
                    use another name otherwise";
    for name in ["__Http-sid", "__http-sid", "__Host-Http-sid", "__HOST-HTTP-"] {
        assert!(works(|builder| builder.cookie_name(name)));
        assert_eq!(refusal(|builder| builder.cookie_name(name).http_only(false)), sentence);
    }
    for secure in [Secure::Never, Secure::Auto] {
        assert_eq!(refusal(|builder| builder.cookie_name("__Http-sid").secure(secure)), sentence);
        assert_eq!(refusal(|builder| builder.cookie_name("__Host-Http-sid").secure(secure)), HOST_PREFIX);
    }
    assert_eq!(refusal(|builder| builder.cookie_name("__Host-Http-sid").path("/shop")), HOST_PREFIX);
    assert_eq!(refusal(|builder| builder.cookie_name("__Host-Http-sid").domain("example.com")), HOST_PREFIX);
    assert!(works(|builder| builder.cookie_name("__Http-sid").domain("example.com").path("/shop")));
    assert!(works(|builder| builder.cookie_name("__Host-sid").http_only(false)));
}

#[test]
fn a_cookies_name_is_a_token() {
    for name in
        ["", " ", "a b", "a;b", "a=b", "a,b", "a\"b", "a\tb", "a\r\nb", "naïve", "a\u{0}", "(a)", "a/b"]
    {
        assert_eq!(
            refusal(|builder| builder.cookie_name(name)),
            format!("`{name}` is not a cookie name; use ASCII letters, digits, `-` and `_`")
        );
    }
    for name in ["sid", "_session_id", "connect.sid", "PHPSESSID", "a!#$%&'*+-.^_`|~1"] {
        assert!(works(|builder| builder.cookie_name(name)), "{name}");
        assert!(works(|builder| builder.session_key(name)), "{name}");
    }
}

#[test]
fn a_headers_name_is_one() {
    for name in ["", "x session", "x:session", "x-sitzüng", "x\r\n"] {
        assert_eq!(
            refusal(|builder| builder.header(name)),
            format!("`{name}` is not a header name; use ASCII letters, digits and `-`")
        );
    }
    assert!(works(|builder| builder.header("X-Session-Token")));
}

#[test]
fn a_token_does_not_travel_in_a_header_that_means_something_in_http() {
    for name in [
        "Cookie",
        "set-cookie",
        "Authorization",
        "Proxy-Authorization",
        "WWW-Authenticate",
        "Host",
        "Content-Length",
        "Content-Type",
        "Transfer-Encoding",
        "Connection",
        "Upgrade",
        "TE",
        "Trailer",
        "Location",
        "Cache-Control",
        "Vary",
        "ETag",
        "If-None-Match",
        "Accept",
        "Accept-Language",
        "Access-Control-Allow-Origin",
        "Origin",
        "Referer",
        "User-Agent",
        "Forwarded",
        "X-Forwarded-For",
        "Sec-Fetch-Site",
        "Date",
    ] {
        assert_eq!(
            refusal(|builder| builder.header(name)),
            format!(
                "the header `{name}` has a meaning in HTTP; use a name of your own, such as `x-session-token`"
            )
        );
    }
    for name in ["x-session", "X-Auth-Token", "Session", "api-session"] {
        assert!(works(|builder| builder.header(name)), "{name}");
    }
}

#[test]
fn a_path_starts_with_a_slash_and_ends_no_attribute() {
    let long = "/".repeat(1025);
    for path in [
        "",
        "shop",
        "/a;b",
        "/a\r\nset-cookie: b=c",
        "/caf\u{e9}",
        "/\u{0}",
        "https://example.com/",
        "/shop ",
        &long,
    ] {
        assert_eq!(
            refusal(|builder| builder.path(path)),
            format!(
                "`{path}` is not a cookie path; it starts with `/` and has no `;` and no control characters"
            )
        );
    }
    assert!(works(|builder| builder.path("/shop/caf%C3%A9")));
}

#[test]
fn a_domain_is_a_host_name() {
    let long = ["a".repeat(63).as_str(); 4].join(".");
    for domain in [
        "",
        ".",
        ".example.com",
        "example..com",
        "a b",
        "a;b",
        "https://example.com",
        "example.com:80",
        "a_b",
        "é.com",
        "example.com.",
        "-example.com",
        "example-.com",
        "www.-a-.example.com",
        "example.-com",
        "192.0.2.1",
        "127.1",
        "2130706433",
        "0x7f.0x1",
        "1.2.3.0XfF",
        "[::1]",
        "::1",
        &long,
    ] {
        assert_eq!(
            refusal(|builder| builder.domain(domain)),
            format!("`{domain}` is not a cookie domain; write a host name such as `example.com`")
        );
    }
    for domain in [
        "example.com",
        "localhost",
        "a.b.c.example.co.uk",
        "xn--bcher-kva.example",
        "3.example",
        "a-b.0xample",
    ] {
        assert!(works(|builder| builder.domain(domain)), "{domain}");
    }
}

#[test]
fn a_deadline_that_leaves_no_time_is_refused() {
    for none in [Duration::ZERO, Duration::from_micros(999)] {
        assert_eq!(
            refusal(|builder| builder.idle_timeout(none)),
            "the idle timeout is zero, so no session would live; give at least a millisecond"
        );
        assert_eq!(
            refusal(|builder| builder.lifetime(none)),
            "the lifetime is zero, so no session would live; give at least a millisecond"
        );
    }
    assert!(works(|builder| builder.idle_timeout(Duration::from_millis(1)).lifetime(Duration::MAX)));
}

#[test]
fn the_settings_of_a_cookie_do_not_matter_to_a_header() {
    assert!(works(|builder| builder.header("x-session").same_site(SameSite::None).plain_http()));
}

#[test]
fn the_defaults_and_the_settings_for_development_work() {
    assert!(works(|builder| builder));
    assert!(works(Builder::plain_http));
    assert!(works(|builder| builder.secure(Secure::Auto)));
}
