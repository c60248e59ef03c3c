//! Form tokens of a session.

use std::fmt;

use super::refusal::CsrfRefusal;
use super::secret::{FIELD, Secret};
use crate::config_error::ConfigError;
use crate::data::Owner;
use crate::databag::Databag;
use crate::error::Error;
use crate::plan::Requested;
use crate::session::Session;

/// The data of this module in the application's sessions.
#[derive(session_derive::Databag)]
#[databag(namespace = "csrf", crate = crate)]
pub(crate) struct Csrf {
    #[databag(secret)]
    secret: Option<String>,
}

/// Makes and verifies the form tokens of a session.
///
/// In axum it is an argument of handlers; elsewhere it is made [of a session](CsrfToken::of). Extracting it neither creates
/// a session nor a token: [`issue`](CsrfToken::issue) does.
#[derive(Clone)]
pub struct CsrfToken(pub(super) Session<Csrf>);

impl CsrfToken {
    /// Opens the form tokens of a session.
    ///
    /// # Errors
    ///
    /// Those of [`Session::view`]: the application has a field that is stored as `csrf.secret`.
    pub fn of<T: Databag>(session: &Session<T>) -> Result<Self, ConfigError> {
        Ok(Self(session.view()?))
    }

    /// Returns a token for the forms of this response.
    ///
    /// The text is another one each time, so that the size of a compressed response reveals nothing about it; all are valid
    /// until the session ends or is renewed, by signing in for example. If the session is renewed in this request, sign in
    /// first and call this afterwards. A visitor without a session gets one.
    ///
    /// # Errors
    ///
    /// [`Error::Save`] if the operating system returns no random bytes.
    #[doc(alias = "authenticity_token")]
    #[doc(alias = "csrfmiddlewaretoken")]
    pub fn issue(&self) -> Result<String, Error> {
        let is_outdated = !self.reread() && self.will_renew();
        let stored = self.stored().filter(|_| !is_outdated);
        let token = match stored {
            Some(secret) => secret.token(),
            None => Secret::random().and_then(|secret| {
                self.0.data.set_secret(secret.to_text());
                secret.token()
            }),
        };
        token.map_err(Error::Save)
    }

    /// Verifies the token that a form contains.
    ///
    /// # Errors
    ///
    /// [`CsrfRefusal::Token`] if it is not one of this session, or the session has none.
    pub fn verify(&self, token: &str) -> Result<(), CsrfRefusal> {
        self.reread();
        if self.stored().is_some_and(|secret| secret.accepts(token)) {
            Ok(())
        } else {
            Err(CsrfRefusal::Token)
        }
    }

    fn stored(&self) -> Option<Secret> {
        self.0.data.secret().and_then(|text| Secret::from_text(&text))
    }

    /// Reads the secret from the record again, which a renewal may have changed, unless this request sets it. Returns whether
    /// it does.
    fn reread(&self) -> bool {
        self.0.shared.contents().reread::<Csrf>()
    }

    /// Whether the commit of this request renews the session.
    fn will_renew(&self) -> bool {
        let shared = &self.0.shared;
        let is_requested = {
            let state = shared.state();
            state.requested == Requested::Renew || state.authenticated_at().is_some()
        };
        let mut contents = shared.contents();
        is_requested || contents.has_departed() || contents.owner() == Owner::New
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsrfToken").finish_non_exhaustive()
    }
}

const _: () = {
    let name = Csrf::FIELDS[0].name.as_bytes();
    let expected = FIELD.as_bytes();
    assert!(name.len() == expected.len());
    let mut index = 0;
    while index < name.len() {
        assert!(name[index] == expected[index]);
        index += 1;
    }
};
