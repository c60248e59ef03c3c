//! Signing in at a provider, with the site of the program `oauth`.

mod attempts;
mod identity_provider;
mod refusals;

#[path = "../../../src/bin/oauth/provider.rs"]
mod provider;
#[path = "../../../src/bin/oauth/site.rs"]
mod site;

use session::{ManualClock, MemoryStore, SessionLayer, Timestamp};

use self::identity_provider::IdentityProvider;
use self::provider::{Client, Provider};
use crate::support::{Server, Visitor};

/// The site and its provider, on a clock of the test's.
struct World {
    provider: IdentityProvider,
    site: Server,
    clock: ManualClock,
}

impl World {
    fn new() -> Self {
        let provider = IdentityProvider::start();
        let clock = ManualClock::starting_at(Timestamp::from_millis(1_767_225_600_000));
        let sessions = SessionLayer::builder(MemoryStore::new()).plain_http().clock(&clock).build().unwrap();
        let issuer = provider.issuer().to_owned();
        let site = Server::serve(async move |address| {
            let client = Client {
                id: identity_provider::CLIENT_ID.to_owned(),
                secret: identity_provider::CLIENT_SECRET.to_owned(),
                redirect_uri: format!("{address}/callback"),
            };
            site::site(Provider::discover(&issuer, client).await.unwrap(), sessions)
        });
        Self { provider, site, clock }
    }
}

/// Visits a page that needs a signed-in visitor, and returns the page of the provider that the site leads to.
fn start(visitor: &Visitor<'_>, page: &str) -> String {
    let login = visitor.reply(page, &[]).location().to_owned();
    visitor.reply(&login, &[]).location().to_owned()
}

/// The same, and signs in at the provider. Returns the address that the provider leads back to.
fn answer(visitor: &Visitor<'_>, page: &str) -> String {
    let authorization = start(visitor, page);
    visitor.reply(&authorization, &[]).location().to_owned()
}

/// The address with another value of a parameter of its query.
fn with(address: &str, name: &str, value: &str) -> String {
    let mut url = url::Url::parse(address).unwrap();
    let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let changed = pairs.iter_mut().find(|(own, _)| own == name).unwrap();
    value.clone_into(&mut changed.1);
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}

/// The value of a parameter of an address's query.
fn parameter(address: &str, name: &str) -> String {
    let url = url::Url::parse(address).unwrap();
    url.query_pairs().find(|(own, _)| own == name).unwrap().1.into_owned()
}
