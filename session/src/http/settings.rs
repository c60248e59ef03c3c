//! Settings of the transport, before and while they are checked.

use http::HeaderName;

use super::attributes::{CookieAttributes, Secure};
use super::reserved::is_reserved;
use super::set_cookie::CookieTemplate;
use super::site_data::{ClearSiteData, SiteData};
use super::transport::{Carrier, PerRequest, Transport};
use crate::config_error::ConfigError;

/// The settings of [`Transport`], before they are checked.
#[derive(Default)]
pub(crate) struct TransportSettings {
    pub(super) name: Option<String>,
    pub(super) header: Option<String>,
    pub(super) attributes: CookieAttributes,
    pub(super) secure: Secure,
    pub(super) per_request: Option<PerRequest>,
    pub(super) clear_site_data: Vec<SiteData>,
    pub(super) trust_proxy: bool,
    pub(super) rolling: bool,
}

impl TransportSettings {
    pub(crate) fn build(mut self) -> Result<Transport, ConfigError> {
        let clear_site_data = ClearSiteData::of(&self.clear_site_data).map(Box::new);
        self.attributes.secure = self.secure == Secure::Always;
        let carrier = if let Some(name) = self.header {
            let Ok(parsed) = HeaderName::try_from(&name) else { return Err(ConfigError::HeaderName(name)) };
            if is_reserved(&parsed) {
                return Err(ConfigError::ReservedHeader(name));
            }
            Carrier::Header(parsed)
        } else {
            let host = self.attributes.check("__Host-").is_ok();
            let name =
                self.name.unwrap_or_else(|| if host { "__Host-session" } else { "session" }.to_owned());
            if name.is_empty() || !name.bytes().all(is_token_char) {
                return Err(ConfigError::CookieName(name));
            }
            self.attributes.check(&name)?;
            self.attributes.secure = self.secure != Secure::Never;
            Carrier::Cookie {
                name,
                template: CookieTemplate::new(self.attributes),
                secure: self.secure,
                per_request: self.per_request,
            }
        };
        Ok(Transport { carrier, clear_site_data, trust_proxy: self.trust_proxy, rolling: self.rolling })
    }
}

/// The characters of a token in RFC 9110, of which cookie names are made.
fn is_token_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
