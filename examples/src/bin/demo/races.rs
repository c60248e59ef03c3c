//! The page of races.

use axum::Form;
use axum::extract::State;
use axum::response::{Html, Redirect};
use maud::{Markup, html};
use serde::Deserialize;
use session::{Error, Session};

use crate::frame::Frame;
use crate::race::{self, ADDITIONS, Field, ROUNDS, Races};
use crate::site::Site;
use crate::visitor::Visitor;

#[derive(Deserialize)]
pub(crate) struct Start {
    /// All of them, if it is absent.
    field: Option<Field>,
}

/// The result of a race, as the page explains it.
struct Lane {
    key: &'static str,
    title: &'static str,
    declaration: &'static str,
    explanation: String,
    stored: u32,
}

fn lanes(races: &Session<Races>) -> [Lane; 4] {
    let retries = races.data.retries();
    [
        Lane {
            key: "cart",
            title: "Two tabs fill a cart",
            declaration: "#[databag(entries, counter)]\ncart: BTreeMap<String, u32>",
            explanation: "Each article is stored by itself, and the store adds: every addition counts."
                .to_owned(),
            stored: races.data.cart().values().sum(),
        },
        Lane {
            key: "clicks",
            title: "A counter",
            declaration: "#[databag(counter)]\nclicks: u32",
            explanation: "What is sent to the store is “one more”, not the sum: every addition counts."
                .to_owned(),
            stored: races.data.clicks(),
        },
        Lane {
            key: "seats",
            title: "Compare and set",
            declaration: "#[databag(cas)]\nseats: u32",
            explanation: format!(
                "The later write was refused and decided again, {retries} times: none is lost."
            ),
            stored: races.data.seats(),
        },
        Lane {
            key: "list",
            title: "A plain list",
            declaration: "list: Vec<String>",
            explanation: "One value, written whole: the later write replaces what the other tab added."
                .to_owned(),
            stored: u32::try_from(races.data.list().len()).unwrap_or(u32::MAX),
        },
    ]
}

pub(crate) async fn page(session: Session<Visitor>, State(site): State<Site>) -> Result<Html<String>, Error> {
    let can_race = !site.is_in_cookies();
    let lanes = lanes(&race::of(&session)?);
    let content = html! {
        p.lead {
            "Two tabs load your session at the same moment, each adds one, and both save. Repeated " (ROUNDS)
            " times, that makes " (ADDITIONS) " additions; how many of them are stored depends on how the field is declared."
        }
        @if can_race {
            form.actions method="post" action="/races" { button { "Race all four" } }
        } @else {
            p.warning {
                "This demo keeps sessions in cookies, where the cookie that arrives last replaces the other one. "
                "Start it with a store on the server to race."
            }
        }
        ul.lanes { @for lane in &lanes { (card(lane, can_race)) } }
    };
    Ok(Frame::of(&session).page("/races", "Races", &content))
}

fn card(lane: &Lane, can_race: bool) -> Markup {
    let label = format!("race-{}", lane.key);
    html! {
        li.card {
            h2 id=(label) { (lane.title) }
            pre { code { (lane.declaration) } }
            p.result {
                @if lane.stored == 0 {
                    span.muted { "Not raced yet" }
                } @else {
                    strong { (lane.stored) " of " (ADDITIONS) } " stored"
                    @if lane.stored < ADDITIONS { ", " span.lost { (ADDITIONS - lane.stored) " lost" } }
                }
            }
            progress aria-labelledby=(label) max=(ADDITIONS) value=(lane.stored) {}
            @if lane.stored > 0 { p.muted { (lane.explanation) } }
            @if can_race {
                form method="post" action="/races" {
                    button.quiet name="field" value=(lane.key) { "Race" span.unseen { ": " (lane.title) } }
                }
            }
        }
    }
}

pub(crate) async fn run(
    session: Session<Visitor>,
    State(site): State<Site>,
    Form(start): Form<Start>,
) -> Result<Redirect, Error> {
    if !site.is_in_cookies() {
        let fields = start.field.map_or(Field::ALL.to_vec(), |field| vec![field]);
        for field in fields {
            race::run(&site.sessions, &session, field).await?;
        }
    }
    Ok(Redirect::to("/races"))
}
