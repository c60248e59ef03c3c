//! What is meant by one field.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, GenericArgument, Lit, Meta, PathArguments, Type};

use super::{meanings, names};
use crate::bag::{Codec, Field, Initial, Kind, Lookup, Storage, Stored};
use crate::mistakes::Mistakes;
use crate::parse::{Meaning, Word, words};
use crate::vocabulary::Place;

/// A field as its words declare it, stored under names of the databag's namespace.
pub(super) fn field<'a>(
    field: &'a syn::Field,
    namespace: Option<&str>,
    mistakes: &mut Mistakes,
) -> Option<Field<'a>> {
    let said = words(&field.attrs, Place::Field, mistakes);
    meanings::unrepeated(&said, mistakes);
    let skipped = said.iter().any(|word| matches!(word.meaning, Meaning::Skip));
    if !skipped {
        meanings::of_one(&said, &field.ty, mistakes);
    }
    let mut built = Field {
        ident: field.ident.as_ref()?,
        ty: &field.ty,
        optional: optional(&field.ty),
        docs: field.attrs.iter().filter(|attr| is_doc(&attr.meta)).collect(),
        initial: Initial::Standard,
        secret: None,
        storage: Storage::Skipped,
    };
    let mut stored = Stored {
        // Known when all names are.
        index: 0,
        name: built.name(),
        aliases: Vec::new(),
        readonly: false,
        with: None,
        codec: Codec::default(),
        version: None,
        lookup: Lookup::None,
        label: false,
        keep: false,
        ttl: None,
        kind: Kind::Plain,
    };
    let mut name_span = built.ident.span();
    for Word { name, meaning } in said {
        if skipped && is_of_storage(&meaning) {
            mistakes.add(name.span(), format!("a skipped field is never stored, remove `{name}` or `skip`"));
            continue;
        }
        match meaning {
            Meaning::Default(value) => built.initial = initial(value),
            Meaning::Secret => built.secret = Some(name.span()),
            Meaning::Rename(to) => (stored.name, name_span) = (to.value(), to.span()),
            Meaning::Alias(from) => {
                stored.aliases.push(names::full(namespace, &from.value(), from.span(), mistakes));
            }
            Meaning::Readonly => stored.readonly = true,
            Meaning::With(module) => stored.with = Some(module),
            Meaning::Codec(codec) => stored.codec = codec,
            Meaning::Version(version) => stored.version = Some(version),
            Meaning::Principal => stored.lookup = Lookup::Principal,
            Meaning::Index => stored.lookup = Lookup::Index,
            Meaning::Label => stored.label = true,
            Meaning::Flash => stored.kind = Kind::Flash,
            Meaning::Counter => stored.kind = Kind::Counter,
            Meaning::Cas => stored.kind = Kind::Cas,
            Meaning::Ttl(ttl) => stored.ttl = Some(ttl),
            Meaning::Keep => stored.keep = true,
            Meaning::Skip | Meaning::Crate(_) | Meaning::Namespace(_) => {}
        }
    }
    if let (Codec::Bincode(span), None) = (stored.codec, stored.version) {
        mistakes.add(
            span,
            "bincode reads bytes of another type as another value, write `codec = \"bincode\", version = 1` and raise \
             the version whenever the type changes",
        );
    }
    if !skipped {
        stored.name = names::full(namespace, &stored.name, name_span, mistakes);
        built.storage = Storage::Stored(stored);
    }
    Some(built)
}

fn is_of_storage(meaning: &Meaning) -> bool {
    !matches!(meaning, Meaning::Default(_) | Meaning::Secret | Meaning::Skip)
}

fn is_doc(meta: &Meta) -> bool {
    matches!(meta, Meta::NameValue(doc) if doc.path.is_ident("doc"))
}

fn initial(value: Option<Expr>) -> Initial {
    match value {
        None => Initial::Standard,
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Initial::Text(text),
        // What a macro passes on stands in invisible delimiters.
        Some(Expr::Group(group)) => initial(Some(*group.expr)),
        Some(value) => Initial::Value(value),
    }
}

/// The `X` of a type written as `Option<X>`, whether or not with the path of the standard library.
fn optional(ty: &Type) -> Option<&Type> {
    let path = match ty {
        Type::Group(group) => return optional(&group.elem),
        Type::Paren(paren) => return optional(&paren.elem),
        Type::Path(ty) if ty.qself.is_none() => &ty.path,
        _ => return None,
    };
    let names: Vec<&Ident> = path.segments.iter().map(|segment| &segment.ident).collect();
    let is_option = match names[..] {
        [option] => option == "Option" && path.leading_colon.is_none(),
        [root, module, option] => {
            (root == "std" || root == "core") && module == "option" && option == "Option"
        }
        _ => false,
    };
    match &path.segments.last()?.arguments {
        PathArguments::AngleBracketed(arguments) if is_option && arguments.args.len() == 1 => {
            match arguments.args.first()? {
                GenericArgument::Type(inner) => Some(inner),
                _ => None,
            }
        }
        _ => None,
    }
}
