//! Types of maps.

use syn::{GenericArgument, PathArguments, Type};

/// Returns the types of keys and values of a type written as `BTreeMap<K, V>` or `HashMap<K, V>`, with any path and any
/// hasher.
pub(super) fn map(ty: &Type) -> Option<(&Type, &Type)> {
    let path = match ty {
        Type::Group(group) => return map(&group.elem),
        Type::Paren(paren) => return map(&paren.elem),
        Type::Path(ty) if ty.qself.is_none() => &ty.path,
        _ => return None,
    };
    let last = path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let mut types = arguments.args.iter().map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let (key, value) = (types.next()??, types.next()??);
    let longest = if last.ident == "BTreeMap" { 2 } else { 3 };
    let is_map = last.ident == "BTreeMap" || last.ident == "HashMap";
    (is_map && arguments.args.len() <= longest).then_some((key, value))
}
