//! Maps whose entries are stored separately.

mod backends;
mod claims;
mod deploys;
mod limits;
mod overlap;
mod principals;
mod requests;

use std::collections::{BTreeMap, HashMap};

use session::Databag;

#[derive(Databag)]
pub(crate) struct Shop {
    #[databag(principal)]
    user: Option<u64>,
    #[databag(entries)]
    cart: BTreeMap<u32, String>,
    #[databag(entries, counter)]
    votes: HashMap<String, u32>,
    #[databag(entries, keep)]
    seen: BTreeMap<String, bool>,
    #[databag(entries, ttl = "10m")]
    codes: BTreeMap<String, u32>,
    theme: String,
}

type Data = <Shop as Databag>::Accessors;

/// Returns the cart, one word for each entry.
fn cart(data: &Data) -> String {
    let entries: Vec<_> = data.cart().iter().map(|(key, value)| format!("{key}={value}")).collect();
    entries.join(" ")
}
