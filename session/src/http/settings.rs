//! Settings of the transport, and their checks.

use http::HeaderName;

use super::attributes::{CookieAttributes, Secure};
use super::reserved::is_reserved;
use super::set_cookie::CookieTemplate;
use super::site_data::{ClearSiteData, SiteData};
use super::transport::{Carrier, CookieCarrier, PerRequest, Transport};
use crate::client_change::ClientChange;
use crate::config_error::ConfigError;

/// The settings of [`Transport`], before they are checked.
#[derive(Default)]
pub(crate) struct TransportSettings {
    pub(super) name: Option<String>,
    pub(super) header: Option<String>,
    /// Whether cookies are used in addition to the header.
    pub(super) keeps_cookie: bool,
    pub(super) attributes: CookieAttributes,
    pub(super) secure: Secure,
    pub(super) per_request: Option<PerRequest>,
    pub(super) clear_site_data: Vec<SiteData>,
    pub(super) trust_proxy: bool,
    pub(super) rolling: bool,
    pub(super) client_change: Option<ClientChange>,
}

impl TransportSettings {
    /// Returns the setting by which scripts or plain HTTP may reach the cookie, if there is one.
    pub(crate) fn exposure(&self) -> Option<&'static str> {
        match self {
            Self { header: Some(_), keeps_cookie: false, .. } => None,
            Self { secure: Secure::Auto | Secure::Never, .. } => Some("secure"),
            Self { attributes, .. } => (!attributes.http_only).then_some("http_only"),
        }
    }

    pub(crate) fn build(self) -> Result<Transport, ConfigError> {
        let Self { trust_proxy, rolling, client_change, .. } = self;
        let clear_site_data = ClearSiteData::of(&self.clear_site_data).map(Box::new);
        let carrier = match self.header.clone().map(header).transpose()? {
            Some(header) if self.keeps_cookie => Carrier::Either(self.cookie()?, header),
            Some(header) => Carrier::Header(header),
            None => Carrier::Cookie(self.cookie()?),
        };
        Ok(Transport { carrier, clear_site_data, trust_proxy, rolling, client_change })
    }

    fn cookie(self) -> Result<CookieCarrier, ConfigError> {
        let Self { name, mut attributes, secure, per_request, .. } = self;
        attributes.secure = secure == Secure::Always;
        let host = attributes.check("__Host-").is_ok();
        let name = name.unwrap_or_else(|| if host { "__Host-session" } else { "session" }.to_owned());
        if name.is_empty() || !name.bytes().all(is_token_char) {
            return Err(ConfigError::CookieName(name));
        }
        attributes.check(&name)?;
        attributes.secure = secure != Secure::Never;
        Ok(CookieCarrier { name, template: CookieTemplate::new(attributes), secure, per_request })
    }
}

/// The name of a header in which a token can travel.
fn header(name: String) -> Result<HeaderName, ConfigError> {
    match HeaderName::try_from(&name) {
        Ok(parsed) if is_reserved(&parsed) => Err(ConfigError::ReservedHeader(name)),
        Ok(parsed) => Ok(parsed),
        Err(_) => Err(ConfigError::HeaderName(name)),
    }
}

/// The characters of a token in RFC 9110, which cookie names consist of.
fn is_token_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
