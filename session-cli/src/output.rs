//! What is printed: text for people, or JSON.

use serde_json::{Map, Value, json};
use session::store::{is_indexed, value_as_json};
use session::{Record, Timestamp};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints a number, such as that of the sessions which were ended.
    pub(crate) fn number(&self, name: &str, number: u64) {
        if self.json {
            println!("{}", json!({ name: number }));
        } else {
            println!("{number} {name}");
        }
    }

    /// Prints a session in a list.
    pub(crate) fn line(&self, record: &Record) {
        let (meta, indexed) = (record.meta(), indexed(record));
        if self.json {
            println!("{}", Value::Object(described(record)));
            return;
        }
        let values: Vec<_> = indexed.iter().map(|(name, value)| format!("{name}={value}")).collect();
        println!(
            "{}  created {}  seen {}  ends {}  {}",
            meta.id,
            shown(meta.created_at),
            shown(meta.last_seen()),
            shown(meta.deadline()),
            values.join(" "),
        );
    }

    /// Prints a session, with the names and sizes of its fields.
    pub(crate) fn details(&self, record: &Record) {
        let sizes = record.fields().map(|(name, value)| (name.to_owned(), value.len().into()));
        if self.json {
            let mut described = described(record);
            described.insert("bytes".to_owned(), Value::Object(sizes.collect()));
            println!("{}", Value::Object(described));
            return;
        }
        for (name, value) in described(record) {
            match value {
                Value::Object(values) => {
                    for (name, value) in values {
                        println!("{name:<16} {value}");
                    }
                }
                Value::String(text) => println!("{name:<16} {text}"),
                value => println!("{name:<16} {value}"),
            }
        }
        for (name, size) in sizes {
            println!("{name:<16} {size} bytes");
        }
    }
}

fn described(record: &Record) -> Map<String, Value> {
    let meta = record.meta();
    let mut described = Map::new();
    let mut insert = |name: &str, value: Value| drop(described.insert(name.to_owned(), value));
    insert("id", meta.id.to_string().into());
    insert("created", shown(meta.created_at).into());
    insert("seen", shown(meta.last_seen()).into());
    insert("authenticated", meta.authenticated_at.map(shown).into());
    insert("ends", shown(meta.deadline()).into());
    insert("remembered", meta.remember.into());
    insert("indexed", Value::Object(indexed(record)));
    described
}

/// The fields marked `principal` or `index`, with their values as far as those can be read without their types.
fn indexed(record: &Record) -> Map<String, Value> {
    let fields = record.fields().filter(|(_, value)| is_indexed(value));
    let readable = |value| value_as_json(value).and_then(|json| serde_json::from_str(&json).ok());
    fields.map(|(name, value)| (name.to_owned(), readable(value).unwrap_or(Value::Null))).collect()
}

/// A time in UTC, to the second, or `never`.
fn shown(time: Timestamp) -> String {
    let seconds = i64::try_from(time.as_millis() / 1000).ok();
    let date = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    date.and_then(|date| date.format(&Rfc3339).ok()).unwrap_or_else(|| "never".to_owned())
}
