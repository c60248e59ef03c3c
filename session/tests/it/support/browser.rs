//! A client with a cookie jar, and its responses.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use cookie::Cookie;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt as _;

use super::framework::SENT;

/// A client that sends back the cookies it received.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    /// The URI of requests: `https://example.com/` by default.
    pub(crate) uri: String,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self { cookies: Vec::new(), headers: HeaderMap::new(), uri: "https://example.com/".to_owned() }
    }

    pub(crate) fn at(uri: &str) -> Self {
        Self { uri: uri.to_owned(), ..Self::new() }
    }

    /// Creates a client whose jar holds one cookie.
    pub(crate) fn with_cookie(name: &str, value: &str) -> Self {
        Self { cookies: vec![(name.to_owned(), value.to_owned())], ..Self::new() }
    }

    /// The same client, sending one more header.
    pub(crate) fn sending(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, value.parse().unwrap());
        self
    }

    /// Returns the value of the only cookie in the jar.
    pub(crate) fn token(&self) -> &str {
        assert_eq!(self.cookies.len(), 1, "the jar holds {:?}", self.cookies);
        &self.cookies[0].1
    }

    pub(crate) fn request(&self) -> Request {
        println!("{SENT}");
        let mut request = Request::builder().method(Method::GET).uri(&self.uri).body(Body::empty()).unwrap();
        *request.headers_mut() = self.request_headers();
        request
    }

    /// The headers of a request, for programs without a framework.
    pub(crate) fn request_headers(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.append("cookie", pairs.join("; ").parse().unwrap());
        }
        headers
    }

    /// Stores or deletes the reply's cookies as a browser does.
    pub(crate) fn take_cookies(&mut self, reply: &Reply) {
        for cookie in reply.set_cookies() {
            self.cookies.retain(|(name, _)| name != cookie.name());
            if cookie.max_age() != Some(cookie::time::Duration::ZERO) {
                self.cookies.push((cookie.name().to_owned(), cookie.value().to_owned()));
            }
        }
    }
}

/// A response with its whole body.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) fn set_cookies(&self) -> Vec<Cookie<'static>> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.map(|line| Cookie::parse(line.to_str().unwrap().to_owned()).unwrap()).collect()
    }

    /// Returns the only `Set-Cookie` of the response.
    pub(crate) fn set_cookie(&self) -> Cookie<'static> {
        let mut cookies = self.set_cookies();
        assert_eq!(cookies.len(), 1, "one Set-Cookie is due, not {cookies:?}");
        cookies.remove(0)
    }

    /// Returns the raw value of the only `Set-Cookie`.
    pub(crate) fn set_cookie_line(&self) -> &str {
        self.set_cookie();
        self.headers["set-cookie"].to_str().unwrap()
    }

    /// Returns the attributes of the only `Set-Cookie`, in alphabetical order.
    pub(crate) fn attributes(&self) -> Vec<&str> {
        let mut attributes: Vec<_> = self.set_cookie_line().split("; ").skip(1).collect();
        attributes.sort_unstable();
        attributes
    }

    pub(crate) fn has_set_cookie(&self) -> bool {
        self.headers.contains_key("set-cookie")
    }

    /// All values of a header, joined as a client reads them.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}
