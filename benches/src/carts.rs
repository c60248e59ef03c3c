//! Compares a cart stored as a map of entries with the same cart stored as one value.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use session::{Databag, MemoryStore, SessionManager, Token};
use tokio::runtime::{Builder, Runtime};

use crate::instructions::run_callgrind;
use crate::table::{Table, grouped};
use crate::workload::counted_by_callgrind;

const SIZES: [u32; 3] = [5, 50, 500];
const REQUESTS: u32 = 100;
const OPERATIONS: [&str; 4] = ["find one", "read all", "change one", "add one"];

/// One line of a cart.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Line {
    title: String,
    cents: u32,
    count: u32,
}

#[derive(Databag)]
struct Entries {
    #[databag(entries)]
    cart: BTreeMap<u32, Line>,
}

#[derive(Databag)]
struct Whole {
    cart: Vec<(u32, Line)>,
}

/// Returns the table: instructions per request that loads a session, performs one operation on the cart and saves.
///
/// # Errors
///
/// When valgrind is not installed.
pub fn table() -> Result<Table> {
    let mut table = Table::new(["articles", "cart"].iter().chain(&OPERATIONS).copied());
    for size in SIZES.map(|size| size.to_string()) {
        for kind in ["entries", "Vec"] {
            let count = |operation: &&str| -> Result<String> {
                let all = run_callgrind(&["one", "cart", kind, operation, &size], Path::new("/dev/null"))?;
                Ok(grouped(all / u64::from(REQUESTS)))
            };
            let figures: Result<Vec<_>> = OPERATIONS.iter().map(count).collect();
            table.row(&size, std::iter::once(format!("`{kind}`")).chain(figures?));
        }
    }
    Ok(table)
}

/// Runs one operation; called in the process that valgrind observes.
///
/// # Errors
///
/// When there is no such `kind` of cart.
pub fn under_callgrind(kind: &str, operation: &str, size: u32) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    match kind {
        "entries" => {
            let cart = (0..size).map(|article| (article, line(article))).collect();
            let requests = Requests::new(&runtime, Entries { cart })?;
            match operation {
                "find one" => requests.count(|data| drop(black_box(data.cart_entry(&(size / 2))))),
                "read all" => requests.count(|data| drop(black_box(data.cart()))),
                "change one" => requests.count(|data| {
                    if let Some(found) = data.cart_entry(&(size / 2)) {
                        data.insert_cart(size / 2, Line { count: found.count + 1, ..found });
                    }
                }),
                _ => requests.count(|data| {
                    data.remove_cart(&size);
                    data.insert_cart(size, line(size));
                }),
            }
        }
        "Vec" => {
            let requests = Requests::new(
                &runtime,
                Whole { cart: (0..size).map(|article| (article, line(article))).collect() },
            )?;
            let find = |cart: &[(u32, Line)]| cart.iter().position(|(article, _)| *article == size / 2);
            match operation {
                "find one" => requests.count(|data| {
                    let found = data.read(|bag| find(&bag.cart).map(|at| bag.cart[at].1.clone()));
                    drop(black_box(found));
                }),
                "read all" => requests.count(|data| drop(black_box(data.cart()))),
                "change one" => requests.count(|data| {
                    data.update_cart(|cart| {
                        if let Some(at) = find(cart) {
                            cart[at].1.count += 1;
                        }
                    });
                }),
                _ => requests.count(|data| {
                    data.update_cart(|cart| {
                        cart.truncate(size as usize);
                        cart.push((size, line(size)));
                    });
                }),
            }
        }
        _ => bail!("unknown kind of cart `{kind}`"),
    }
}

fn line(article: u32) -> Line {
    Line { title: format!("Article no. {article}"), cents: 1995, count: 1 }
}

/// Requests on one session in a memory store.
struct Requests<'a, T: Databag> {
    runtime: &'a Runtime,
    manager: SessionManager<T>,
    token: Token,
}

impl<'a, T: Databag> Requests<'a, T> {
    fn new(runtime: &'a Runtime, bag: T) -> Result<Self> {
        let manager = SessionManager::builder(MemoryStore::new()).max_bytes(1 << 20).build()?;
        let session = runtime.block_on(manager.create_with(bag))?;
        let token = session.token().context("a new session has a token")?;
        Ok(Self { runtime, manager, token })
    }

    /// Counts the instructions of requests that each apply `operation` to the session data.
    fn count(&self, operation: impl Fn(&T::Accessors)) -> Result<()> {
        counted_by_callgrind(&|| {
            (0..REQUESTS).try_for_each(|_| {
                self.runtime.block_on(async {
                    let session = self.manager.get(&self.token).await?;
                    operation(&session.data);
                    Ok(session.save().await?)
                })
            })
        })
    }
}
