//! A small OpenID Connect provider. It accepts a code as often as it is presented: that a callback counts once is up to the
//! site.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, Redirect};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::Server;

pub(super) const CLIENT_ID: &str = "shop";
pub(super) const CLIENT_SECRET: &str = "the client's secret";

pub(super) struct IdentityProvider {
    server: Server,
    shared: Shared,
}

type Shared = Arc<Mutex<Inner>>;

struct Inner {
    issuer: String,
    /// Who signs in next, or the code of an error.
    next: Result<&'static str, &'static str>,
    codes: HashMap<String, Grant>,
    redeemed: usize,
}

/// What a code was issued for.
struct Grant {
    subject: &'static str,
    redirect_uri: String,
    challenge: String,
}

impl IdentityProvider {
    /// Starts a provider where `ada` signs in.
    pub(super) fn start() -> Self {
        let inner = Inner { issuer: String::new(), next: Ok("ada"), codes: HashMap::new(), redeemed: 0 };
        let shared = Arc::new(Mutex::new(inner));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(Arc::clone(&shared));
        let server = Server::serve(async move |_| router);
        shared.lock().unwrap().issuer.clone_from(&server.address);
        Self { server, shared }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.server.address
    }

    /// Sets who signs in next, or the error that the provider answers with.
    pub(super) fn answer_with(&self, next: Result<&'static str, &'static str>) {
        self.shared.lock().unwrap().next = next;
    }

    /// Returns how many codes were redeemed.
    pub(super) fn redeemed(&self) -> usize {
        self.shared.lock().unwrap().redeemed
    }
}

/// A response with a JSON object.
type Json = (AppendHeaders<[(&'static str, &'static str); 1]>, String);

fn json(value: &Value) -> Json {
    (AppendHeaders([("content-type", "application/json")]), value.to_string())
}

async fn metadata(State(shared): State<Shared>) -> Json {
    let issuer = &shared.lock().unwrap().issuer;
    json(&json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

#[derive(Deserialize)]
struct Authorization {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    code_challenge: String,
    code_challenge_method: String,
}

async fn authorize(
    State(shared): State<Shared>,
    Query(asked): Query<Authorization>,
) -> Result<Redirect, StatusCode> {
    let is_known = asked.client_id == CLIENT_ID && asked.redirect_uri.ends_with("/callback");
    let is_code = asked.response_type == "code" && asked.scope == "openid";
    if !is_known || !is_code || asked.code_challenge_method != "S256" {
        return Err(StatusCode::BAD_REQUEST);
    }
    let mut inner = shared.lock().unwrap();
    let outcome = match inner.next {
        Ok(subject) => {
            let code = format!("code-{}", inner.codes.len());
            let Authorization { redirect_uri, code_challenge: challenge, .. } = &asked;
            let (redirect_uri, challenge) = (redirect_uri.clone(), challenge.clone());
            inner.codes.insert(code.clone(), Grant { subject, redirect_uri, challenge });
            ("code", code)
        }
        Err(error) => ("error", error.to_owned()),
    };
    let parameters = [outcome, ("state", asked.state), ("iss", inner.issuer.clone())];
    let address = url::Url::parse_with_params(&asked.redirect_uri, parameters).unwrap();
    Ok(Redirect::to(address.as_str()))
}

#[derive(Deserialize)]
struct TokenRequest {
    grant_type: String,
    code: String,
    redirect_uri: String,
    client_id: String,
    client_secret: String,
    code_verifier: String,
}

async fn token(State(shared): State<Shared>, Form(asked): Form<TokenRequest>) -> Result<Json, StatusCode> {
    let mut inner = shared.lock().unwrap();
    let is_client = asked.client_id == CLIENT_ID && asked.client_secret == CLIENT_SECRET;
    let grant = inner.codes.get(&asked.code).ok_or(StatusCode::BAD_REQUEST)?;
    let is_granted = asked.grant_type == "authorization_code" && asked.redirect_uri == grant.redirect_uri;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&asked.code_verifier));
    if !is_client || !is_granted || challenge != grant.challenge {
        return Err(StatusCode::BAD_REQUEST);
    }
    let subject = grant.subject;
    inner.redeemed += 1;
    Ok(json(&json!({ "access_token": format!("token of {subject}"), "token_type": "Bearer" })))
}

async fn userinfo(headers: HeaderMap) -> Result<Json, StatusCode> {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok());
    let subject = token.and_then(|token| token.strip_prefix("Bearer token of "));
    Ok(json(&json!({ "sub": subject.ok_or(StatusCode::UNAUTHORIZED)? })))
}
