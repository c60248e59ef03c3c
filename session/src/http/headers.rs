//! `Vary`, `Cache-Control` and `Set-Cookie` in response headers.

use http::header::{CACHE_CONTROL, COOKIE, Entry, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Adds a name to `Vary`, unless it is present or `Vary` is `*`.
pub(super) fn vary(headers: &mut HeaderMap, name: &HeaderName) {
    let mut values = match headers.entry(VARY) {
        Entry::Occupied(values) => values,
        Entry::Vacant(none) => {
            none.insert(name_as_value(name));
            return;
        }
    };
    let mut list = String::new();
    for value in values.iter() {
        let Ok(value) = value.to_str() else { return };
        for token in value.split(',').map(str::trim).filter(|token| !token.is_empty()) {
            if token == "*" || token.eq_ignore_ascii_case(name.as_str()) {
                return;
            }
            list.push_str(token);
            list.push_str(", ");
        }
    }
    if let Ok(value) = HeaderValue::try_from(list + name_as_value(name).to_str().unwrap_or_default()) {
        values.insert(value);
    }
}

/// The name as a value.
fn name_as_value(name: &HeaderName) -> HeaderValue {
    if *name == COOKIE { HeaderValue::from_static("Cookie") } else { name.clone().into() }
}

/// Keeps a response that carries a token out of shared caches. An uncontradicted `no-store` stays.
pub(super) fn forbid_shared_caching(headers: &mut HeaderMap) {
    let private = HeaderValue::from_static("private, no-store");
    let mut values = match headers.entry(CACHE_CONTROL) {
        Entry::Occupied(values) => values,
        Entry::Vacant(none) => {
            none.insert(private);
            return;
        }
    };
    let mut no_store = false;
    let mut shared = false;
    for value in values.iter() {
        for directive in value.to_str().unwrap_or("public").split(',') {
            let name = directive.split('=').next().unwrap_or_default().trim();
            no_store |= name.eq_ignore_ascii_case("no-store");
            shared |= name.eq_ignore_ascii_case("public") || name.eq_ignore_ascii_case("s-maxage");
        }
    }
    if !no_store || shared {
        values.insert(private);
    }
}

/// Puts the session's `Set-Cookie` in place of any other of that name, and leaves other cookies alone.
pub(super) fn put_cookie(headers: &mut HeaderMap, name: &str, value: HeaderValue) {
    let is_ours = |value: &HeaderValue| {
        value.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
    };
    match headers.entry(SET_COOKIE) {
        Entry::Vacant(none) => {
            none.insert(value);
        }
        Entry::Occupied(cookies) if cookies.iter().any(is_ours) => {
            let others: Vec<_> = cookies.iter().filter(|value| !is_ours(value)).cloned().collect();
            cookies.remove_entry_mult();
            for cookie in others.into_iter().chain([value]) {
                headers.append(SET_COOKIE, cookie);
            }
        }
        Entry::Occupied(mut cookies) => cookies.append(value),
    }
}
