//! What was declared about one field.

use std::time::Duration;

/// What was declared about one stored field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not depend on each other")]
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

    /// Its additions add up, between the limits of its type.
    #[must_use]
    pub const fn counter(mut self, min: i64, max: i64) -> Self {
        self.kind = Kind::Counter { min, max };
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
