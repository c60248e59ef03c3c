//! The settings of the transport in the table of effective settings.

use super::transport::{Carrier, CookieCarrier, Transport};

impl Transport {
    /// Returns the names of the settings and their values.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let (carrier, attributes) = match &self.carrier {
            Carrier::Header(name) => (format!("the header `{name}`"), "no cookie".to_owned()),
            Carrier::Cookie(cookie) => (format!("the cookie `{}`", cookie.name), attributes(cookie)),
            Carrier::Either(cookie, header) => {
                (format!("the header `{header}` or the cookie `{}`", cookie.name), attributes(cookie))
            }
        };
        let sent =
            if self.rolling { "with every response" } else { "when the token or its deadline changes" };
        vec![
            ("token travels in", carrier),
            ("cookie attributes", attributes),
            ("cookie is sent", sent.to_owned()),
            ("proxy headers are trusted", if self.trust_proxy { "yes" } else { "no" }.to_owned()),
        ]
    }
}

fn attributes(CookieCarrier { template, secure, per_request, .. }: &CookieCarrier) -> String {
    let on_request = if per_request.is_some() { "; may differ by request" } else { "" };
    format!("{}; secure: {secure:?}{on_request}", template.text())
}
