//! What the derive implements.

use std::fmt;

use crate::{CodecError, Data};

/// A struct whose named fields a session remembers.
///
/// Derived, not written by hand: `#[derive(Databag)]` implements it together with [`Default`] and makes the
/// accessors that `session.data` shows. A databag is `Send`; it need not be `Sync` or `Clone`, its fields are
/// `Clone`, and each that is stored is `Serialize + DeserializeOwned`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a databag",
    label = "a session cannot hold `{Self}`",
    note = "add `#[derive(session::Databag)]` to the struct"
)]
pub trait Databag: Default + Send + 'static {
    /// The generated getters and setters.
    type Accessors: Clone + Send + Sync + 'static;

    /// The fields that are stored, in the order of declaration.
    const FIELDS: &'static [Field];

    /// Appends the value of the field at `index` of [`FIELDS`](Databag::FIELDS). `false`, and nothing appended, when
    /// the field holds nothing that would need storing: an `Option` that is `None` and has no other default.
    ///
    /// # Errors
    ///
    /// When the value cannot be encoded.
    fn encode(&self, index: usize, out: &mut Vec<u8>) -> Result<bool, CodecError>;

    /// Puts a stored value into the field at `index`. On an error the field is as before.
    ///
    /// # Errors
    ///
    /// When the bytes are not a value of this field.
    fn decode(&mut self, index: usize, value: &[u8]) -> Result<(), CodecError>;

    /// The accessors of one session's data.
    fn accessors(data: Data<Self>) -> Self::Accessors;
}

/// What was declared about one stored field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name under which the field is stored.
    pub name: &'static str,
    /// Other names that it is read from when there is nothing under its own.
    pub aliases: &'static [&'static str],
    /// Whether it has no setter: it is stored when the session is created, and stays.
    pub readonly: bool,
}

impl Field {
    /// A field without further declarations.
    pub const fn new(name: &'static str) -> Self {
        Self { name, aliases: &[], readonly: false }
    }

    /// Also reads from these names.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Is stored when the session is created, and stays.
    #[must_use]
    pub const fn readonly(mut self) -> Self {
        self.readonly = true;
        self
    }
}

/// What `Debug` shows of a secret field.
pub struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The end of every generated `match` on a field's index.
///
/// # Panics
///
/// Always: [`Databag::FIELDS`] has no field there.
pub fn no_field(index: usize) -> ! {
    panic!("the databag has no field at index {index}")
}
