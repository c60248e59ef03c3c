//! The client's address in the headers of a trusted proxy.

use session::ClientChange;

use super::{AGENT, Session, client, listening, sign_in};
use crate::support::{Browser, Log, Site};

async fn network(session: Session) -> String {
    session.data.network().unwrap_or_else(|| "unknown".to_owned())
}

/// Returns the stored network of a request with these headers.
async fn remembered(headers: &[(&'static str, &str)]) -> String {
    let site = Site::with(|builder| listening(builder, ClientChange::Report, &Log::default()).plain_http());
    let mut browser = client(&Browser::new(), AGENT, "");
    for (name, value) in headers {
        browser.headers.append(*name, value.parse().unwrap());
    }
    site.visit(&mut browser, sign_in).await.set_cookie();
    site.visit(&mut browser, network).await.body
}

#[tokio::test]
async fn the_last_address_counts_since_the_first_ones_are_what_the_client_sent() {
    for line in ["192.0.2.1, 203.0.113.7", "192.0.2.1,203.0.113.7", "nonsense, 203.0.113.7", " 203.0.113.7 "]
    {
        assert_eq!(remembered(&[("x-forwarded-for", line)]).await, "203.0.113.0/24", "{line}");
    }
    let lines = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "203.0.113.7")];
    assert_eq!(remembered(&lines).await, "203.0.113.0/24");
    for line in ["203.0.113.7, ", "203.0.113.7, unknown", "", "203.0.113", "203.0.113.7/24"] {
        assert_eq!(remembered(&[("x-forwarded-for", line)]).await, "unknown", "{line}");
    }
}

#[tokio::test]
async fn ports_and_brackets_are_no_part_of_the_address() {
    for line in ["203.0.113.7:4711", "203.0.113.7"] {
        assert_eq!(remembered(&[("x-forwarded-for", line)]).await, "203.0.113.0/24", "{line}");
    }
    for line in ["2001:db8:1::7", "[2001:db8:1::7]", "[2001:db8:1::7]:4711"] {
        assert_eq!(remembered(&[("x-forwarded-for", line)]).await, "2001:db8:1::/48", "{line}");
    }
    for line in ["[203.0.113.7]", "[2001:db8:1::7", "2001:db8:1::7]", "[2001:db8:1::7]4711", "203.0.113.7:"] {
        assert_eq!(remembered(&[("x-forwarded-for", line)]).await, "unknown", "{line}");
    }
}

#[tokio::test]
async fn the_standard_header_is_read_too() {
    for line in [
        "for=203.0.113.7",
        "For=203.0.113.7;proto=https",
        "for=192.0.2.1;by=x, proto=https;for=\"203.0.113.7:4711\"",
        "for=\"un\\\"known\", for = 203.0.113.7",
    ] {
        assert_eq!(remembered(&[("forwarded", line)]).await, "203.0.113.0/24", "{line}");
    }
    let line = "for=192.0.2.1, for=\"[2001:db8:1::7]:4711\"";
    assert_eq!(remembered(&[("forwarded", line)]).await, "2001:db8:1::/48");
    for line in [
        "for=unknown",
        "for=_hidden",
        "proto=https",
        "for=203.0.113.7, by=x",
        "for=203.0.113.7;for=203.0.113.7",
        "for=192.0.2.1;by=\"",
        "for=192.0.2.1;by=\", for=203.0.113.7",
        // A quoted string that the client opens is closed by a quote of the proxy.
        "for=192.0.2.1;by=\", for=\"[2001:db8:1::7]\"",
        "for=192.0.2.1;by=\"x\" for=203.0.113.7",
    ] {
        assert_eq!(remembered(&[("forwarded", line)]).await, "unknown", "{line}");
    }
}

#[tokio::test]
async fn two_headers_that_say_different_addresses_say_none() {
    let listed = ("x-forwarded-for", "192.0.2.1, 203.0.113.7");
    assert_eq!(remembered(&[listed, ("forwarded", "for=203.0.113.7")]).await, "203.0.113.0/24");
    assert_eq!(remembered(&[listed, ("forwarded", "for=\"[::ffff:203.0.113.7]\"")]).await, "203.0.113.0/24");
    assert_eq!(remembered(&[listed, ("forwarded", "proto=https")]).await, "203.0.113.0/24");
    assert_eq!(remembered(&[listed, ("forwarded", "for=203.0.113.8")]).await, "unknown");
    assert_eq!(remembered(&[listed, ("forwarded", "for=unknown")]).await, "unknown");
}

#[tokio::test]
async fn functions_that_choose_cookie_attributes_see_the_address_that_the_proxy_reports() {
    let seen = Log::default();
    let log = seen.clone();
    let site = Site::with(|builder| {
        builder
            .trust_proxy(true)
            .cookie_per_request(move |request, _| log.push(format!("{:?}", request.client)))
    });
    let idle = |_: crate::support::Session| async {};
    site.visit_as(&client(&Browser::new(), AGENT, "192.0.2.1, 203.0.113.7"), idle).await;
    site.visit_as(&client(&Browser::new(), AGENT, ""), idle).await;
    assert_eq!(seen.take(), ["Some(203.0.113.7)", "None"]);
}
