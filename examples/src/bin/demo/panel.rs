//! The content of the panel "your session, live".

use maud::{Markup, html};
use session::store::{Bind, Field, Kind, Lookup, value_as_json};
use session::{Databag, Meta, Record, Timestamp, Token};
use session_core::entry;

use crate::activity::Answered;
use crate::calls::Written;
use crate::fingerprint::Fingerprint;
use crate::race::Races;
use crate::site::Site;
use crate::visitor::{SECRET, Visitor};

/// The number of characters of a value that are shown.
const MAX_SHOWN: usize = 64;

pub(crate) fn no_session() -> Markup {
    html! {
        div data-state="No session" {
            p { strong { "No session yet." } }
            p.muted { "You read pages only, so nothing is stored and no cookie is set. Put something into your cart." }
        }
    }
}

pub(crate) fn ended() -> Markup {
    html! {
        div data-state="The session has ended" {
            p { strong { "The session has ended." } }
            p.muted { "This browser still sends its cookie, which opens nothing any more." }
        }
    }
}

pub(crate) fn unavailable() -> Markup {
    html! {
        div data-state="The store does not respond" {
            p { strong { "The store does not respond." } }
            p.muted { "What is stored is unknown at the moment, and not lost." }
        }
    }
}

pub(crate) fn session(token: &Token, record: &Record, requests: &[Answered], site: &Site) -> Markup {
    let fingerprint = Fingerprint::of(token);
    let written = requests.first().map_or(&[][..], |request| &request.calls.fields);
    html! {
        div data-state={ "Token " (fingerprint) } {
            div.token {
                (fingerprint.picture())
                div {
                    span.muted { "Fingerprint of the token" }
                    strong.code #fingerprint { (fingerprint) }
                }
            }
            (facts(&record.meta(), record.as_bytes().len(), site.sessions.store_name()))
            h3 { "Fields" }
            (fields(record, written))
            h3 { "Last requests" }
            ol.requests { @for request in requests { (answered(request)) } }
        }
    }
}

fn facts(meta: &Meta, bytes: usize, store: &str) -> Markup {
    html! {
        dl.facts {
            dt { "Handle id" } dd.code #handle-id { (meta.id) }
            dt { "Ends when unused in" } dd { (countdown(meta.idle_deadline)) }
            dt { "Ends at the latest in" } dd { (countdown(meta.lifetime_deadline)) }
            dt { "Cookie" }
            dd { @if meta.remember { "kept, remembered" } @else { "until the browser ends" } }
            dt { "Stored" } dd { (bytes) " bytes in " (store) }
        }
    }
}

/// A deadline, to which the script counts down.
fn countdown(deadline: Timestamp) -> Markup {
    match deadline {
        Timestamp::NEVER => html! { "never" },
        deadline => html! { span.countdown data-until=(deadline.as_millis()) { "…" } },
    }
}

fn fields(record: &Record, written: &[Written]) -> Markup {
    let of_visitor = Visitor::FIELDS.iter().map(|field| (field, values(record, field)));
    let of_races = Races::FIELDS.iter().map(|field| (field, values(record, field)));
    html! {
        ul.fields {
            @for (field, values) in of_visitor.chain(of_races.filter(|(_, values)| !values.is_empty())) {
                @let is_written = written.iter().any(|written| is_of(&written.name, field));
                li.written[is_written] {
                    span.code { (field.name) }
                    " " span.attributes { (attributes(field)) }
                    @if is_written { span.unseen { ", just written" } }
                    @if !values.is_empty() { span.value { (values) } }
                }
            }
        }
    }
}

/// Whether a written name, such as `cart["tea"]`, is that of this field or of an entry in it.
fn is_of(written: &str, field: &Field) -> bool {
    written.strip_prefix(field.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

/// Returns the stored value of a field as text, shortened; those of all entries of a map. Empty if there is none.
fn values(record: &Record, field: &Field) -> String {
    let stored = record.fields().filter(|(name, _)| match entry::split(name) {
        Some((map, _)) => map == field.name,
        None => *name == field.name,
    });
    let texts = stored.map(|(name, value)| {
        let text = if field.name == SECRET { None } else { value_as_json(value) };
        let text = text.unwrap_or_else(|| "***".to_owned());
        match entry::split(name) {
            Some((_, key)) => format!("{key}: {text}"),
            None => text,
        }
    });
    let text = texts.collect::<Vec<_>>().join(", ");
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Returns the attributes with which a field is declared.
fn attributes(field: &Field) -> String {
    let mut attributes = Vec::new();
    match field.lookup {
        Lookup::None => {}
        Lookup::Index => attributes.push("index"),
        Lookup::Principal => attributes.push("principal"),
    }
    match field.bind {
        Some(Bind::UserAgent) => attributes.push("bind = user-agent"),
        Some(Bind::Network) => attributes.push("bind = network"),
        _ => {}
    }
    match field.kind {
        Kind::Plain => {}
        Kind::Counter { .. } => attributes.push("counter"),
        Kind::Cas => attributes.push("cas"),
        Kind::Flash => attributes.push("flash"),
        Kind::Entries { counter: None } => attributes.push("entries"),
        Kind::Entries { counter: Some(_) } => attributes.extend(["entries", "counter"]),
    }
    let ttl = field.ttl.map(|ttl| format!("ttl = {}s", ttl.as_secs()));
    attributes.extend(ttl.as_deref());
    let marks = [(field.keep, "keep"), (field.label, "label"), (field.name == SECRET, "secret")];
    attributes.extend(marks.iter().filter_map(|(is_marked, name)| is_marked.then_some(*name)));
    attributes.join(", ")
}

fn answered(request: &Answered) -> Markup {
    let calls = &request.calls;
    html! {
        li {
            p { strong.code { (request.request) } " " span.muted { (request.status) } }
            p { (calls.plan.describe()) }
            @if !calls.fields.is_empty() {
                p.wrote { @for written in &calls.fields { span.chip { (written.name) " " em { (written.change) } } " " } }
            }
            p.muted.figures {
                (calls.count) " store call" @if calls.count != 1 { "s" } ", "
                (calls.bytes_read) " bytes read, " (calls.bytes_written) " written, "
                (request.time.as_micros()) "\u{a0}µs, " (calls.time.as_micros()) " of them in the store"
            }
        }
    }
}
