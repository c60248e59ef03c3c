//! Builder methods for the cookie and for tokens in headers.

use std::sync::Arc;

use super::attributes::{CookieAttributes, Priority, SameSite, Secure};
use super::request_info::RequestInfo;
use super::site_data::SiteData;
use crate::builder::{Build, Builder};
use crate::client_change::ClientChange;

impl<Target: Build> Builder<Target> {
    /// The cookie's name. Unless set it is `__Host-session` where the other settings allow that prefix, else
    /// `session`.
    ///
    /// Browsers keep a cookie whose name begins with a prefix, in any case of letters, only if its attributes match. So
    /// does [`build`](Builder::build): `__Secure-` needs [`Secure::Always`], `__Host-` also the path `/` and no domain,
    /// `__Http-` needs [`Secure::Always`] and [`http_only`](Builder::http_only), and `__Host-Http-` all of them.
    /// Browsers that support the last two do not let scripts set such a cookie.
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.transport.name = Some(name.into());
        self
    }

    /// The cookie's name, under the name that the original library gave it.
    pub fn session_key(self, name: impl Into<String>) -> Self {
        self.cookie_name(name)
    }

    /// The path under which the client sends the cookie. `/` unless set.
    ///
    /// The session of a request outside it can be used but is not saved and gets no cookie, since the client would not
    /// send the cookie back; [`on_warning`](Builder::on_warning) reports it. `/admin` covers `/admin` and
    /// `/admin/users`, and not `/administrator`. The path is the one that the client sent: with axum also if the
    /// layer is inside of a nested router, and with [`trust_proxy`](Builder::trust_proxy) including the prefix that the
    /// proxy removed, according to `X-Forwarded-Prefix`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.transport.attributes.path = path.into();
        self
    }

    /// The domain whose subdomains get the cookie too. Unless set, only the host itself does.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.transport.attributes.domain = Some(domain.into());
        self
    }

    /// When the cookie is restricted to TLS. [`Secure::Always`] unless set.
    pub fn secure(mut self, secure: Secure) -> Self {
        self.transport.secure = secure;
        self
    }

    /// Allows plain HTTP, for development: [`Secure::Never`], and therefore a cookie named `session` unless another name
    /// is set.
    pub fn plain_http(self) -> Self {
        self.secure(Secure::Never)
    }

    /// Whether the cookie is hidden from scripts. It is unless set.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.transport.attributes.http_only = http_only;
        self
    }

    /// Which requests from other sites carry the cookie; `None` leaves it to the browser. [`SameSite::Lax`] unless
    /// set.
    pub fn same_site(mut self, same_site: impl Into<Option<SameSite>>) -> Self {
        self.transport.attributes.same_site = same_site.into();
        self
    }

    /// Whether the cookie of an embedded site is partitioned by embedding site. Not unless set.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.transport.attributes.partitioned = partitioned;
        self
    }

    /// How long a browser that has too many cookies of this site keeps the session's, compared with the others; `None` leaves
    /// the attribute out. Not unless set.
    ///
    /// Only Chromium supports it: [`Priority::High`] is for sites whose other cookies, of advertisements for example,
    /// could displace that of the session.
    pub fn priority(mut self, priority: impl Into<Option<Priority>>) -> Self {
        self.transport.attributes.priority = priority.into();
        self
    }

    /// Makes the browser drop data that it holds for this site when a session ends: `Clear-Site-Data` with these kinds,
    /// in a response whose request destroyed its session or cleared or changed its principal. None unless set.
    ///
    /// The header extends one that the handler set. Browsers support it over HTTPS only. [`SiteData::Cookies`] and
    /// [`SiteData::All`] reach the cookies of every host of the registrable domain, and are left out where the response
    /// sets a session cookie of its own, such as for a message to the user who signed out.
    ///
    /// ```
    /// # use session::{MemoryStore, SessionLayer, SiteData};
    /// let layer = SessionLayer::builder(MemoryStore::new())
    ///     .clear_site_data([SiteData::Cache, SiteData::Storage])
    ///     .build()?;
    /// # Ok::<_, session::ConfigError>(())
    /// ```
    #[doc(alias = "logout")]
    pub fn clear_site_data(mut self, kinds: impl IntoIterator<Item = SiteData>) -> Self {
        self.transport.clear_site_data = kinds.into_iter().collect();
        self
    }

    /// Sets the cookie's attributes for each request, by user agent or host for example.
    ///
    /// Attributes that then contradict each other make the commit fail with [`Error::Cookie`](crate::Error::Cookie).
    pub fn cookie_per_request(
        mut self,
        change: impl Fn(&RequestInfo<'_>, &mut CookieAttributes) + Send + Sync + 'static,
    ) -> Self {
        self.transport.per_request = Some(Arc::new(change));
        self
    }

    /// Whether clients keep the cookie when the browser is closed, until the session's deadline. Not unless
    /// set; [`Session::remember`](crate::Session::remember) decides for one session.
    ///
    /// Such a cookie is sent whenever the session's deadline moves, with the remaining time. A response of status 304
    /// carries none, and does not count as use of the session.
    #[doc(alias = "remember_me")]
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.engine.settings.remember = persistent;
        self
    }

    /// Whether every response renews the cookie's age, also when the handler does not use the session.
    ///
    /// Unless set, a persistent cookie is sent when the session is created or renewed and whenever its deadline moves.
    /// It costs a load and a write for every request that presents a token, because a token is sent again only when the
    /// store has confirmed it; a response of status 304 goes without.
    #[doc(alias = "sliding_expiration")]
    pub fn rolling(mut self, rolling: bool) -> Self {
        self.transport.rolling = rolling;
        self
    }

    /// Whether a proxy reports the client's connection, by the first value of `X-Forwarded-Proto` or the first `proto`
    /// of `Forwarded` (RFC 7239), and the client's address, by the last value of `X-Forwarded-For` or the last `for` of
    /// `Forwarded`. Set it only where a proxy always overwrites these headers, or adds the address to them.
    ///
    /// A client is connected by TLS if one of them is `https` and none contradicts it. If they contradict each
    /// other, or neither is present, the connection counts as plain HTTP. An address that is missing, invalid or
    /// contradicted is unknown. Not unless set.
    pub fn trust_proxy(mut self, trust: bool) -> Self {
        self.transport.trust_proxy = trust;
        self
    }

    /// Treatment of a session that is presented by another client than the one from which its principal signed in, for
    /// databags with fields that are [bound](crate::guide::bind) to the client.
    ///
    /// A layer reads the client's user agent and address only where this is set, and refuses such a databag otherwise, with
    /// [`ConfigError::ClientNotRead`](crate::ConfigError::ClientNotRead) and status 500. A manager knows its databag:
    /// [`ClientChange::Report`] unless set.
    #[doc(alias = "session hijacking")]
    #[doc(alias = "fingerprint")]
    pub fn on_client_change(mut self, change: ClientChange) -> Self {
        self.transport.client_change = Some(change);
        self
    }

    /// Sends and accepts the token in this header instead of a cookie; cookies are then ignored.
    ///
    /// A response that ends the session carries the header with an empty value. Names with a defined meaning in HTTP,
    /// such as `Authorization` or `Content-Type`, are refused by [`build`](Builder::build).
    pub fn header(mut self, name: impl Into<String>) -> Self {
        (self.transport.header, self.transport.keeps_cookie) = (Some(name.into()), false);
        self
    }

    /// Sends and accepts the token in this header or in the cookie, whichever a request uses: for a site and an API on
    /// one layer.
    ///
    /// - The response uses the same way as the request: a new token of a session found by its cookie is sent in the
    ///   cookie, also if the request has the header, so that scripts cannot obtain it.
    /// - Without a session it is the header if the request has it, even empty, and the cookie otherwise. A client that
    ///   wants its first token in the header sends the header with an empty value.
    /// - If both are present, the one with a live session is used, and the header if both have the same. If they have
    ///   different live sessions, none is used, as with two cookies; [`on_warning`](Builder::on_warning) reports it.
    /// - Responses vary by both. The documentation of [`header`](Builder::header) and of the cookie applies here too.
    ///
    /// Browsers send cookies automatically and this header never, unless a script of an origin that CORS allows sets
    /// it. Requests with the cookie need protection from request forgery (CSRF) as if there were no header, whichever
    /// route they go to. Requests that have the header cannot come from the form of another site.
    pub fn header_or_cookie(mut self, name: impl Into<String>) -> Self {
        (self.transport.header, self.transport.keeps_cookie) = (Some(name.into()), true);
        self
    }
}
