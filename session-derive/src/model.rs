//! The checked databag, from which the expansion is generated without errors.

use std::time::Duration;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, Expr, Generics, LitStr, Path, Type, Visibility};

/// A valid databag.
pub(crate) struct Model<'a> {
    pub(crate) vis: &'a Visibility,
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    /// The path of the crate `session`.
    pub(crate) session: Path,
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field of a databag.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// The `X` of a field written as `Option<X>`.
    pub(crate) optional: Option<&'a Type>,
    /// The types of keys and values of a field whose entries are stored separately.
    pub(crate) entries: Option<(&'a Type, &'a Type)>,
    pub(crate) docs: Vec<&'a Attribute>,
    pub(crate) initial: Initial,
    /// The span of `secret`.
    pub(crate) secret: Option<Span>,
    pub(crate) storage: Storage,
}

/// The value of a field in a new databag.
pub(crate) enum Initial {
    /// `Default::default()`.
    Standard,
    /// A string literal, converted by `Into`.
    Text(LitStr),
    /// An expression, unchanged.
    Value(Expr),
}

/// Whether and how a field is stored.
pub(crate) enum Storage {
    Skipped,
    Stored(Stored),
}

/// A stored field's declarations.
#[expect(clippy::struct_excessive_bools, reason = "independent attributes")]
pub(crate) struct Stored {
    /// The position among the stored fields in the order of their names.
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) readonly: bool,
    pub(crate) with: Option<Path>,
    pub(crate) codec: Codec,
    pub(crate) version: Option<u32>,
    pub(crate) lookup: Lookup,
    pub(crate) label: bool,
    pub(crate) keep: bool,
    pub(crate) required: bool,
    pub(crate) ttl: Option<Duration>,
    pub(crate) bind: Option<Bind>,
    pub(crate) kind: Kind,
}

impl Stored {
    /// Returns the index as a literal.
    pub(crate) fn index(&self) -> Literal {
        Literal::usize_unsuffixed(self.index)
    }
}

/// The encoding of a field.
#[derive(Clone, Copy, Default)]
pub(crate) enum Codec {
    #[default]
    MessagePack,
    Json,
    /// With the span of the value.
    Bincode(Span),
}

/// Whether sessions are looked up by a field's value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    None,
    Index,
    Principal,
}

/// A property of the client that a field is bound to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bind {
    UserAgent,
    Network,
}

/// How concurrent changes of a field are treated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Counter,
    Cas,
    Flash,
    Entries,
    CounterEntries,
}

/// The operation of an accessor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Set,
    Update,
    Add,
    Clear,
    Take,
    Push,
    Claim,
    Keep,
    Entry,
    Insert,
    Remove,
    ClaimEntry,
    AddEntry,
    ClearEntries,
}

/// Returns the name of the module of `session` that generated code uses. It includes the version of both crates, so that
/// a mismatch is a compile error that shows the version.
pub(crate) fn private_module() -> String {
    let version = env!("CARGO_PKG_VERSION").replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("__private_{version}")
}

impl<'a> Model<'a> {
    /// Returns the path of the module that generated code uses.
    pub(crate) fn private(&self) -> TokenStream {
        let (session, private) = (&self.session, format_ident!("{}", private_module()));
        quote!(#session::#private)
    }

    /// Returns the same path at `span`, where errors that involve it are shown.
    pub(crate) fn private_at(&self, span: Span) -> TokenStream {
        let at = |mut token: TokenTree| {
            token.set_span(span.resolved_at(Span::call_site()));
            token
        };
        self.private().into_iter().map(at).collect()
    }

    /// Returns the stored fields in the order of their indices.
    pub(crate) fn stored(&self) -> impl Iterator<Item = (&Field<'a>, &Stored)> {
        let stored = |field| Some((field, Field::stored(field)?));
        let mut fields: Vec<_> = self.fields.iter().filter_map(stored).collect();
        fields.sort_by_key(|(_, stored)| stored.index);
        fields.into_iter()
    }

    /// Returns the field marked `principal`.
    pub(crate) fn principal(&self) -> Option<&Field<'a>> {
        let mut stored = self.stored();
        stored.find(|(_, stored)| stored.lookup == Lookup::Principal).map(|(field, _)| field)
    }

    /// Returns the fields included in lists.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &Field<'a>> {
        let shown = |stored: &Stored| stored.label || stored.lookup != Lookup::None;
        self.fields.iter().filter(move |field| field.stored().is_some_and(shown) && !field.is_secret())
    }

    /// Returns whether the accessors have a method `read`, which a field of that name replaces.
    pub(crate) fn has_read(&self) -> bool {
        self.fields.iter().all(|field| field.name() != "read")
    }
}

impl Field<'_> {
    /// Returns the name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    pub(crate) fn stored(&self) -> Option<&Stored> {
        match &self.storage {
            Storage::Skipped => None,
            Storage::Stored(stored) => Some(stored),
        }
    }

    pub(crate) fn is_secret(&self) -> bool {
        self.secret.is_some()
    }

    pub(crate) fn stored_mut(&mut self) -> Option<&mut Stored> {
        match &mut self.storage {
            Storage::Skipped => None,
            Storage::Stored(stored) => Some(stored),
        }
    }

    /// Returns whether the field is an `Option` whose `None` is not stored, since an absent field reads as `None`.
    pub(crate) fn is_absent_when_none(&self) -> bool {
        self.optional.is_some() && matches!(self.initial, Initial::Standard)
    }

    /// Returns the operations of the accessors.
    pub(crate) fn verbs(&self) -> &'static [Verb] {
        match self.stored() {
            Some(Stored { readonly: true, .. } | Stored { bind: Some(_), .. }) => &[Verb::Get],
            Some(Stored { kind: Kind::Counter, .. }) => &[Verb::Get, Verb::Set, Verb::Add, Verb::Clear],
            Some(Stored { kind: Kind::Flash, .. }) => {
                &[Verb::Get, Verb::Set, Verb::Push, Verb::Take, Verb::Claim, Verb::Keep, Verb::Clear]
            }
            Some(Stored { kind: Kind::Entries, .. }) => {
                &[Verb::Get, Verb::Entry, Verb::Insert, Verb::Remove, Verb::ClaimEntry, Verb::ClearEntries]
            }
            Some(Stored { kind: Kind::CounterEntries, .. }) => {
                &[Verb::Get, Verb::Entry, Verb::Insert, Verb::AddEntry, Verb::Remove, Verb::ClearEntries]
            }
            // Without the field the session would be treated as absent. Clearing the principal also drops its required
            // fields.
            Some(Stored { required: true, lookup: Lookup::None | Lookup::Index, .. }) => {
                &[Verb::Get, Verb::Set, Verb::Update]
            }
            _ => &[Verb::Get, Verb::Set, Verb::Update, Verb::Clear, Verb::Take],
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.stored().map_or(Kind::Plain, |stored| stored.kind)
    }

    /// Returns the name of an accessor.
    pub(crate) fn accessor(&self, verb: Verb) -> Ident {
        let name = self.ident.unraw();
        match verb {
            Verb::Get => self.ident.clone(),
            Verb::Set => format_ident!("set_{name}"),
            Verb::Update => format_ident!("update_{name}"),
            Verb::Add | Verb::AddEntry => format_ident!("add_{name}"),
            Verb::Push => format_ident!("push_{name}"),
            Verb::Claim | Verb::ClaimEntry => format_ident!("claim_{name}"),
            Verb::Keep => format_ident!("keep_{name}"),
            Verb::Clear | Verb::ClearEntries => format_ident!("clear_{name}"),
            Verb::Take => format_ident!("take_{name}"),
            Verb::Entry => format_ident!("{name}_entry"),
            Verb::Insert => format_ident!("insert_{name}"),
            Verb::Remove => format_ident!("remove_{name}"),
        }
    }
}
