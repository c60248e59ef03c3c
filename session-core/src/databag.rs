//! What the derive implements.

use std::fmt;
use std::time::Duration;

use crate::counter::Count;
use crate::{CodecError, Data, value};

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

    /// Whose session it can be: the type of the field marked `principal`, without its `Option`; [`NoPrincipal`] when no
    /// field is.
    type Principal: 'static;

    /// What a list of sessions shows: a struct with the fields marked `principal`, `index` or `label` that are not
    /// secret, under their names; `()` when there are none.
    type Labels: Send + 'static;

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

    /// Exchanges the field at `index` with that of another databag. Only asked for fields that expire, are read once,
    /// survive when the others are dropped, or say whose session it is.
    fn swap(&mut self, other: &mut Self, index: usize) {
        let _ = other;
        no_field(index)
    }

    /// Says whose session it is. Only asked of a databag that has a principal.
    fn set_principal(&mut self, principal: Self::Principal) {
        let _ = principal;
    }

    /// What a list shows of it.
    fn labels(&self) -> Self::Labels;

    /// Overwrites the secrets it holds, as far as their types allow.
    fn wipe(&mut self) {}

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
    /// Whether it survives when the session is renewed and all else is dropped.
    pub keep: bool,
    /// How long after it was set it expires, if it does before the session.
    pub ttl: Option<Duration>,
    /// Whether sessions are found by its value.
    pub lookup: Lookup,
    /// Whether it is an `Option` whose `None` may be stored, by which no sessions are found.
    pub optional: bool,
    /// Whether lists of sessions show it; also those that sessions are found by are shown.
    pub label: bool,
    /// What its changes mean.
    pub kind: Kind,
}

/// Whether sessions are found by the value of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lookup {
    /// They are not.
    #[default]
    None,
    /// They are.
    Index,
    /// They are, and the value says whose session it is: at most one field of a databag.
    Principal,
}

/// What the changes of a field mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// The later write counts.
    #[default]
    Plain,
    /// A number whose additions add up, whoever makes them, between these limits.
    Counter {
        /// The least value of its type.
        min: i64,
        /// The greatest value of its type, or of `i64` where that is less.
        max: i64,
    },
    /// A write is a conflict when somebody else wrote since the field was loaded.
    Cas,
    /// What was set is shown to a later request, once.
    Flash,
}

impl Field {
    /// A field without further declarations.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            readonly: false,
            keep: false,
            ttl: None,
            lookup: Lookup::None,
            optional: false,
            label: false,
            kind: Kind::Plain,
        }
    }

    /// Whether its value says whose session it is.
    pub const fn is_principal(&self) -> bool {
        matches!(self.lookup, Lookup::Principal)
    }

    /// Whether sessions are found by its value: also those of a principal.
    pub const fn is_indexed(&self) -> bool {
        !matches!(self.lookup, Lookup::None)
    }

    /// Whether sessions are found by this value of it, as it was encoded.
    pub(crate) fn indexes(&self, value: &[u8]) -> bool {
        self.is_indexed() && !(self.optional && value::is_none(value))
    }

    /// All names it is read from, its own first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
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

    /// Survives when all else is dropped.
    #[must_use]
    pub const fn keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// Expires that long after it was set.
    #[must_use]
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Sessions are found by its value.
    #[must_use]
    pub const fn index(mut self) -> Self {
        self.lookup = Lookup::Index;
        self
    }

    /// Its value says whose session it is.
    #[must_use]
    pub const fn principal(mut self) -> Self {
        self.lookup = Lookup::Principal;
        self
    }

    /// Finds no sessions by `None`, though that is stored.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Is shown in lists of sessions.
    #[must_use]
    pub const fn label(mut self) -> Self {
        self.label = true;
        self
    }

    /// Its additions add up.
    #[must_use]
    pub const fn counter<N: Count>(mut self) -> Self {
        self.kind = Kind::Counter { min: N::MIN, max: N::MAX };
        self
    }

    /// A write is a conflict when somebody else wrote meanwhile.
    #[must_use]
    pub const fn cas(mut self) -> Self {
        self.kind = Kind::Cas;
        self
    }

    /// Is shown once, to a later request.
    #[must_use]
    pub const fn flash(mut self) -> Self {
        self.kind = Kind::Flash;
        self
    }
}

/// Whose session it is where no field says so: there is no such value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPrincipal {}

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
