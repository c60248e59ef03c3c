//! What a request presents: its tokens, and how its response is sent.

use session_core::Token;
use smallvec::SmallVec;

#[cfg(feature = "adopt")]
use super::adopt::OldIds;
use super::client::Client;
use super::set_cookie::CookieTemplate;
use crate::warning::Warning;

/// The tokens that a request presents, without an allocation for one.
pub(crate) type Tokens = SmallVec<[Token; 1]>;

/// The tokens that a request presents, and the transport of its response.
#[derive(Clone, Default)]
pub(crate) struct Presented {
    /// The tokens that the client presents, that of the header first. There are several only with cookies of several
    /// paths or domains, or a header in addition to a cookie; the live one is used.
    pub(crate) tokens: Tokens,
    /// Whether the response uses the header, and no cookie.
    pub(super) by_header: bool,
    /// Why no cookie can be sent to the client, if so.
    pub(super) obstacle: Option<Obstacle>,
    /// Boxed, since most requests have none.
    pub(super) details: Option<Box<Details>>,
}

/// What only some requests and settings have.
#[derive(Clone, Default)]
pub(super) struct Details {
    /// The token of the header, if cookies are accepted as well.
    pub(super) header_token: Option<Token>,
    /// The names of further cookies that carry parts of a token.
    pub(super) chunks: Vec<String>,
    /// The attributes of this response's cookie, if a function set them.
    pub(super) template: Option<CookieTemplate>,
    /// The client, if the settings require it.
    pub(super) client: Option<Client>,
    /// Sessions of another library.
    #[cfg(feature = "adopt")]
    pub(super) old: OldIds,
}

impl Presented {
    pub(super) fn details_mut(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }

    /// The attributes of this response's cookie, if a function set them.
    pub(super) fn template(&self) -> Option<&CookieTemplate> {
        self.details.as_ref()?.template.as_ref()
    }

    /// The client, if the settings require it.
    pub(crate) fn client(&self) -> Option<&Client> {
        self.details.as_ref()?.client.as_ref()
    }

    /// Sessions of another library that the request presents.
    #[cfg(feature = "adopt")]
    pub(super) fn old(&self) -> Option<&OldIds> {
        Some(&self.details.as_ref()?.old)
    }

    #[cfg(feature = "adopt")]
    pub(super) fn old_mut(&mut self) -> &mut OldIds {
        &mut self.details_mut().old
    }

    /// Records that the session of a cookie of another library was adopted: the response uses a cookie, which scripts cannot
    /// read.
    #[cfg(feature = "adopt")]
    pub(super) fn adopt(&mut self) {
        self.by_header = false;
        self.old_mut().is_adopted = true;
    }

    /// Why no token can be sent back, if none can.
    pub(crate) fn obstacle(&self) -> Option<Obstacle> {
        self.obstacle.filter(|_| !self.by_header)
    }
}

/// Why no cookie can be sent to the client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The cookie is `Secure`, and the connection is known to be plain HTTP.
    PlainHttp,
    /// The path of the request is outside the path of the cookie.
    OutsidePath,
}

impl Obstacle {
    pub(crate) fn warning(self) -> Warning {
        match self {
            Self::PlainHttp => Warning::PlainHttp,
            Self::OutsidePath => Warning::OutsidePath,
        }
    }
}
