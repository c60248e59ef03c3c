//! Indexed values, and the fields included in lists of sessions.

use session_core::Field;

use super::any_view::Unwritable;
use super::base::Base;
use super::encode_field::{encode, indexes, marks};
use super::view::View;
use super::wipe_on_drop::WipeOnDrop;
use crate::codec::header;
use crate::databag::Databag;

/// The name of an indexed field, and a value of it as it is stored.
pub(crate) type IndexedValue = (&'static str, Vec<u8>);

/// Returns the stored value of a principal; `None` when the databag has none, or the value is not stored.
///
/// # Errors
///
/// The name of the field, and why its value cannot be encoded.
pub(crate) fn principal_value<T: Databag>(
    principal: T::Principal,
) -> Result<Option<IndexedValue>, Unwritable> {
    let Some(index) = T::FIELDS.iter().position(Field::is_principal) else { return Ok(None) };
    let mut bag = WipeOnDrop::<T>::default();
    bag.set_principal(principal);
    indexed_value(&bag, index)
}

/// The stored names of the fields included in lists.
pub(crate) fn listed_fields<T: Databag>() -> Vec<&'static str> {
    T::FIELDS.iter().filter(|field| is_listed(field)).flat_map(Field::names).collect()
}

impl<T: Databag> View<T> {
    /// The indexed fields that were set, to whichever value.
    pub(super) fn indexed_values(&mut self) -> Result<Vec<IndexedValue>, Unwritable> {
        self.started();
        let mut set = Vec::new();
        for (index, field) in T::FIELDS.iter().enumerate() {
            if let Some(bag) = &self.bag
                && field.is_indexed()
                && self.fields[index].is_changed()
            {
                set.extend(indexed_value(bag, index)?);
            }
        }
        Ok(set)
    }

    /// The fields included in lists.
    pub(super) fn labels(&mut self, base: &mut Base) -> T::Labels {
        for (index, field) in T::FIELDS.iter().enumerate() {
            if is_listed(field) {
                self.decoded(base, index);
            }
        }
        self.bag(base).labels()
    }
}

fn indexed_value<T: Databag>(bag: &WipeOnDrop<T>, index: usize) -> Result<Option<IndexedValue>, Unwritable> {
    let field = &T::FIELDS[index];
    let mut value = Vec::new();
    if !encode(&**bag, index, &mut value)? || !indexes(field, &value) {
        return Ok(None);
    }
    let marks = marks(field, &value);
    header::mark(&mut value, marks, None).map_err(|error| (field.name, error))?;
    Ok(Some((field.name, value)))
}

fn is_listed(field: &Field) -> bool {
    field.label || field.is_indexed()
}
