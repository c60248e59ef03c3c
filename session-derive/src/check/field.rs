//! Checks one field.

use proc_macro2::Ident;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, GenericArgument, Lit, Meta, PathArguments, Type};

use super::{combinations, map_type, names};
use crate::errors::Errors;
use crate::keywords::Target;
use crate::model::{Codec, Field, Initial, Kind, Lookup, Storage, Stored};
use crate::parse::{self, Attr, AttrKind};

/// Builds the model of a field, with stored names in the namespace of the databag.
pub(super) fn field<'a>(
    field: &'a syn::Field,
    namespace: Option<&str>,
    errors: &mut Errors,
) -> Option<Field<'a>> {
    let attrs = parse::attrs(&field.attrs, Target::Field, errors);
    combinations::no_duplicates(&attrs, errors);
    let skipped = attrs.iter().any(|attr| matches!(attr.kind, AttrKind::Skip));
    if !skipped {
        combinations::of_field(&attrs, &field.ty, errors);
    }
    let mut built = Field {
        ident: field.ident.as_ref()?,
        ty: &field.ty,
        optional: optional(&field.ty),
        entries: None,
        docs: field.attrs.iter().filter(|attr| is_doc(&attr.meta)).collect(),
        initial: Initial::Standard,
        secret: None,
        storage: Storage::Skipped,
    };
    let mut stored = Stored {
        // Set when the names of all fields are known.
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
        required: false,
        ttl: None,
        bind: None,
        kind: Kind::Plain,
    };
    let is_map = attrs.iter().any(|attr| matches!(attr.kind, AttrKind::Entries));
    built.entries = if is_map { map_type::map(&field.ty) } else { None };
    let mut name_span = built.ident.span();
    for Attr { keyword, span, kind } in attrs {
        if skipped && is_about_storage(&kind) {
            errors.add(span, format!("a skipped field is never stored, remove `{keyword}` or `skip`"));
            continue;
        }
        match kind {
            AttrKind::Default(value) => built.initial = initial(value),
            AttrKind::Secret => built.secret = Some(span),
            AttrKind::Rename(to) => (stored.name, name_span) = (to.value(), to.span()),
            AttrKind::Alias(from) => {
                stored.aliases.push(names::full(namespace, &from.value(), from.span(), errors));
            }
            AttrKind::Readonly => stored.readonly = true,
            AttrKind::With(module) => stored.with = Some(module),
            AttrKind::Codec(codec) => stored.codec = codec,
            AttrKind::Version(version) => stored.version = Some(version),
            AttrKind::Principal => stored.lookup = Lookup::Principal,
            AttrKind::Index => stored.lookup = Lookup::Index,
            AttrKind::Label => stored.label = true,
            AttrKind::Flash => stored.kind = Kind::Flash,
            AttrKind::Counter if is_map => stored.kind = Kind::CounterEntries,
            AttrKind::Counter => stored.kind = Kind::Counter,
            AttrKind::Entries if stored.kind == Kind::CounterEntries => {}
            AttrKind::Entries => stored.kind = Kind::Entries,
            AttrKind::Cas => stored.kind = Kind::Cas,
            AttrKind::Ttl(ttl) => stored.ttl = Some(ttl),
            AttrKind::Keep => stored.keep = true,
            AttrKind::Required => stored.required = true,
            AttrKind::Bind(bind) => stored.bind = Some(bind),
            AttrKind::Skip | AttrKind::Crate(_) | AttrKind::Namespace(_) => {}
        }
    }
    if let (Codec::Bincode(span), None) = (stored.codec, stored.version) {
        errors.add(
            span,
            "bincode reads bytes of another type as another value, write `codec = \"bincode\", version = 1` and raise \
             the version whenever the type changes",
        );
    }
    if stored.required
        && stored.bind.is_none()
        && stored.lookup != Lookup::Principal
        && built.is_absent_when_none()
    {
        errors.add(
            field.ty.span(),
            "a `None` is not stored and a session without a required field counts as none, write the type without `Option`, \
             or give a default",
        );
    }
    if stored.bind.is_some() && !built.optional.is_some_and(is_string) {
        errors
            .add(field.ty.span(), "a bound field holds text or nothing, write the type as `Option<String>`");
    }
    if !skipped {
        stored.name = names::full(namespace, &stored.name, name_span, errors);
        built.storage = Storage::Stored(stored);
    }
    Some(built)
}

fn is_about_storage(kind: &AttrKind) -> bool {
    !matches!(kind, AttrKind::Default(_) | AttrKind::Secret | AttrKind::Skip)
}

fn is_doc(meta: &Meta) -> bool {
    matches!(meta, Meta::NameValue(doc) if doc.path.is_ident("doc"))
}

fn initial(value: Option<Expr>) -> Initial {
    match value {
        None => Initial::Standard,
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Initial::Text(text),
        // A macro passes an expression on in invisible delimiters.
        Some(Expr::Group(group)) => initial(Some(*group.expr)),
        Some(value) => Initial::Value(value),
    }
}

/// Returns whether a type is written as `String`, with or without its path.
fn is_string(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_string(&group.elem),
        Type::Paren(paren) => is_string(&paren.elem),
        Type::Path(ty) if ty.qself.is_none() => {
            let names: Vec<String> =
                ty.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            matches!(names.join("::").as_str(), "String" | "std::string::String" | "alloc::string::String")
        }
        _ => false,
    }
}

/// Returns the `X` of a type written as `Option<X>`, with or without a path of the standard library.
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
