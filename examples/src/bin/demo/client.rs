//! Clients in plain words: their browser and the network that they are in.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::middleware::Next;
use axum::response::Response;
use session::ClientAddr;

/// What a user agent contains, and what its browser is called. Many contain the names of others, so the order matters.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Describes a user agent, such as `Firefox on Windows`.
pub(crate) fn browser(user_agent: Option<&str>) -> String {
    let Some(text) = user_agent else { return "An unknown browser".to_owned() };
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find_map(|(part, name)| text.contains(part).then_some(*name))
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("An unknown browser on {system}"),
        // Programs such as `curl/8.5.0`.
        (None, None) => text.split(['/', ' ']).next().unwrap_or(text).to_owned(),
    }
}

/// Describes a network, such as `192.168.1.0/24`.
pub(crate) fn network(network: Option<&str>) -> String {
    let Some(network) = network else { return "an unknown network".to_owned() };
    let address = network.split('/').next().and_then(|address| address.parse().ok());
    match address {
        Some(IpAddr::V4(address)) if address.is_loopback() => "this computer".to_owned(),
        // `::1` without its last 80 bits.
        Some(IpAddr::V6(address)) if address.is_unspecified() => "this computer".to_owned(),
        Some(IpAddr::V4(address)) if address.is_private() => format!("the private network {network}"),
        Some(IpAddr::V6(address)) if address.is_unique_local() => format!("the private network {network}"),
        _ => format!("the network {network}"),
    }
}

/// Middleware that tells the session layer the client's address.
pub(crate) async fn insert_address(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(ClientAddr(peer.ip()));
    next.run(request).await
}
