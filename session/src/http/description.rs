//! The settings of the transport in the table of effective settings.

use super::transport::{Carrier, CookieCarrier, Transport};
use crate::client_change::ClientChange;

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
        let change = match self.client_change {
            None => "not watched",
            Some(ClientChange::Report) => "reported, where a databag binds a field to the client",
            Some(ClientChange::RequireFresh) => {
                "reported, and asks for authentication, where a databag binds a field to the client"
            }
            Some(ClientChange::End) => "ends the session, where a databag binds a field to the client",
        };
        vec![
            ("token travels in", carrier),
            ("cookie attributes", attributes),
            ("cookie is sent", sent.to_owned()),
            ("a change of the client", change.to_owned()),
            ("proxy headers are trusted", if self.trust_proxy { "yes" } else { "no" }.to_owned()),
        ]
    }
}

fn attributes(CookieCarrier { template, secure, per_request, .. }: &CookieCarrier) -> String {
    let on_request = if per_request.is_some() { "; may differ by request" } else { "" };
    format!("{}; secure: {secure:?}{on_request}", template.text())
}
