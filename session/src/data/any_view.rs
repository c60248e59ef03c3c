//! Views of a record, independent of the type of the databag.

use std::any::Any;

use session_core::{Bind, Field, Patch, Record};

use super::base::Base;
use super::cleared::Cleared;
use super::missing_field::MissingField;
use crate::codec::CodecError;

/// The name of a field that cannot be encoded, and why.
pub(crate) type Unwritable = (&'static str, CodecError);

/// The value of a bound field for the client of this request; `None` where it is not known.
pub(crate) type ClientValue<'a> = &'a dyn Fn(Bind) -> Option<String>;

/// A databag on a record, as a trait object.
///
/// It collects the changes of its databag, which become part of the one patch of all views.
pub(super) trait AnyView: Any + Send {
    /// The path of the databag's type.
    fn databag(&self) -> &'static str;
    fn fields(&self) -> &'static [Field];
    /// The index of the principal field.
    fn principal(&self) -> Option<usize>;
    /// Whether a change has not reached the record yet.
    fn is_written(&self) -> bool;
    /// Whether a patch of unknown outcome has a change of it.
    fn is_sent(&self) -> bool;
    /// Creates the bag, unless it exists.
    fn start(&mut self);
    /// Brings the bag up to date with the clock and the record.
    fn refresh(&mut self, base: &mut Base);
    /// Adds the changes to a patch; [`sent`](AnyView::sent) follows when all views have.
    fn add_changes(&mut self, base: &Base, creating: bool, patch: &mut Patch) -> Result<(), Unwritable>;
    /// Adds defaults that were set where nothing is stored, to a patch with other changes.
    fn add_set_defaults(&mut self, patch: &mut Patch);
    /// Marks the changes as sent with a patch.
    fn sent(&mut self);
    /// Marks the patch as applied.
    fn applied(&mut self);
    /// Adds the read-only fields of a session that starts over.
    fn add_constructed(&mut self, base: &Base, patch: &mut Patch) -> Result<(), Unwritable>;
    /// Discards the values of the fields that are cleared.
    fn clear(&mut self, cleared: Cleared);
    /// Discards all values and changes.
    fn reset(&mut self);
    /// A required field that is missing or unreadable in the record.
    fn missing_field(&mut self, base: &Base) -> Option<MissingField>;
    /// The stored names of the bound fields that hold another client.
    #[cfg(feature = "http")]
    fn changed_bindings(&self, base: &Base, client: ClientValue<'_>) -> Vec<&'static str>;
    /// Sets the fields that are bound to the client.
    fn bind(&mut self, base: &mut Base, client: ClientValue<'_>);
    /// Drops what was set for a sign-in that did not take place.
    fn unbind(&mut self);
    /// The principal that the record names.
    fn stored_principal(&self, base: &Base) -> Principal;
    /// The principal that the databag names.
    fn present_principal(&mut self, base: &mut Base) -> Principal;
    /// Resets the fields for a new principal.
    fn hand_over(&mut self, base: &mut Base);
    /// Whether items were pushed to the flash field of this name.
    fn pushes_to(&self, name: &str) -> bool;
    /// Reloads a flash field that items were pushed to from the record.
    fn rejoin(&mut self, base: &mut Base, name: &str, record: &Record);
    /// Puts the principal back to the record's, without a change to write.
    fn restore_principal(&mut self, base: &Base);
}

/// The principal of a session.
#[derive(PartialEq, Eq)]
pub(super) enum Principal {
    /// The field holds its default, or a `None`.
    None,
    /// The encoded principal.
    Known(Vec<u8>),
    /// It cannot be read or written.
    Unknown,
}
