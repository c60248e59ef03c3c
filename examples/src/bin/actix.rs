//! A counter, and signing in and out, in actix-web: `cargo run -p examples --bin actix`, then
//! `curl -c jar -b jar http://127.0.0.1:3000`, `-d name=ada …/login`, `-X POST …/logout`.

use actix_web::{App, HttpServer, web};
use serde::Deserialize;
use session::{Databag, MemoryStore, Session, SessionMiddleware};

#[derive(Databag)]
struct UserSession {
    #[databag(principal)] // setting it renews the token
    user: Option<String>,
    #[databag(counter, keep)] // what concurrent requests add adds up; kept when the user changes
    visits: u64,
}

#[derive(Deserialize)]
struct Login {
    name: String,
}

async fn count(session: Session<UserSession>) -> String {
    let user = session.data.user().unwrap_or_else(|| "a guest".to_owned());
    format!("visit {} of {user}\n", session.data.add_visits(1))
}

async fn login(session: Session<UserSession>, form: web::Form<Login>) -> String {
    session.data.set_user(form.name.as_str()); // where the password, which this program has none of, was right
    format!("welcome, {}\n", form.name)
}

async fn logout(session: Session<UserSession>) -> &'static str {
    session.destroy();
    "goodbye\n"
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Outside of the function below, which each worker calls: all share one store.
    let sessions = SessionMiddleware::builder(MemoryStore::new()).plain_http().build()?;
    let app = move || {
        App::new()
            .route("/", web::get().to(count))
            .route("/login", web::post().to(login))
            .route("/logout", web::post().to(logout))
            .wrap(sessions.clone())
    };
    let listen = std::env::var("ACTIX_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let server = HttpServer::new(app).bind(listen)?;
    println!("listening on http://{}", server.addrs()[0]);
    Ok(server.run().await?)
}
