//! Headers, URIs and statuses between version 1 of the crate `http` and those types of actix-web, which uses version 0.2.
//!
//! What is valid in one is valid in the other, so nothing is lost.

use actix_web::http::header as actix;
use actix_web::http::{Method as ActixMethod, StatusCode as ActixStatus, Uri as ActixUri};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

pub(crate) fn headers_of(headers: &actix::HeaderMap) -> HeaderMap {
    let mut copy = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(mut copied)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            copied.set_sensitive(value.is_sensitive());
            copy.append(name, copied);
        }
    }
    copy
}

pub(super) fn actix_headers(headers: &HeaderMap) -> actix::HeaderMap {
    let mut copy = actix::HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name = actix::HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(mut copied)) = (name, actix::HeaderValue::from_bytes(value.as_bytes())) {
            copied.set_sensitive(value.is_sensitive());
            copy.append(name, copied);
        }
    }
    copy
}

pub(crate) fn method_of(method: &ActixMethod) -> Method {
    Method::from_bytes(method.as_str().as_bytes()).unwrap_or_default()
}

pub(crate) fn uri_of(uri: &ActixUri) -> Option<Uri> {
    uri.to_string().parse().ok()
}

pub(super) fn status_of(status: ActixStatus) -> StatusCode {
    StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

pub(super) fn actix_status(status: StatusCode) -> ActixStatus {
    ActixStatus::from_u16(status.as_u16()).unwrap_or(ActixStatus::INTERNAL_SERVER_ERROR)
}
