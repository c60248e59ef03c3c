//! The table of effective settings.

use session::{
    Builder, ClientChange, Databag, Evict, MemoryStore, Policy, SameSite, SessionLayer, SessionManager, Touch,
};

use crate::support::seconds;

#[derive(Databag)]
struct UserSession {
    #[databag(principal)]
    user_id: Option<u64>,
}

/// The value of one setting.
fn value(configure: impl FnOnce(Builder<SessionLayer>) -> Builder<SessionLayer>, setting: &str) -> String {
    let layer = configure(SessionLayer::builder(MemoryStore::new())).build().unwrap();
    let description = layer.describe();
    let mut values =
        description.rows().filter(|(name, _)| *name == setting).map(|(_, value)| value.to_owned());
    let value = values.next().unwrap();
    assert_eq!(values.next(), None, "a setting is described once");
    value
}

#[test]
fn the_defaults_are_described_like_this() {
    let described = SessionLayer::new(MemoryStore::new()).describe().to_string();
    let expected = "\
policy                           none
inactivity timeout               1 hour
inactivity timeout, anonymous    1 hour
absolute lifetime                1 day
lifetime is counted from         creation, sign-in and authentication
counts as use                    reading or writing the session
concurrent sessions              unlimited
kept when the browser is closed  sessions for which the application asks for it
token is renewed by              sign-in, sign-out, change of principal, authentication, and the application
size of a session                65536 bytes at most
sessions are ended               on the server, at once
store                            memory
token travels in                 the cookie `__Host-session`
cookie attributes                HttpOnly; SameSite=Lax; Secure; Path=/; secure: Always
cookie is sent                   when the token or its deadline changes
a change of the client           not watched
proxy headers are trusted        no";
    assert_eq!(described, expected);
}

#[test]
fn each_setting_is_described_as_it_takes_effect() {
    assert_eq!(value(|builder| builder.policy(Policy::Aal3), "inactivity timeout"), "15 minutes");
    assert_eq!(value(|builder| builder.policy(Policy::Aal3), "absolute lifetime"), "12 hours");
    let policy = value(|builder| builder.policy(Policy::Aal2), "policy");
    assert_eq!(policy, "NIST SP 800-63B-4 AAL2: deadlines of single sessions are limited too");
    let anonymous = |builder: Builder<_>| builder.anonymous_idle_timeout(seconds(90));
    assert_eq!(value(anonymous, "inactivity timeout, anonymous"), "90 seconds");
    let forever = |builder: Builder<_>| builder.lifetime(std::time::Duration::MAX);
    assert_eq!(value(forever, "absolute lifetime"), "none");
    let odd = |builder: Builder<_>| builder.idle_timeout(std::time::Duration::from_millis(1_500));
    assert_eq!(value(odd, "inactivity timeout"), "1500 milliseconds");
    assert_eq!(
        value(|builder| builder.max_sessions_per_principal(3, Evict::Oldest), "concurrent sessions"),
        "3 for each principal; one more ends the one that signed in first"
    );
    assert_eq!(
        value(|builder| builder.max_sessions_per_principal(1, Evict::Reject), "concurrent sessions"),
        "1 for each principal; one more is refused with status 409"
    );
    assert_eq!(
        value(|builder| builder.touch(Touch::EveryRequest), "counts as use"),
        "every request that presents its token"
    );
    assert_eq!(value(|builder| builder.persistent(true), "kept when the browser is closed"), "every session");
    assert_eq!(value(|builder| builder.rolling(true), "cookie is sent"), "with every response");
    assert_eq!(value(|builder| builder.trust_proxy(true), "proxy headers are trusted"), "yes");
    let end = |builder: Builder<_>| builder.on_client_change(ClientChange::End);
    assert_eq!(
        value(end, "a change of the client"),
        "ends the session, where a databag binds a field to the client"
    );
    assert_eq!(value(|builder| builder.cookie_name("sid"), "token travels in"), "the cookie `sid`");
    let site = |builder: Builder<_>| builder.domain("example.com").same_site(SameSite::Strict);
    let attributes = "HttpOnly; SameSite=Strict; Secure; Path=/; Domain=example.com; secure: Always";
    assert_eq!(value(site, "cookie attributes"), attributes);
    let varies = |builder: Builder<_>| builder.plain_http().cookie_per_request(|_, _| {});
    assert_eq!(
        value(varies, "cookie attributes"),
        "HttpOnly; SameSite=Lax; Path=/; secure: Never; may differ by request"
    );
    let header = |builder: Builder<_>| builder.header("x-session");
    assert_eq!(value(header, "token travels in"), "the header `x-session`");
    assert_eq!(value(header, "cookie attributes"), "no cookie");
}

#[test]
fn a_manager_and_its_layer_are_described_alike() {
    let builder = SessionManager::<UserSession>::builder(MemoryStore::new());
    let manager = builder.policy(Policy::Aal2).build().unwrap();
    assert_eq!(manager.describe(), manager.layer().describe());
}

#[cfg(feature = "cookie")]
#[test]
fn that_a_stateless_store_cannot_end_sessions_is_said() {
    let key = session::Key::generate().unwrap();
    let store = session::CookieStore::builder(key, "shop").stateless().unwrap();
    let described = SessionLayer::new(store).describe().to_string();
    assert!(described.contains("by the client, which deletes its cookie; the server cannot"), "{described}");
    assert!(!described.contains("shop"), "the application's context is nobody else's concern: {described}");
}
