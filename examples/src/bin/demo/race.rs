//! A race of two tabs, for each kind of field.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::Deserialize;
use session::{ConfigError, Databag, Error, Session, SessionManager, SessionRejection, Token};

use crate::visitor::Visitor;

/// How often each tab adds.
pub(crate) const ROUNDS: u32 = 10;
/// The additions of both tabs.
pub(crate) const ADDITIONS: u32 = 2 * ROUNDS;

/// A second databag of the same session: one record and one token.
#[derive(Databag)]
#[databag(namespace = "races")]
pub(crate) struct Races {
    #[databag(entries, counter)]
    cart: BTreeMap<String, u32>,
    #[databag(counter)]
    clicks: u32,
    #[databag(cas)]
    seats: u32,
    /// How often a write of `seats` was refused and tried again.
    retries: u32,
    list: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Field {
    Cart,
    Clicks,
    Seats,
    List,
}

impl Field {
    pub(crate) const ALL: [Self; 4] = [Self::Cart, Self::Clicks, Self::Seats, Self::List];
}

/// Returns the races of a visitor's session.
pub(crate) fn of(session: &Session<Visitor>) -> Result<Session<Races>, Error> {
    session.view().map_err(rejected)
}

fn rejected(error: ConfigError) -> Error {
    SessionRejection::Databag(error).into()
}

/// Runs the race for one field of a stored session: both tabs load it, add, and save, ten times.
pub(crate) async fn run(
    sessions: &SessionManager<Visitor>,
    session: &Session<Visitor>,
    field: Field,
) -> Result<(), Error> {
    let races = of(session)?;
    match field {
        Field::Cart => races.data.clear_cart(),
        Field::Clicks => races.data.clear_clicks(),
        Field::Seats => races.data.clear_seats(),
        Field::List => races.data.clear_list(),
    }
    if session.token().is_none() {
        session.renew(); // stores it
    }
    session.save().await?;
    let token = session.token().ok_or(Error::Gone)?;

    let tries = AtomicU32::new(0);
    for _ in 0..ROUNDS {
        let (one, two) = tokio::try_join!(tab(sessions, &token), tab(sessions, &token))?;
        tokio::try_join!(add(&one, field, "tea", &tries), add(&two, field, "biscuits", &tries))?;
    }
    if field == Field::Seats {
        races.data.set_retries(tries.into_inner().saturating_sub(ADDITIONS));
    }
    Ok(())
}

/// Loads the session once more, as another tab of the browser does.
async fn tab(sessions: &SessionManager<Visitor>, token: &Token) -> Result<Session<Races>, Error> {
    of(&sessions.get(token).await?)
}

async fn add(
    tab: &Session<Races>,
    field: Field,
    article: &'static str,
    tries: &AtomicU32,
) -> Result<(), Error> {
    match field {
        Field::Cart => {
            tab.data.add_cart(article, 1);
        }
        Field::Clicks => {
            tab.data.add_clicks(1);
        }
        Field::Seats => {
            let add = |data: &<Races as Databag>::Accessors| {
                tries.fetch_add(1, Ordering::Relaxed);
                data.set_seats(data.seats() + 1);
            };
            return tab.retry(add).await;
        }
        Field::List => tab.data.update_list(|list| list.push(article.to_owned())),
    }
    tab.save().await
}
