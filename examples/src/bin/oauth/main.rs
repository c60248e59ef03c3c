//! Signing in with an OpenID Connect provider: the authorization code flow with PKCE.
//!
//! Register a client at the provider, with the redirect URI `http://127.0.0.1:3000/callback`, and start the program with
//!
//! ```sh
//! OAUTH_ISSUER=https://accounts.example.com OAUTH_CLIENT_ID=… OAUTH_CLIENT_SECRET=… cargo run -p examples --bin oauth
//! ```
//!
//! `site` is what concerns sessions, `provider` speaks with the provider.

mod provider;
mod site;

use std::env;
use std::error::Error;

use session::{MemoryStore, SessionLayer};
use tokio::net::TcpListener;

use crate::provider::{Client, Provider};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client {
        id: env::var("OAUTH_CLIENT_ID")?,
        secret: env::var("OAUTH_CLIENT_SECRET")?,
        redirect_uri: "http://127.0.0.1:3000/callback".to_owned(),
    };
    let provider = Provider::discover(&env::var("OAUTH_ISSUER")?, client).await?;
    let sessions = SessionLayer::builder(MemoryStore::new()).plain_http().build()?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, site::site(provider, sessions)).await?)
}
