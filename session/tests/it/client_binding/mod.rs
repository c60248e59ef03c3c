//! Fields bound to the client from which the principal signed in.

mod end;
mod forwarded;
mod late;
mod manager;
mod refused;
mod report;
mod require_fresh;
mod secrecy;
mod sign_in;
mod values;

use session::{Builder, ClientChange, Databag, SessionEvent, SessionLayer, Store};

use crate::support::{Browser, Log, Site};

#[derive(Databag)]
struct Account {
    #[databag(principal)]
    user: Option<String>,
    #[databag(bind = "user-agent")]
    agent: Option<String>,
    #[databag(bind = "network")]
    network: Option<String>,
    theme: String,
}

type Session<T = Account> = session::Session<T>;

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Another client with the same token: another browser of the user, or an attacker.
const OTHER_AGENT: &str = "curl/8.14.1";

/// A site behind a trusted proxy, and the events that its layer reports.
fn site(change: ClientChange) -> (Site, Log) {
    let events = Log::default();
    let site = Site::with(|builder| listening(builder, change, &events));
    (site, events)
}

fn listening(builder: Builder<SessionLayer>, change: ClientChange, events: &Log) -> Builder<SessionLayer> {
    let events = events.clone();
    builder.trust_proxy(true).on_client_change(change).on_event(move |event| events.push(summary(event)))
}

/// An event without the handle id.
fn summary(event: &SessionEvent) -> String {
    match event {
        SessionEvent::Started { .. } => "started".to_owned(),
        SessionEvent::Renewed { .. } => "renewed".to_owned(),
        SessionEvent::Reauthenticated { .. } => "reauthenticated".to_owned(),
        SessionEvent::SignedIn { .. } => "signed in".to_owned(),
        SessionEvent::SignedOut { .. } => "signed out".to_owned(),
        SessionEvent::ClientChanged { field, .. } => format!("other {field}"),
        SessionEvent::Ended { how, .. } => format!("ended, {how}"),
        SessionEvent::Gone { .. } => "gone".to_owned(),
        _ => "another event".to_owned(),
    }
}

/// The same cookies in a client with this user agent and address.
fn client(browser: &Browser, agent: &str, address: &str) -> Browser {
    let mut client = browser.clone();
    client.headers.insert("x-forwarded-proto", "https".parse().unwrap());
    for (name, value) in [("user-agent", agent), ("x-forwarded-for", address)] {
        client.headers.remove(name);
        if !value.is_empty() {
            client.headers.insert(name, value.parse().unwrap());
        }
    }
    client
}

async fn sign_in(session: Session) {
    session.data.set_user("ada");
    session.data.set_theme("dark");
}

async fn user(session: Session) -> String {
    session.data.user().unwrap_or_else(|| "nobody".to_owned())
}

async fn remembered(session: Session) -> String {
    format!("{:?} {:?}", session.data.agent(), session.data.network())
}

/// A browser whose user signed in with this user agent from this address.
async fn signed_in<S: Store>(site: &Site<S>, agent: &str, address: &str) -> Browser {
    let mut browser = client(&Browser::new(), agent, address);
    site.visit(&mut browser, sign_in).await.set_cookie();
    site.calls();
    browser
}
