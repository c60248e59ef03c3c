use std::collections::{BTreeMap, HashMap};

use session::Databag;

type Alias = BTreeMap<String, u32>;

#[derive(Databag)]
struct Types {
    #[databag(entries)]
    a: Vec<u32>,
    #[databag(entries)]
    b: Alias,
    #[databag(entries)]
    c: Option<BTreeMap<String, u32>>,
    #[databag(entries, counter)]
    d: HashMap<String, String>,
    #[databag(entries, counter)]
    e: u64,
}

#[derive(Databag)]
struct Combinations {
    #[databag(principal, entries)]
    a: BTreeMap<String, u32>,
    #[databag(entries, index)]
    b: BTreeMap<String, u32>,
    #[databag(entries, flash)]
    c: BTreeMap<String, u32>,
    #[databag(entries, cas)]
    d: BTreeMap<String, u32>,
    #[databag(entries, default = Default::default())]
    e: BTreeMap<String, u32>,
    #[databag(entries, readonly)]
    f: BTreeMap<String, u32>,
    #[databag(entries, with = "module")]
    g: BTreeMap<String, u32>,
    #[databag(entries, label)]
    h: BTreeMap<String, u32>,
    #[databag(entries, skip)]
    i: BTreeMap<String, u32>,
    #[databag(rename = "a\u{1f}b")]
    j: u32,
}

fn main() {}
