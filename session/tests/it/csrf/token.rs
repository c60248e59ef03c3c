//! Form tokens.

use session::csrf::{CsrfRefusal, CsrfToken};
use session::{CookieStore, Databag, Error, MemoryStore, SessionManager};

use crate::support::{Browser, Session, Site, SpyStore, Verb, handlers};

/// A page with a form: returns its token.
async fn page(token: CsrfToken) -> Result<String, Error> {
    token.issue()
}

/// Sends the form with this token. Returns whether it was accepted.
async fn submit(site: &Site, browser: &Browser, token: &str) -> bool {
    let token = token.to_owned();
    let handler = move |csrf: CsrfToken| async move { csrf.verify(&token) };
    let reply = site.visit_as(browser, handler).await;
    assert!(!reply.has_set_cookie());
    assert!(matches!(reply.status.as_u16(), 200 | 403), "{}", reply.status);
    reply.status == 200
}

#[tokio::test]
async fn a_form_is_accepted_as_often_as_it_is_sent_by_the_visitor_who_got_it() {
    let site = Site::new();
    let mut browser = Browser::new();
    let form = site.visit(&mut browser, page).await;
    assert!(form.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Create]);
    for _ in 0..3 {
        assert!(submit(&site, &browser, &form.body).await);
    }
    let mut other = Browser::new();
    let of_other = site.visit(&mut other, page).await.body;
    assert!(!submit(&site, &browser, &of_other).await);
    assert!(!submit(&site, &other, &form.body).await);
    assert!(submit(&site, &other, &of_other).await);
}

#[tokio::test]
async fn each_page_has_another_text_and_all_of_them_are_valid() {
    let site = Site::new();
    let mut browser = Browser::new();
    let first = site.visit(&mut browser, page).await.body;
    site.calls();
    let handler = |csrf: CsrfToken, again: CsrfToken| async move {
        Ok::<_, Error>(format!("{} {}", csrf.issue()?, again.issue()?))
    };
    let reply = site.visit(&mut browser, handler).await;
    assert!(!reply.has_set_cookie());
    assert!(!site.calls().contains(&Verb::Update), "an issued token writes nothing");
    let (second, third) = reply.body.split_once(' ').unwrap();
    assert!(first != second && first != third && second != third);
    for token in [&first, second, third] {
        assert_eq!(token.len(), 86);
        assert!(submit(&site, &browser, token).await);
    }
}

#[tokio::test]
async fn the_stored_secret_is_in_no_page_and_is_no_token() {
    let site = Site::new();
    let mut browser = Browser::new();
    let token = site.visit(&mut browser, page).await.body;
    let secret = stored_secret(&site).await;
    assert!(!token.contains(&secret));
    assert!(!submit(&site, &browser, &secret).await);
    assert!(!submit(&site, &browser, &format!("{secret}{secret}")).await);
}

/// The secret of the only session of a site.
async fn stored_secret(site: &Site) -> String {
    use session::Store as _;
    let records = site.store.inner.list(None, 10, site.clock.now()).await.unwrap().records;
    let value = records[0].get("csrf.secret").expect("the session has a secret");
    let json = session::store::value_as_json(value).unwrap();
    json.trim_matches('"').to_owned()
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_changes_nothing() {
    let site = Site::new();
    let mut browser = Browser::new();
    let token = site.visit(&mut browser, page).await.body;
    let flipped: String = token.chars().rev().collect();
    let wrong = [
        String::new(),
        "null".to_owned(),
        "A".repeat(86),
        token[..85].to_owned(),
        token[..43].to_owned(),
        format!("{token}A"),
        format!("{token} "),
        format!("{token}=="),
        flipped,
        browser.token().to_owned(),
        "é".repeat(43),
    ];
    for wrong in &wrong {
        assert!(!submit(&site, &browser, wrong).await, "{wrong}");
    }
    assert!(submit(&site, &browser, &token).await);
}

#[tokio::test]
async fn a_visitor_without_a_session_is_refused_and_gets_none() {
    let site = Site::new();
    assert!(!submit(&site, &Browser::new(), &"A".repeat(86)).await);
    site.visit_as(&Browser::new(), |_: CsrfToken| async {}).await;
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
    let browser = site.visitor("ada").await;
    assert!(!submit(&site, &browser, &"A".repeat(86)).await, "a session without a secret accepts no token");
}

#[tokio::test]
async fn a_renewal_ends_the_tokens_from_before_it() {
    let site = Site::new();
    let mut browser = Browser::new();
    let before = site.visit(&mut browser, page).await.body;
    site.visit(&mut browser, handlers::renew).await;
    assert!(!submit(&site, &browser, &before).await);
    site.calls();
    let after = site.visit(&mut browser, page).await.body;
    assert!(!site.calls().contains(&Verb::Update), "the renewal wrote the new secret");
    assert!(submit(&site, &browser, &after).await);
}

#[derive(Databag)]
struct User {
    #[databag(principal)]
    id: Option<u64>,
}

fn signs_in(
    id: u64,
) -> impl Fn(session::Session<User>) -> std::future::Ready<()> + Clone + Send + Sync + 'static {
    move |session| {
        session.data.set_id(id);
        std::future::ready(())
    }
}

#[tokio::test]
async fn signing_in_and_as_somebody_else_ends_the_tokens_from_before_it() {
    let site = Site::new();
    let mut browser = Browser::new();
    let mut before = site.visit(&mut browser, page).await.body;
    for id in [7, 8] {
        site.visit(&mut browser, signs_in(id)).await;
        assert!(!submit(&site, &browser, &before).await, "{id}");
        let after = site.visit(&mut browser, page).await.body;
        assert!(submit(&site, &browser, &after).await, "{id}");
        before = after;
    }
    site.visit(&mut browser, |session: session::Session<User>| async move { session.data.clear_id() }).await;
    assert!(!submit(&site, &browser, &before).await);
}

#[tokio::test]
async fn pages_that_load_at_once_after_signing_in_share_one_secret() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, page).await;
    site.visit(&mut browser, signs_in(7)).await;
    let (one, other) = tokio::join!(site.visit_as(&browser, page), site.visit_as(&browser, page));
    for page in [one, other] {
        assert!(submit(&site, &browser, &page.body).await);
    }
}

#[tokio::test]
async fn a_page_of_the_request_that_signs_in_is_valid_if_it_asks_afterwards() {
    let site = Site::new();
    for has_secret in [false, true] {
        let mut browser = Browser::new();
        if has_secret {
            site.visit(&mut browser, page).await;
        }
        for id in [7, 8] {
            let handler = move |session: session::Session<User>, csrf: CsrfToken| async move {
                session.data.set_id(id);
                csrf.issue()
            };
            let token = site.visit(&mut browser, handler).await.body;
            assert!(submit(&site, &browser, &token).await, "{has_secret} {id}");
        }
        let handler = |session: Session, csrf: CsrfToken| async move {
            session.renew();
            csrf.issue()
        };
        let token = site.visit(&mut browser, handler).await.body;
        assert!(submit(&site, &browser, &token).await, "{has_secret}");
    }
}

#[tokio::test]
async fn a_page_after_a_renewal_that_was_saved_already_is_valid() {
    let site = Site::new();
    let mut browser = Browser::new();
    let before = site.visit(&mut browser, page).await.body;
    let handler = |session: Session, csrf: CsrfToken| async move {
        csrf.issue()?;
        session.renew();
        session.save().await?;
        csrf.issue()
    };
    let after = site.visit(&mut browser, handler).await.body;
    assert!(!submit(&site, &browser, &before).await);
    assert!(submit(&site, &browser, &after).await);
}

#[tokio::test]
async fn ending_the_session_ends_its_tokens() {
    let site = Site::new();
    let mut browser = Browser::new();
    let token = site.visit(&mut browser, page).await.body;
    let stale = browser.clone();
    site.visit(&mut browser, handlers::destroy).await;
    assert!(!submit(&site, &stale, &token).await);
    assert!(!submit(&site, &browser, &token).await);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn tokens_live_in_cookies_too() {
    let store = CookieStore::builder(session::Key::generate().unwrap(), "shop").stateless().unwrap();
    let site = Site::on(SpyStore::over(store), |builder| builder);
    let mut browser = Browser::new();
    let form = site.visit(&mut browser, page).await.body;
    let check = |token: String| move |csrf: CsrfToken| async move { csrf.verify(&token) };
    assert_eq!(site.visit_as(&browser, check(form.clone())).await.status, 200);
    site.visit(&mut browser, signs_in(7)).await;
    assert_eq!(site.visit_as(&browser, check(form)).await.status, 403);
    let after = site.visit(&mut browser, page).await.body;
    assert_eq!(site.visit_as(&browser, check(after)).await.status, 200);
}

#[tokio::test]
async fn any_session_has_tokens_and_an_application_with_a_field_of_that_name_is_told() {
    #[derive(Databag)]
    struct Clashing {
        #[databag(rename = "csrf.secret")]
        own: String,
    }

    let manager = SessionManager::<User>::new(MemoryStore::new());
    let session = manager.create().await.unwrap();
    let csrf = CsrfToken::of(&session).unwrap();
    let token = csrf.issue().unwrap();
    assert_eq!(csrf.verify(&token), Ok(()));
    assert_eq!(csrf.verify("another"), Err(CsrfRefusal::Token));
    assert!(!format!("{csrf:?}").contains(&token));
    session.save().await.unwrap();

    let manager = SessionManager::<Clashing>::new(MemoryStore::new());
    let session = manager.create().await.unwrap();
    let error = CsrfToken::of(&session).unwrap_err().to_string();
    assert!(error.contains("csrf.secret"), "{error}");
}
