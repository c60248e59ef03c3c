//! The defaults on the guide's page of settings, compared with the code.

use std::time::Duration;

use session::{CookieStore, Databag, Key, MemoryStore, RedisStore, SessionManager};

const PAGE: &str = include_str!("../../src/docs/settings.md");

#[derive(Databag)]
struct Visitor {
    #[databag(principal)]
    user_id: Option<u64>,
}

/// Returns the cells of all rows of tables.
fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    PAGE.lines().filter_map(|line| {
        let cells = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
        Some(cells)
    })
}

/// Returns the default of a setting of a store's builder.
fn default_of(link: &str) -> &'static str {
    let row = rows().find(|cells| cells[0].contains(link));
    row.unwrap_or_else(|| panic!("the page has a row for {link}"))[1]
}

/// Reads a duration such as `20 milliseconds`.
fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_once(' ').unwrap();
    let number = number.parse().unwrap();
    match unit {
        "milliseconds" => Duration::from_millis(number),
        "seconds" => Duration::from_secs(number),
        _ => panic!("{text} is a duration"),
    }
}

#[test]
fn the_defaults_of_sessions_are_those_that_are_described() {
    let manager = SessionManager::<Visitor>::new(MemoryStore::new());
    let description = manager.describe();
    let settings = rows().filter(|cells| cells[0].contains("crate::Builder") && cells.len() == 3);
    for cells in settings.filter(|cells| !cells[2].is_empty()) {
        let described = description.rows().find(|(name, _)| *name == cells[2]);
        let (_, value) = described.unwrap_or_else(|| panic!("`{}` is described", cells[2]));
        let (default, value) = (cells[1].replace('`', ""), value.replace('`', ""));
        assert!(default.contains(&value) || value.contains(&default), "{}: {default}, not {value}", cells[0]);
    }
}

#[test]
fn each_described_setting_is_on_the_page() {
    const NO_SETTINGS: [&str; 4] =
        ["lifetime is counted from", "token is renewed by", "sessions are ended", "store"];
    let manager = SessionManager::<Visitor>::new(MemoryStore::new());
    for (name, _) in manager.describe().rows().filter(|(name, _)| !NO_SETTINGS.contains(name)) {
        assert!(rows().any(|cells| cells.last() == Some(&name)), "the page has a row for `{name}`");
    }
}

#[test]
fn the_defaults_of_stores_are_those_of_their_builders() {
    let redis = format!("{:?}", RedisStore::builder("redis://127.0.0.1:6379"));
    for setting in ["connect_timeout", "response_timeout", "backoff"] {
        let default = duration(default_of(&format!("RedisStoreBuilder::{setting}")));
        assert!(redis.contains(&format!("{setting}: {default:?}")), "{setting} in {redis}");
    }
    for setting in ["retries", "while_disconnected"] {
        let default = default_of(&format!("RedisStoreBuilder::{setting}")).trim_matches('`');
        assert!(redis.contains(&format!("{setting}: {default}")), "{setting} in {redis}");
    }
    let prefix = default_of("RedisStoreBuilder::prefix").trim_matches('`');
    assert!(redis.contains(&format!("prefix: {prefix:?}")), "{redis}");

    let memory = format!("{:?}", MemoryStore::builder());
    let bytes = default_of("MemoryStoreBuilder::capacity_bytes").split(' ').next().unwrap();
    assert!(memory.contains(&format!("capacity_bytes: {bytes}")), "{memory}");

    let cookies = format!("{:?}", CookieStore::builder(Key::generate().unwrap(), "shop"));
    let skew = duration(default_of("CookieStoreBuilder::skew"));
    assert!(cookies.contains(&format!("skew: {skew:?}")), "{cookies}");
    let chunks = default_of("CookieStoreBuilder::chunked").split(' ').next().unwrap();
    assert!(cookies.contains(&format!("chunks: {chunks},")), "{cookies}");
    let name = default_of("CookieStoreBuilder::cookie_name").split('`').nth(1).unwrap();
    assert!(cookies.contains(&format!("name: {name:?}")), "{cookies}");
}
