//! Errors in settings and in the combination of databags.

use crate::policy::Policy;

/// An invalid setting or combination of settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The idle timeout is zero.
    #[error("the idle timeout is zero, so no session would live; give at least a millisecond")]
    NoIdleTimeout,
    /// The lifetime is zero.
    #[error("the lifetime is zero, so no session would live; give at least a millisecond")]
    NoLifetime,
    /// A setting is looser than the [policy](crate::Builder::policy) allows.
    #[error(
        "`{setting}` is looser than NIST SP 800-63B-4 allows at {policy}; leave it unset, or choose another policy or none"
    )]
    LooserThanPolicy {
        /// The name of the builder's method.
        setting: &'static str,
        /// The policy that was chosen.
        policy: Policy,
    },
    /// The cookie's name is not a token of RFC 6265.
    #[error("`{0}` is not a cookie name; use ASCII letters, digits, `-` and `_`")]
    CookieName(String),
    /// The header's name is not a valid header name.
    #[error("`{0}` is not a header name; use ASCII letters, digits and `-`")]
    HeaderName(String),
    /// The header has a defined meaning in HTTP, so it cannot carry a token.
    #[error("the header `{0}` has a meaning in HTTP; use a name of your own, such as `x-session-token`")]
    ReservedHeader(String),
    /// The cookie's path does not start with `/`, or contains what a cookie cannot.
    #[error("`{0}` is not a cookie path; it starts with `/` and has no `;` and no control characters")]
    Path(String),
    /// The cookie's domain is not a host name; an IP address is not one.
    #[error("`{0}` is not a cookie domain; write a host name such as `example.com`")]
    Domain(String),
    /// `SameSite=None` without `Secure`: browsers drop such a cookie.
    #[error("SameSite=None needs Secure::Always; browsers drop the cookie otherwise")]
    SameSiteNoneInsecure,
    /// `Partitioned` without `Secure`: browsers drop such a cookie.
    #[error("a partitioned cookie needs Secure::Always; browsers drop it otherwise")]
    PartitionedInsecure,
    /// A `__Host-` name with a domain, a path other than `/`, or without `Secure`.
    #[error(
        "a `__Host-` cookie needs Secure::Always, the path `/` and no domain; use another name otherwise"
    )]
    HostPrefix,
    /// A `__Secure-` name without `Secure`.
    #[error("a `__Secure-` cookie needs Secure::Always; use another name otherwise")]
    SecurePrefix,
    /// A `__Http-` or `__Host-Http-` name without `Secure` or `HttpOnly`.
    #[error(
        "a `__Http-` or `__Host-Http-` cookie needs Secure::Always and `http_only(true)`; use another name otherwise"
    )]
    HttpPrefix,
    /// The store does not support the concurrency guarantee of a field.
    #[error(
        "the {store} store cannot keep what `counter` or `cas` promises of field `{field}`; use a store on the server, \
         or accept lost updates where the store is built"
    )]
    Unserved {
        /// The store's name.
        store: &'static str,
        /// The name under which the field is stored.
        field: &'static str,
    },
    /// Two databags of one session name the same stored field.
    #[error(
        "the databags `{}` and `{}` of one session both name the field `{field}`; rename it in one, or give one of them \
         `#[databag(namespace = \"…\")]`", databags.0, databags.1
    )]
    SharedField {
        /// The name under which the field is stored.
        field: &'static str,
        /// The paths of the databags' types.
        databags: (&'static str, &'static str),
    },
    /// Two databags of one session have a principal each.
    #[error(
        "the databags `{}` and `{}` of one session both have a field marked `principal`; a session belongs to one, so \
         mark the other `index`", databags.0, databags.1
    )]
    TwoPrincipals {
        /// The paths of the databags' types.
        databags: (&'static str, &'static str),
    },
    /// A databag with a required field was opened on a session that lacks it, after the request had used the session.
    #[error(
        "the session lacks the field `{field}` that the databag `{databag}` requires, and was used before that databag was \
         opened, so it is ended; open the databag where a request first uses its session"
    )]
    RequiredLate {
        /// The name under which the field is stored.
        field: &'static str,
        /// The path of the databag's type.
        databag: &'static str,
    },
    /// A databag binds a field to the client, which the layer does not read.
    #[error(
        "the databag `{databag}` binds the field `{field}` to the client, which the layer does not read; say with \
         `on_client_change(…)` what becomes of a session that another client presents"
    )]
    ClientNotRead {
        /// The name under which the field is stored.
        field: &'static str,
        /// The path of the databag's type.
        databag: &'static str,
    },
    /// A databag with a bound field was opened on a session that another client presents, after the request had used the
    /// session.
    #[error(
        "another client presents the session than the field `{field}` of the databag `{databag}` remembers, and the session \
         was used before that databag was opened, so it is ended; open the databag where a request first uses its session"
    )]
    ClientChangedLate {
        /// The name under which the field is stored.
        field: &'static str,
        /// The path of the databag's type.
        databag: &'static str,
    },
    /// Sessions of another library are adopted by their cookie, but the layer uses no cookies.
    #[cfg(feature = "adopt")]
    #[error("sessions are adopted by their cookie, and a header carries the tokens; use `header_or_cookie`")]
    AdoptWithoutCookie,
    /// A limit of zero sessions for each principal.
    #[error("a limit of zero sessions lets nobody sign in; give at least one")]
    NoSessions,
    /// The databag has no field marked `principal`.
    #[error("sessions are limited for each principal, and the databag has none; mark a field `principal`")]
    NoPrincipal,
    /// The store cannot count the sessions of a principal.
    #[error(
        "the {store} store cannot limit the sessions of a principal; use a store on the server that offers session limits, or \
         remove `max_sessions_per_principal`"
    )]
    LimitUnsupported {
        /// The store's name.
        store: &'static str,
    },
    /// The process-wide manager was configured already, or for another databag.
    #[error("`session::configure` was called before; the default is set once, when the process starts")]
    AlreadyConfigured,
}
