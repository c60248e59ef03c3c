//! How values become columns, and the mistakes in that.

use session_core::{Change, Meta, Patch, Record, Timestamp, value};

use super::Mistake;

impl Mistake {
    /// Returns the column in which an indexed value is stored and looked up.
    pub(super) fn value_column(this: Option<Self>, value: &[u8]) -> Vec<u8> {
        match this {
            Some(Self::ValuesFoldCase) => value.to_ascii_lowercase(),
            Some(Self::ValuesFoldUnicodeCase) => match str::from_utf8(value) {
                Ok(text) => text.to_uppercase().into_bytes(),
                Err(_) => value.to_vec(),
            },
            Some(Self::ValuesLoseTrailingSpaces) => value.trim_ascii_end().to_vec(),
            Some(Self::ValuesEndAtNul) => value.split(|byte| *byte == 0).next().unwrap_or_default().to_vec(),
            Some(Self::ValuesAreTruncated) => value[..value.len().min(255)].to_vec(),
            Some(Self::ValuesAreLossyText) => String::from_utf8_lossy(value).into_owned().into_bytes(),
            Some(Self::ValuesAreNumbers) => match value.get(1..).and_then(number) {
                Some(number) => number.to_string().into_bytes(),
                None => value.to_vec(),
            },
            Some(Self::ValuesLoseTheirTag) => value.get(1..).unwrap_or_default().to_vec(),
            _ => value.to_vec(),
        }
    }

    /// Returns the column in which the name of an indexed field is stored and looked up.
    pub(super) fn name_column(this: Option<Self>, name: &str) -> String {
        match this {
            Some(Self::IndexNamesFoldCase) => name.to_lowercase(),
            Some(Self::IndexIgnoresNames) => String::new(),
            _ => name.to_owned(),
        }
    }

    /// Whether an entry of the index, with these columns, is one of a lookup.
    pub(super) fn matches(this: Option<Self>, entry: (&str, &[u8]), wanted: (&str, &[u8])) -> bool {
        match this {
            Some(Self::LookupsArePatterns) => entry.0 == wanted.0 && entry.1.starts_with(wanted.1),
            Some(Self::IndexJoinsNameAndValue) => {
                [entry.0.as_bytes(), entry.1].concat() == [wanted.0.as_bytes(), wanted.1].concat()
            }
            _ => entry == wanted,
        }
    }

    /// Returns the record as the columns of the store can hold it.
    pub(super) fn stored(this: Option<Self>, record: &Record) -> Record {
        let meta = record.meta();
        let seconds = |time: Timestamp| match time {
            Timestamp::NEVER => time,
            time => Timestamp::from_millis(time.as_millis() / 1000 * 1000),
        };
        let signed = |time: Timestamp| {
            if i64::try_from(time.as_millis()).is_ok() { time } else { Timestamp::from_millis(0) }
        };
        match this {
            Some(Self::TimesAreSeconds) => record.with_meta(Meta {
                idle_deadline: seconds(meta.idle_deadline),
                lifetime_deadline: seconds(meta.lifetime_deadline),
                ..meta
            }),
            Some(Self::TimesAreSigned) => record.with_meta(Meta {
                idle_deadline: signed(meta.idle_deadline),
                lifetime_deadline: signed(meta.lifetime_deadline),
                ..meta
            }),
            Some(Self::RememberIsNotStored) => record.with_meta(Meta { remember: false, ..meta }),
            Some(Self::AuthenticationIsNotStored) => {
                record.with_meta(Meta { authenticated_at: None, ..meta })
            }
            Some(Self::FieldNamesFoldCase) => {
                let fields: Vec<_> =
                    record.fields().map(|(name, value)| (name.to_lowercase(), value)).collect();
                Record::new(&meta, fields.iter().map(|(name, value)| (name.as_str(), *value)))
            }
            Some(Self::FieldNamesLoseTrailingSpaces) => {
                Record::new(&meta, record.fields().map(|(name, value)| (name.trim_end_matches(' '), value)))
            }
            Some(Self::FieldValuesAreText) => {
                let text = |value| String::from_utf8_lossy(value).into_owned();
                let fields: Vec<_> = record.fields().map(|(name, value)| (name, text(value))).collect();
                Record::new(&meta, fields.iter().map(|(name, value)| (*name, value.as_bytes())))
            }
            _ => record.clone(),
        }
    }

    /// Returns the patch as the store understands it, for this record.
    pub(super) fn understood(this: Option<Self>, patch: &Patch, record: &Record) -> Patch {
        let changes: Vec<_> =
            patch.changes().map(|(name, change)| (name.to_owned(), change.clone())).collect();
        changes.into_iter().fold(patch.clone(), |patch, (name, change)| {
            let old = record.get(&name).filter(|value| patch.keeps(&name, value));
            let sum = |sum: i64, keep: bool| {
                let mut bytes = value::counter(sum);
                bytes[0] |= if keep { value::KEPT } else { 0 };
                Change::Set(bytes)
            };
            let old_number = old.and_then(value::read_counter).unwrap_or(0);
            let change = match (this, change) {
                (Some(Self::AdditionsWrap), Change::Add { by, keep, .. }) => {
                    sum(old_number.wrapping_add(by), keep)
                }
                (Some(Self::AdditionsAreFloats), Change::Add { by, min, max, keep }) => {
                    sum(float_sum(old_number, by).clamp(min, max), keep)
                }
                (Some(Self::AdditionsLoseTheMarkOfKeptValues), Change::Add { by, min, max, .. }) => {
                    Change::Add { by, min, max, keep: false }
                }
                (
                    Some(Self::ComparisonsTakeAbsentForEmpty),
                    Change::CompareAndSet { expected: None, value },
                ) if record.get(&name) == Some(b"") => {
                    Change::CompareAndSet { expected: Some(Vec::new()), value }
                }
                (Some(Self::ComparisonsTakeAbsentForEmpty), Change::CompareAndSet { expected, value })
                    if expected.as_deref() == Some(b"") && record.get(&name).is_none() =>
                {
                    Change::CompareAndSet { expected: None, value }
                }
                (_, change) => change,
            };
            patch.with(name, change)
        })
    }
}

fn number(text: &[u8]) -> Option<u64> {
    str::from_utf8(text).ok()?.parse().ok()
}

/// Returns the sum as floating point numbers have it: exact up to 2^53.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the mistake")]
fn float_sum(one: i64, other: i64) -> i64 {
    (one as f64 + other as f64) as i64
}
