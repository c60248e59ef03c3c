//! A site that adopts the sessions of another library, and its visitors.

use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use http_body_util::BodyExt as _;
use session::adopt::OldStore;
use session::{ClientAddr, Databag, MemoryStore, Session, SessionLayer};
use tower::ServiceExt as _;

/// The user and the cart that old applications store as `user_id` and `cart`.
#[derive(Databag)]
struct Account {
    #[databag(principal)]
    user: Option<u64>,
    cart: Vec<String>,
}

/// What visitors of the new site read.
const USER: &str = r#"Some(7) ["tea"]"#;
const NOBODY: &str = "None []";

/// The address of every client.
pub(crate) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

async fn read(session: Session<Account>) -> String {
    format!("{:?} {:?}", session.data.user(), session.data.cart())
}

async fn sign_out(session: Session<Account>) {
    session.destroy();
}

pub(crate) fn site(old: OldStore) -> Router {
    let map = |old: &session::adopt::OldSession, session: &Session<Account>| {
        if let Some(user) = old.get::<u64>("user_id")? {
            session.data.set_user(user);
        }
        session.data.set_cart(old.get::<Vec<String>>("cart")?.unwrap_or_default());
        Ok(())
    };
    let layer = SessionLayer::builder(MemoryStore::new())
        .plain_http()
        .cookie_name("new")
        .adopt::<Account>(old, map)
        .build();
    Router::new().route("/", get(read)).route("/sign_out", get(sign_out)).layer(layer.unwrap())
}

/// The body of a response, and the name and value of its cookies; those that it removes have no value.
pub(crate) struct Reply {
    pub(crate) body: String,
    pub(crate) cookies: Vec<(String, String)>,
}

impl Reply {
    /// The pairs of all cookies that the response sets.
    pub(crate) fn pairs(&self) -> String {
        let set = self.cookies.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

/// Sends a request with these cookies.
pub(crate) async fn visit(router: &Router, path: &str, cookies: &str) -> Reply {
    let request = Request::get(path).header("user-agent", "test").header("cookie", cookies);
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(ClientAddr(CLIENT));
    let socket = std::net::SocketAddr::new(CLIENT, 50123);
    request.extensions_mut().insert(axum::extract::ConnectInfo(socket));
    let response = router.clone().oneshot(request).await.unwrap();
    let cookies =
        response.headers().get_all("set-cookie").iter().map(|line| pair(line.to_str().unwrap())).collect();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Reply { body: String::from_utf8(body.to_vec()).unwrap(), cookies }
}

/// The name and value of a `Set-Cookie`.
pub(crate) fn pair(line: &str) -> (String, String) {
    let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
    (name.to_owned(), value.to_owned())
}

/// Asserts that a site adopts the session of this cookie once: for two requests at the same time, and not after the user signed
/// out.
pub(crate) async fn assert_adopted_once(old: OldStore, cookie: &str) {
    let site = site(old);
    let (first, second) = tokio::join!(visit(&site, "/", cookie), visit(&site, "/", cookie));
    assert_eq!((first.body.as_str(), second.body.as_str()), (USER, USER));
    assert_eq!(first.cookies, second.cookies, "both continue one session");
    assert_new(&first, cookie);
    assert_eq!(visit(&site, "/", &first.pairs()).await.body, USER);
    visit(&site, "/sign_out", &first.pairs()).await;
    assert_eq!(visit(&site, "/", cookie).await.body, NOBODY);
}

/// Asserts that a site adopts the session of this cookie.
pub(crate) async fn assert_adopted(old: OldStore, cookie: &str) {
    assert_adopts(&site(old), cookie).await;
}

/// The same for a site that is used further.
pub(crate) async fn assert_adopts(site: &Router, cookie: &str) {
    let reply = visit(site, "/", cookie).await;
    assert_eq!(reply.body, USER);
    assert_new(&reply, cookie);
    assert_eq!(visit(site, "/", &reply.pairs()).await.body, USER);
}

/// Asserts that a site adopts nothing from this cookie.
pub(crate) async fn assert_not_adopted(old: OldStore, cookie: &str) {
    let reply = visit(&site(old), "/", cookie).await;
    assert_eq!(reply.body, NOBODY);
    assert!(reply.cookies.is_empty());
}

/// Asserts that a response brings the new cookie and removes the old one.
fn assert_new(reply: &Reply, old: &str) {
    let (old_name, _) = pair(old);
    assert_eq!(reply.cookies.len(), 2, "{:?}", reply.cookies);
    assert!(reply.cookies.contains(&(old_name, String::new())), "{:?}", reply.cookies);
    assert!(reply.pairs().starts_with("new="));
}
