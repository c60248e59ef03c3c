//! Encoding of single fields for a patch.

use session_core::Field;
use session_core::value::{INDEXED, KEPT, PRINCIPAL};

use super::any_view::{Principal, Unwritable};
use super::unreadable::UnreadableField;
use super::wipe_on_drop::WipeOnDrop;
use crate::codec::{self, CodecError};
use crate::databag::Databag;

/// The effect of a patch on one field.
pub(super) enum FieldChange {
    /// Nothing: it does not differ from the record's.
    None,
    /// The patch has its change.
    Sent,
    /// The request set the default, encoded as this value, and the record has none. It is stored along with other
    /// changes, since the next version of the application may have another default.
    SetDefault(Vec<u8>),
}

impl FieldChange {
    pub(super) fn sent_if(differs: bool) -> Self {
        if differs { Self::Sent } else { Self::None }
    }
}

/// The defaults of fields, encoded one after the other.
pub(super) struct Defaults<T: Databag> {
    bag: Option<WipeOnDrop<T>>,
    value: Vec<u8>,
}

impl<T: Databag> Defaults<T> {
    /// Whether this is the default of the field at `index`.
    pub(super) fn is(&mut self, index: usize, value: &[u8]) -> Result<bool, Unwritable> {
        let bag: &T = self.bag.get_or_insert_default();
        self.value.clear();
        Ok(encode(bag, index, &mut self.value)? && self.value == value)
    }
}

impl<T: Databag> Default for Defaults<T> {
    fn default() -> Self {
        Self { bag: None, value: Vec::new() }
    }
}

/// Appends one field; `false` when there is nothing to store.
pub(super) fn encode<T: Databag>(bag: &T, index: usize, out: &mut Vec<u8>) -> Result<bool, Unwritable> {
    bag.encode(index, out).map_err(|error| (T::FIELDS[index].name, error))
}

/// Whether sessions are found by this value of a field, as it was encoded.
pub(super) fn indexes(field: &Field, value: &[u8]) -> bool {
    field.is_indexed() && !(field.optional && codec::is_none(value))
}

/// The marks of a field's value, as it was encoded.
pub(super) fn marks(field: &Field, value: &[u8]) -> u8 {
    let found_by = match (indexes(field, value), field.is_principal()) {
        (false, _) => 0,
        (true, false) => INDEXED,
        (true, true) => INDEXED | PRINCIPAL,
    };
    found_by | if field.keep { KEPT } else { 0 }
}

/// The principal of a bag.
pub(super) fn principal_in<T: Databag>(bag: &T, index: usize) -> Principal {
    let (mut value, mut default) = (Vec::new(), Vec::new());
    let Ok(is_present) = encode(bag, index, &mut value) else { return Principal::Unknown };
    let is_none = !is_present
        || !indexes(&T::FIELDS[index], &value)
        || encode(&*WipeOnDrop::<T>::default(), index, &mut default)
            .is_ok_and(|present| present && default == value);
    if is_none { Principal::None } else { Principal::Known(value) }
}

pub(super) fn unreadable<T: Databag>(index: usize, error: CodecError) -> UnreadableField {
    UnreadableField { name: T::FIELDS[index].name, databag: std::any::type_name::<T>(), error }
}
