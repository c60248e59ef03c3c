//! The attributes of the session cookie, and their valid combinations.

use crate::config_error::ConfigError;

/// Which requests from other sites carry the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// None.
    Strict,
    /// Top-level navigation with a safe method.
    Lax,
    /// All; needs a `Secure` cookie.
    None,
}

/// When the cookie is `Secure`, that is, restricted to TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secure {
    /// Always. On a connection known to be plain HTTP nothing is saved and no cookie is sent.
    #[default]
    Always,
    /// Unless the connection is known to be plain HTTP: by the request's scheme, a trusted proxy, or a [`Connection`] in
    /// the request's extensions. HTTP/1.1 servers without TLS seldom know, so development on plain HTTP needs
    /// [`Secure::Never`].
    ///
    /// [`Connection`]: crate::Connection
    Auto,
    /// Never: for development, see [`Builder::plain_http`](crate::Builder::plain_http).
    Never,
}

/// How long a browser with too many cookies of one site keeps the cookie, compared with the others. Only Chromium
/// supports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Evicted first.
    Low,
    /// The default of browsers.
    Medium,
    /// Evicted last.
    High,
}

/// Attributes of the session cookie of one response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CookieAttributes {
    /// The path under which the client sends the cookie. `/` unless set.
    pub path: String,
    /// The domain whose subdomains get the cookie too. Unset, only the host itself does.
    pub domain: Option<String>,
    /// Whether the cookie is restricted to TLS.
    pub secure: bool,
    /// Whether the cookie is hidden from scripts.
    pub http_only: bool,
    /// Which requests from other sites carry the cookie; the attribute is left out when unset.
    pub same_site: Option<SameSite>,
    /// Whether an embedded site's cookie is partitioned by embedding site.
    pub partitioned: bool,
    /// How long a browser with too many cookies keeps this one; the attribute is left out when unset.
    pub priority: Option<Priority>,
}

impl Default for CookieAttributes {
    fn default() -> Self {
        Self {
            path: "/".to_owned(),
            domain: None,
            secure: true,
            http_only: true,
            same_site: Some(SameSite::Lax),
            partitioned: false,
            priority: None,
        }
    }
}

impl CookieAttributes {
    /// Checks that browsers accept a cookie with this name and these attributes.
    pub(crate) fn check(&self, name: &str) -> Result<(), ConfigError> {
        if !is_path(&self.path) {
            return Err(ConfigError::Path(self.path.clone()));
        }
        if let Some(domain) = &self.domain
            && !is_host_name(domain)
        {
            return Err(ConfigError::Domain(domain.clone()));
        }
        if !self.secure && self.same_site == Some(SameSite::None) {
            return Err(ConfigError::SameSiteNoneInsecure);
        }
        if !self.secure && self.partitioned {
            return Err(ConfigError::PartitionedInsecure);
        }
        if has_prefix(name, "__Host-") && (!self.secure || self.domain.is_some() || self.path != "/") {
            return Err(ConfigError::HostPrefix);
        }
        if has_prefix(name, "__Secure-") && !self.secure {
            return Err(ConfigError::SecurePrefix);
        }
        let http_only = has_prefix(name, "__Http-") || has_prefix(name, "__Host-Http-");
        if http_only && !(self.secure && self.http_only) {
            return Err(ConfigError::HttpPrefix);
        }
        Ok(())
    }
}

/// Browsers compare these prefixes without regard to case.
fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Browsers drop attributes of more than 1024 bytes, and white space at their ends.
fn is_path(path: &str) -> bool {
    let printable = path.bytes().all(|b| b != b';' && (0x20..0x7f).contains(&b));
    path.starts_with('/') && path.len() <= 1024 && printable && !path.ends_with(' ')
}

/// A host name in ASCII. One whose last label is a number would be read as an IPv4 address.
fn is_host_name(domain: &str) -> bool {
    let is_label = |label: &str| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let edges = label.starts_with('-') || label.ends_with('-');
        !label.is_empty() && label.len() < 64 && label.bytes().all(inner) && !edges
    };
    let last = domain.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let hex = last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    let is_number = hex || last.bytes().all(|b| b.is_ascii_digit());
    domain.len() < 254 && domain.split('.').all(is_label) && !is_number
}
