//! Signing in and out: `cargo run -p examples --bin login`, then visit <http://127.0.0.1:3000/private> in a browser, or with
//! `curl -L -c jar -b jar http://127.0.0.1:3000/private` and `curl -c jar -b jar -d user_id=7 …/login?next=/private`.

use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;
use session::{Databag, MemoryStore, ReturnTo, Session, SessionLayer, SignedIn};

#[derive(Databag)]
struct UserSession {
    #[databag(principal)]
    // setting it renews the token, so one that was planted or stolen before the login is invalid
    user_id: Option<u64>,
}

#[derive(Deserialize)]
struct Login {
    user_id: u64,
}

/// A form that is sent to its own address, whose query has the page that the visitor wanted.
const SIGN_IN: &str = "<form method=post>User <input name=user_id> <button>Sign in</button></form>\n";

async fn login(session: Session<UserSession>, next: ReturnTo, Form(form): Form<Login>) -> Redirect {
    session.data.set_user_id(form.user_id); // where the password, which this program has none of, was right
    Redirect::to(next.as_str())
}

async fn private(user: SignedIn<UserSession>) -> Html<String> {
    Html(format!("Hi {} <form method=post action=/logout><button>Sign out</button></form>", user.principal()))
}

async fn logout(session: Session<UserSession>) -> Redirect {
    session.destroy();
    Redirect::to("/login?next=/private")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/private", get(private).route_layer(session::guard::<UserSession>().redirect_to("/login")))
        .route("/login", get(Html(SIGN_IN)).post(login))
        .route("/logout", post(logout))
        .layer(SessionLayer::builder(MemoryStore::new()).plain_http().build()?);
    Ok(axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?)
}
