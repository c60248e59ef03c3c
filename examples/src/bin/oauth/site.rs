//! The pages: one for everybody, one for signed-in visitors, and the two steps of signing in.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::html;
use serde::{Deserialize, Serialize};
use session::{Databag, Error, ReturnTo, Session, SessionLayer, SignedIn};

use super::provider::{Pkce, Provider, random};

#[derive(Databag)]
struct Visitor {
    /// The provider's identifier of the user.
    #[databag(principal)]
    subject: Option<String>,
    /// Attempts to sign in, one for each tab, by their `state`.
    #[databag(entries, ttl = "10m", secret)]
    attempts: BTreeMap<String, Attempt>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Attempt {
    verifier: String,
    next: ReturnTo,
}

pub(crate) fn site(provider: Provider, sessions: SessionLayer) -> Router {
    Router::new()
        .route("/account", get(account))
        .route_layer(session::guard::<Visitor>().redirect_to("/login"))
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .layer(sessions)
        .with_state(provider)
}

/// Sends the visitor to the provider.
async fn login(State(provider): State<Provider>, visitor: Session<Visitor>, next: ReturnTo) -> Redirect {
    let (state, pkce) = (random(), Pkce::new());
    let address = provider.authorization_url(&state, &pkce);
    visitor.data.insert_attempts(state, Attempt { verifier: pkce.verifier, next });
    Redirect::to(&address)
}

/// What the provider sends the visitor back with.
#[derive(Deserialize)]
struct Answer {
    state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Signs the visitor in, if this is the first answer to an attempt of this session.
async fn callback(
    State(provider): State<Provider>,
    visitor: Session<Visitor>,
    Query(answer): Query<Answer>,
) -> Result<Redirect, Refusal> {
    let claimed = visitor.data.claim_attempts(&answer.state).await.map_err(Refusal::Session)?;
    let Some(attempt) = claimed else {
        return if visitor.principal().is_some() { Ok(Redirect::to("/")) } else { Err(Refusal::Unknown) };
    };
    if !provider.is_issuer(answer.iss.as_deref()) {
        return Err(Refusal::Unknown);
    }
    let Some(code) = answer.code else {
        return Err(Refusal::Denied { error: answer.error.unwrap_or_default(), next: attempt.next });
    };
    let subject = provider.subject(code, attempt.verifier).await.map_err(|_| Refusal::Provider)?;
    visitor.data.set_subject(subject); // renews the token, and drops the data of another user
    Ok(Redirect::to(attempt.next.as_str()))
}

async fn logout(visitor: Session<Visitor>) -> Redirect {
    visitor.destroy();
    Redirect::to("/")
}

async fn home(visitor: Option<SignedIn<Visitor>>) -> Html<String> {
    let page = html! {
        @if let Some(visitor) = visitor {
            p { "Signed in as " (visitor.principal()) }
            form method="post" action="/logout" { button { "Sign out" } }
        } @else {
            p { "Not signed in" }
        }
        a href="/account" { "Your account" }
    };
    Html(page.into_string())
}

async fn account(visitor: SignedIn<Visitor>) -> Html<String> {
    Html(html! { p { "The account of " (visitor.principal()) } }.into_string())
}

/// Why nobody was signed in.
enum Refusal {
    /// The attempt belongs to another browser or another provider, has expired, or was answered before.
    Unknown,
    /// The user or the provider declined.
    Denied {
        error: String,
        next: ReturnTo,
    },
    /// The provider did not accept the code, or could not be reached.
    Provider,
    Session(Error),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, reason, next) = match self {
            Self::Unknown => {
                (StatusCode::BAD_REQUEST, "This attempt to sign in has ended.", ReturnTo::default())
            }
            // Other codes say that the request or the provider is faulty. Their description is text by whoever wrote the link.
            Self::Denied { error, next } if error == "access_denied" => {
                (StatusCode::FORBIDDEN, "You were not signed in.", next)
            }
            Self::Denied { next, .. } => {
                (StatusCode::BAD_GATEWAY, "The provider could not sign you in.", next)
            }
            Self::Provider => {
                (StatusCode::BAD_GATEWAY, "The provider could not confirm who you are.", ReturnTo::default())
            }
            Self::Session(error) => return error.into_response(),
        };
        let page = html! { p { (reason) } a href=(next.as_str()) { "Try again" } };
        (status, Html(page.into_string())).into_response()
    }
}
