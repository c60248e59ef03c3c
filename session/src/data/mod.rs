//! The data of a session: its record, viewed as databags, with change tracking. No store, no HTTP.
//!
//! [`Contents`] has the record and a view for each databag. [`access`] is the interface of generated accessors.

mod access;
mod any_view;
mod base;
mod bound;
mod claim;
mod cleared;
mod contents;
mod counter;
mod counter_ops;
mod encode_field;
mod entries;
mod entry_access;
mod entry_changes;
mod entry_state;
mod erased_view;
mod field_state;
mod flash;
mod flash_state;
mod guard;
mod handover;
mod lazy_map;
mod lock;
mod lookup;
mod make_patch;
mod missing_field;
mod required;
#[cfg(test)]
mod tests;
mod unreadable;
mod view;
mod wipe;
mod wipe_on_drop;

pub(crate) use self::any_view::Unwritable;
pub(crate) use self::bound::first_bound;
pub(crate) use self::claim::Claim;
pub(crate) use self::cleared::Cleared;
pub(crate) use self::contents::Contents;
pub(crate) use self::entry_state::EntryKey;
pub use self::flash_state::CollectionField;
pub(crate) use self::guard::Guard;
pub(crate) use self::handover::{Handover, Owner, new_principal};
pub(crate) use self::lock::Lock;
pub(crate) use self::lookup::{IndexedValue, listed_fields, principal_value};
pub use self::missing_field::MissingField;
pub(crate) use self::required::requires;
pub(crate) use self::unreadable::OnUnreadable;
pub use self::unreadable::UnreadableField;
pub use self::wipe::{Wipe, WipeNothing, Wiper};
