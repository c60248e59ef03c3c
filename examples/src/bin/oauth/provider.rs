//! A client of an OpenID Connect provider, without sessions.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use ureq::Agent;
use url::Url;

/// How the provider knows this application.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) redirect_uri: String,
}

/// What the provider publishes about itself.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: String,
    userinfo_endpoint: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Clone)]
pub(crate) struct Provider(Arc<Inner>);

struct Inner {
    client: Client,
    metadata: Metadata,
    http: Agent,
}

/// The proof that the one who redeems a code is the one who asked for it (RFC 7636).
pub(crate) struct Pkce {
    pub(crate) verifier: String,
    challenge: String,
}

impl Pkce {
    pub(crate) fn new() -> Self {
        let verifier = random();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        Self { verifier, challenge }
    }
}

/// Returns 43 random characters for a URL.
pub(crate) fn random() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has a source of randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    /// Fetches the provider's metadata.
    pub(crate) async fn discover(issuer: &str, client: Client) -> Result<Self, ureq::Error> {
        let config = Agent::config_builder()
            .https_only(issuer.starts_with("https:"))
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(10)));
        let http = Agent::new_with_config(config.build());
        let address = format!("{issuer}/.well-known/openid-configuration");
        let metadata: Metadata = blocking({
            let http = http.clone();
            move || http.get(address).call()?.body_mut().read_json()
        })
        .await?;
        if metadata.issuer != issuer {
            return Err(ureq::Error::BadUri(metadata.issuer));
        }
        Ok(Self(Arc::new(Inner { client, metadata, http })))
    }

    /// The page of the provider where the user signs in.
    pub(crate) fn authorization_url(&self, state: &str, pkce: &Pkce) -> String {
        let Inner { client, metadata, .. } = &*self.0;
        let mut url = metadata.authorization_endpoint.clone();
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", &client.redirect_uri),
            ("scope", "openid"),
            ("state", state),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
        ]);
        url.into()
    }

    /// Whether an answer is of this provider (RFC 9207).
    pub(crate) fn is_issuer(&self, iss: Option<&str>) -> bool {
        let metadata = &self.0.metadata;
        iss.map_or(!metadata.authorization_response_iss_parameter_supported, |iss| iss == metadata.issuer)
    }

    /// Redeems a code, and asks whose it is.
    pub(crate) async fn subject(&self, code: String, verifier: String) -> Result<String, ureq::Error> {
        let inner = Arc::clone(&self.0);
        blocking(move || inner.subject(&code, &verifier)).await
    }
}

impl Inner {
    fn subject(&self, code: &str, verifier: &str) -> Result<String, ureq::Error> {
        let Self { client, metadata, http } = self;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &client.redirect_uri),
            ("client_id", &client.id),
            ("client_secret", &client.secret),
            ("code_verifier", verifier),
        ];
        let token: Token = http.post(&metadata.token_endpoint).send_form(form)?.body_mut().read_json()?;
        let authorization = format!("Bearer {}", token.access_token);
        let request = http.get(&metadata.userinfo_endpoint).header("authorization", authorization);
        let user: UserInfo = request.call()?.body_mut().read_json()?;
        Ok(user.sub)
    }
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
}

/// Runs a request on a thread where it may block.
async fn blocking<T: Send + 'static>(
    request: impl FnOnce() -> Result<T, ureq::Error> + Send + 'static,
) -> Result<T, ureq::Error> {
    tokio::task::spawn_blocking(request).await.expect("requests do not panic, and are not cancelled")
}
