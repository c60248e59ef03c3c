//! The declaration of a field of a databag.

use std::time::Duration;

/// The declaration of one stored field of a databag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "independent attributes")]
pub struct Field {
    /// The name under which the field is stored.
    pub name: &'static str,
    /// Other names from which the field is read if `name` is absent.
    pub aliases: &'static [&'static str],
    /// Whether the field has no setter: it is stored when the session is created and never changes.
    pub readonly: bool,
    /// Whether the field is retained when the other fields are dropped, as on a login.
    pub keep: bool,
    /// Whether a session with a principal is treated as absent if this field is missing or unreadable.
    pub required: bool,
    /// The time after which the field expires once it was set, if it does not live as long as the session.
    pub ttl: Option<Duration>,
    /// Whether sessions can be looked up by its value.
    pub lookup: Lookup,
    /// Whether the field is an `Option`. A stored `None` is not indexed.
    pub optional: bool,
    /// Whether lists of sessions include the field. Indexed fields are always included.
    pub label: bool,
    /// The property of the client that the field is bound to, if any. The library sets such a field at sign-in.
    pub bind: Option<Bind>,
    /// How changes of the field are written.
    pub kind: Kind,
}

/// Whether sessions can be looked up by the value of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lookup {
    /// The field is not indexed.
    #[default]
    None,
    /// The field is indexed.
    Index,
    /// The field is indexed and identifies the owner of the session, such as a user id. At most one field per databag.
    #[doc(alias = "user id")]
    Principal,
}

/// A property of the client that a field is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bind {
    /// The `User-Agent` header.
    UserAgent,
    /// The network of the address.
    #[doc(alias = "ip")]
    Network,
}

/// How changes of a field are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// The last write wins.
    #[default]
    Plain,
    /// A number to which concurrent requests add, saturating at these limits.
    Counter {
        /// The minimum of its type.
        min: i64,
        /// The maximum of its type, or of `i64` if that is less.
        max: i64,
    },
    /// Compare-and-set: a write is a conflict if the field changed since it was loaded.
    #[doc(alias = "compare and set")]
    Cas,
    /// A flash message: a value that one later request reads once.
    #[doc(alias = "flash message")]
    Flash,
    /// A map whose entries are written separately, each as a field of the record with its own
    /// [name](crate::entry::name).
    #[doc(alias = "hash")]
    Entries {
        /// The minimum and maximum of the values, if concurrent requests add to them as to a [`Counter`](Kind::Counter).
        counter: Option<(i64, i64)>,
    },
}

impl Field {
    /// Declares a field without attributes.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            readonly: false,
            keep: false,
            required: false,
            ttl: None,
            lookup: Lookup::None,
            optional: false,
            label: false,
            bind: None,
            kind: Kind::Plain,
        }
    }

    /// Whether the field identifies the owner of the session.
    pub const fn is_principal(&self) -> bool {
        matches!(self.lookup, Lookup::Principal)
    }

    /// Whether sessions can be looked up by the value of the field, including that of a principal.
    pub const fn is_indexed(&self) -> bool {
        !matches!(self.lookup, Lookup::None)
    }

    /// Returns all names from which the field is read, starting with its own.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Sets [`aliases`](Field::aliases).
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Sets [`readonly`](Field::readonly).
    #[must_use]
    pub const fn readonly(mut self) -> Self {
        self.readonly = true;
        self
    }

    /// Sets [`keep`](Field::keep).
    #[must_use]
    pub const fn keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// Sets [`required`](Field::required).
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets [`ttl`](Field::ttl).
    #[must_use]
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Sets [`lookup`](Field::lookup) to [`Lookup::Index`].
    #[must_use]
    pub const fn index(mut self) -> Self {
        self.lookup = Lookup::Index;
        self
    }

    /// Sets [`lookup`](Field::lookup) to [`Lookup::Principal`].
    #[must_use]
    pub const fn principal(mut self) -> Self {
        self.lookup = Lookup::Principal;
        self
    }

    /// Sets [`optional`](Field::optional).
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Sets [`label`](Field::label).
    #[must_use]
    pub const fn label(mut self) -> Self {
        self.label = true;
        self
    }

    /// Sets [`bind`](Field::bind).
    #[must_use]
    pub const fn bind(mut self, bind: Bind) -> Self {
        self.bind = Some(bind);
        self
    }

    /// Sets [`kind`](Field::kind) to [`Kind::Counter`] with the limits of its type.
    #[must_use]
    pub const fn counter(mut self, min: i64, max: i64) -> Self {
        self.kind = Kind::Counter { min, max };
        self
    }

    /// Sets [`kind`](Field::kind) to [`Kind::Cas`].
    #[must_use]
    pub const fn cas(mut self) -> Self {
        self.kind = Kind::Cas;
        self
    }

    /// Sets [`kind`](Field::kind) to [`Kind::Flash`].
    #[must_use]
    pub const fn flash(mut self) -> Self {
        self.kind = Kind::Flash;
        self
    }

    /// Sets [`kind`](Field::kind) to [`Kind::Entries`].
    #[must_use]
    pub const fn entries(mut self) -> Self {
        self.kind = Kind::Entries { counter: None };
        self
    }

    /// Sets [`kind`](Field::kind) to [`Kind::Entries`] with values that are counters with the limits of their type.
    #[must_use]
    pub const fn counter_entries(mut self, min: i64, max: i64) -> Self {
        self.kind = Kind::Entries { counter: Some((min, max)) };
        self
    }
}
