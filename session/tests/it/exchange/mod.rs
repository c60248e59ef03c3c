//! `Exchange`: sessions in a framework without an adapter in this library.

mod failures;

use std::future::Future;

use http::{HeaderMap, StatusCode, Uri};
use session::{
    Builder, Connection, Error, Exchange, MemoryStore, RequestInfo, SessionManager, SessionRejection,
};

use crate::support::{Bag, Log, Session, SpyStore, T0, Verb, seconds};

/// A framework with its own header types.
mod framework {
    pub(super) struct Request {
        pub(super) path: &'static str,
        pub(super) is_tls: bool,
        pub(super) headers: Vec<(String, String)>,
    }

    #[derive(Debug)]
    pub(super) struct Response {
        pub(super) status: u16,
        pub(super) headers: Vec<(String, String)>,
        pub(super) body: String,
    }
}

use framework::{Request, Response};

// Start of the adapter.

/// Runs the handler with the exchange of a request, and commits.
async fn serve<F>(
    manager: &SessionManager<Bag>,
    request: Request,
    handler: impl FnOnce(Exchange) -> F,
) -> Response
where
    F: Future<Output = Result<Response, SessionRejection>>,
{
    let uri = Uri::from_static(request.path);
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.parse()) {
            headers.append(name, value);
        }
    }
    let connection = if request.is_tls { Connection::Tls } else { Connection::Plain };
    let exchange = manager.exchange(&RequestInfo::new(&headers, &uri).with_connection(connection));

    let handler =
        async { handler(exchange.clone()).await.unwrap_or_else(|rejection| empty(rejection.status())) };
    let status = |response: &Response| StatusCode::from_u16(response.status).ok();
    let (mut response, committed) = exchange.run(handler, status).await;
    if let Some(status) = committed.replaces() {
        response = empty(status);
    }
    for (name, value) in committed.lines() {
        if name == http::header::CACHE_CONTROL {
            response.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name.as_str()));
        }
        response.headers.push((name.to_string(), value.to_str().unwrap_or_default().to_owned()));
    }
    response
}

fn empty(status: StatusCode) -> Response {
    Response { status: status.as_u16(), headers: Vec::new(), body: String::new() }
}

// End of the adapter.

/// A site on that framework, and a client.
struct Site {
    manager: SessionManager<Bag>,
    store: SpyStore,
    errors: Log,
    warnings: Log,
    cookie: Option<String>,
}

impl Site {
    fn new() -> Self {
        Self::with(|builder| builder)
    }

    fn with(configure: impl FnOnce(Builder<SessionManager<Bag>>) -> Builder<SessionManager<Bag>>) -> Self {
        let (store, errors, warnings) = (SpyStore::<MemoryStore>::default(), Log::default(), Log::default());
        let (to_errors, to_warnings) = (errors.clone(), warnings.clone());
        let builder = SessionManager::builder(store.clone())
            .clock(session::ManualClock::starting_at(T0))
            .idle_timeout(seconds(1800))
            .on_error(move |error| to_errors.push_error(error))
            .on_warning(move |warning| to_warnings.push_error(warning));
        Self { manager: configure(builder).build().unwrap(), store, errors, warnings, cookie: None }
    }

    fn request(&self, path: &'static str) -> Request {
        let cookie = self.cookie.iter().map(|pair| ("cookie".to_owned(), pair.clone()));
        Request { path, is_tls: true, headers: cookie.collect() }
    }

    /// Visits a page and keeps its cookie.
    async fn visit(&mut self, status: u16, act: impl FnOnce(&Session) -> String) -> Response {
        let response = serve(&self.manager, self.request("/"), async |exchange| {
            let session = exchange.session::<Bag>().await?;
            Ok(Response { status, headers: Vec::new(), body: act(&session) })
        })
        .await;
        self.keep_cookie(&response);
        response
    }

    fn keep_cookie(&mut self, response: &Response) {
        for line in response.lines("set-cookie") {
            let pair = line.split(';').next().unwrap();
            self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
    }
}

impl Response {
    fn lines(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }
}

fn write(session: &Session) -> String {
    session.data.update_visits(|visits| *visits += 1);
    session.data.visits().to_string()
}

#[tokio::test]
async fn a_visit_stores_a_session_and_the_next_one_finds_it() {
    let mut site = Site::new();
    let first = site.visit(200, write).await;
    assert_eq!((first.body.as_str(), first.lines("set-cookie").len()), ("1", 1));
    assert_eq!(first.lines("vary"), ["Cookie"]);
    assert_eq!(first.lines("cache-control"), ["private, no-store"]);
    let second = site.visit(200, write).await;
    assert_eq!((second.body.as_str(), second.lines("set-cookie").len()), ("2", 0));
    assert_eq!(second.lines("vary"), ["Cookie"]);
    assert_eq!(site.store.take_calls(), [Verb::Create, Verb::Load, Verb::Update]);
}

#[tokio::test]
async fn a_route_that_does_not_use_its_session_has_none_and_costs_nothing() {
    let mut site = Site::new();
    site.visit(200, write).await;
    site.store.take_calls();
    let response = serve(&site.manager, site.request("/"), async |_| Ok(empty(StatusCode::OK))).await;
    assert!(response.headers.is_empty(), "{response:?}");
    assert_eq!(site.store.take_calls(), []);
}

#[tokio::test]
async fn a_renewed_session_changes_its_token() {
    let mut site = Site::new();
    site.visit(200, write).await;
    let before = site.cookie.clone();
    let renew = |session: &Session| {
        session.renew();
        String::new()
    };
    site.visit(200, renew).await;
    assert_ne!(site.cookie, before);
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn a_rolling_exchange_sends_the_cookie_of_a_session_that_no_handler_used() {
    let mut site = Site::with(|builder| builder.rolling(true).persistent(true));
    site.visit(200, write).await;
    let response = serve(&site.manager, site.request("/"), async |_| Ok(empty(StatusCode::OK))).await;
    assert_eq!(response.lines("set-cookie").len(), 1);
    assert_eq!(site.store.take_calls(), [Verb::Create, Verb::Load, Verb::Touch]);
}

#[tokio::test]
async fn a_connection_known_to_be_plain_and_a_path_outside_the_cookies_have_no_session_stored() {
    let site = Site::with(|builder| builder.cookie_name("sid").path("/admin"));
    for (path, is_tls) in [("/admin", false), ("/shop", true)] {
        let request = Request { is_tls, ..site.request(path) };
        let response = serve(&site.manager, request, async |exchange| {
            write(&exchange.session::<Bag>().await?);
            Ok(empty(StatusCode::OK))
        })
        .await;
        assert_eq!(response.lines("set-cookie"), [""; 0]);
        assert_eq!(site.store.len(), 0);
        assert_eq!(site.warnings.take().len(), 1);
    }
}

#[tokio::test]
async fn a_save_after_the_response_that_would_need_a_new_token_is_an_error_and_writes_nothing() {
    let site = Site::new();
    let exchange = site.manager.exchange(&RequestInfo::of_headers(&HeaderMap::new()));
    let session = exchange.session::<Bag>().await.unwrap();
    let committed = exchange.finish(Some(StatusCode::OK)).await;
    committed.write(&mut HeaderMap::new());
    write(&session);
    assert!(matches!(session.save().await, Err(Error::HeadersSent)));
    let late = exchange.session::<Bag>().await.unwrap();
    write(&late);
    assert!(matches!(late.save().await, Err(Error::HeadersSent)));
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_session_that_is_first_used_after_the_response_can_be_changed_but_not_created() {
    let mut site = Site::new();
    site.visit(200, write).await;
    let mut headers = HeaderMap::new();
    headers.insert("cookie", site.cookie.clone().unwrap().parse().unwrap());
    let exchange = site.manager.exchange(&RequestInfo::of_headers(&headers));
    let _ = exchange.finish(Some(StatusCode::OK)).await;
    let session = exchange.session::<Bag>().await.unwrap();
    write(&session);
    session.save().await.unwrap();
    session.renew();
    assert!(matches!(session.save().await, Err(Error::HeadersSent)));
}

#[test]
fn debug_of_an_exchange_and_its_result_shows_no_token() {
    let site = Site::new();
    let mut headers = HeaderMap::new();
    headers.insert("cookie", "__Host-session=c2VjcmV0".parse().unwrap());
    let exchange = site.manager.exchange(&RequestInfo::of_headers(&headers));
    assert_eq!(format!("{exchange:?}"), "Exchange { store: \"spy\", .. }");
}
