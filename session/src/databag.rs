//! The trait that the derive implements.

use std::fmt;

use session_core::Field;

use crate::codec::{CodecError, Entries};
use crate::shared::Data;

/// A struct whose named fields are session data.
///
/// Derived, not written by hand: `#[derive(Databag)]` implements it together with [`Default`] and generates
/// the accessors of `session.data`. A databag is `Send`; it need not be `Sync` or `Clone`, its fields are
/// `Clone`, and each that is stored is `Serialize + DeserializeOwned`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a databag",
    label = "a session cannot hold `{Self}`",
    note = "add `#[derive(session::Databag)]` to the struct"
)]
pub trait Databag: Default + Send + 'static {
    /// The generated getters and setters.
    type Accessors: Clone + Send + Sync + 'static;

    /// The type of the field marked `principal`, without its `Option`; [`NoPrincipal`] if there is
    /// none.
    type Principal: 'static;

    /// The fields included in lists of sessions: a struct with the fields marked `principal`, `index` or `label` that
    /// are not secret, under their names; `()` when there are none.
    type Labels: Send + 'static;

    /// The fields that are stored, in the order of their names' bytes: so are those of records and patches.
    const FIELDS: &'static [Field];

    /// Appends the value of the field at `index` of [`FIELDS`](Databag::FIELDS). `false`, and nothing appended, when
    /// the field has no value to store: an `Option` that is `None` and has no other default.
    ///
    /// # Errors
    ///
    /// When the value cannot be encoded.
    fn encode(&self, index: usize, out: &mut Vec<u8>) -> Result<bool, CodecError>;

    /// Decodes a stored value into the field at `index`. On an error the field is unchanged.
    ///
    /// # Errors
    ///
    /// When the bytes are not a value of this field.
    fn decode(&mut self, index: usize, value: &[u8]) -> Result<(), CodecError>;

    /// Exchanges the field at `index` with that of another databag.
    fn swap(&mut self, other: &mut Self, index: usize) {
        let _ = other;
        no_field(index)
    }

    /// Returns the entries of the field at `index`, which is a map whose entries are stored separately.
    fn entries(&mut self, index: usize) -> Box<dyn Entries + '_> {
        no_field(index)
    }

    /// Returns the field at `index`, which is [bound](Field::bind) to the client.
    fn bound_field(&mut self, index: usize) -> &mut Option<String> {
        no_field(index)
    }

    /// Sets the principal. Only called on a databag that has one.
    fn set_principal(&mut self, principal: Self::Principal) {
        let _ = principal;
    }

    /// Returns the fields included in lists.
    fn labels(&self) -> Self::Labels;

    /// Overwrites the secrets, if their types support it.
    fn wipe(&mut self) {}

    /// The accessors of one session's data.
    fn accessors(data: Data<Self>) -> Self::Accessors;
}

/// A databag with a field marked [`principal`](crate::guide::principal), which says who is signed in.
///
/// Derived along with [`Databag`], and not written by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no principal, so nobody can be signed in",
    label = "no field of `{Self}` is marked as the principal",
    note = "write `#[databag(principal)]` on the field that identifies the user, such as `user_id: Option<u64>`"
)]
pub trait HasPrincipal: Databag<Principal: Clone + Send> {
    /// The value of the field; `None` for an `Option` that is `None`.
    #[doc(hidden)]
    fn principal(&self) -> Option<Self::Principal>;
}

/// The principal of a databag without one: a type without values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPrincipal {}

/// The `Debug` output of a secret field.
pub struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The last arm of every generated `match` on a field's index.
///
/// # Panics
///
/// Always: [`Databag::FIELDS`] has no field there.
pub fn no_field(index: usize) -> ! {
    panic!("the databag has no field at index {index}")
}
