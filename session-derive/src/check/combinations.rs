//! Checks the combinations of attributes.

use syn::Type;
use syn::spanned::Spanned as _;

use super::map_type;
use crate::errors::Errors;
use crate::keywords::Keyword;
use crate::model::{Field, Lookup};
use crate::parse::{Attr, AttrKind};

/// Two attributes that exclude each other, and the reason.
const EXCLUSIVE: [(Keyword, Keyword, &str); 44] = [
    (Keyword::Principal, Keyword::Index, "sessions are found by their principal already"),
    (Keyword::Flash, Keyword::Counter, "a flash field is read once and does not add up"),
    (Keyword::Flash, Keyword::Cas, "a flash field is read once and not compared"),
    (Keyword::Flash, Keyword::Principal, "a flash field is read once and cannot be the principal"),
    (Keyword::Flash, Keyword::Index, "sessions are not found by a flash field, which is read once"),
    (Keyword::Flash, Keyword::Readonly, "a flash field is set again by later requests"),
    (Keyword::Flash, Keyword::Label, "a list would show a flash field, which is read once"),
    (Keyword::Label, Keyword::Secret, "a list does not show secrets"),
    (Keyword::Counter, Keyword::Cas, "additions to a counter are merged and never conflict"),
    (Keyword::Counter, Keyword::Ttl, "a request that adds to a counter does not see that it has expired"),
    (Keyword::Counter, Keyword::Codec, "stores add to a counter in an encoding of their own"),
    (Keyword::Counter, Keyword::With, "stores add to a counter in an encoding of their own"),
    (Keyword::Counter, Keyword::Version, "stores add to a counter in an encoding of their own"),
    (Keyword::Counter, Keyword::Principal, "a counter cannot be the principal"),
    (Keyword::Counter, Keyword::Index, "sessions are not found by a counter"),
    (Keyword::Counter, Keyword::Readonly, "a read-only field never changes"),
    (Keyword::Counter, Keyword::Default, "stores count from zero"),
    (Keyword::Cas, Keyword::Readonly, "a read-only field never changes"),
    (Keyword::Required, Keyword::Flash, "a flash field is read once and then missing"),
    (Keyword::Required, Keyword::Counter, "a counter is stored once something is added to it"),
    (Keyword::Required, Keyword::Entries, "a map without entries is not stored"),
    (Keyword::Required, Keyword::Ttl, "a required field does not expire before its session"),
    (Keyword::Principal, Keyword::Ttl, "a principal does not expire before its session"),
    (Keyword::Index, Keyword::Ttl, "a session is not found by a value that expires before it"),
    (Keyword::Entries, Keyword::Principal, "a map cannot be the principal"),
    (Keyword::Entries, Keyword::Index, "sessions are not found by a map"),
    (Keyword::Entries, Keyword::Label, "a list of sessions does not load the entries of maps"),
    (Keyword::Entries, Keyword::Flash, "entries stay until they are removed, and a flash field is read once"),
    (Keyword::Entries, Keyword::Cas, "changes of entries are merged and never conflict"),
    (Keyword::Entries, Keyword::Readonly, "a read-only field never changes"),
    (Keyword::Entries, Keyword::With, "each entry is encoded by itself, in the encoding of its type"),
    (Keyword::Entries, Keyword::Default, "a map of entries starts empty"),
    (Keyword::Bind, Keyword::Principal, "what a client sends does not say whose session it is"),
    (Keyword::Bind, Keyword::Index, "sessions are not found by what a client sends"),
    (
        Keyword::Bind,
        Keyword::Flash,
        "a bound field is compared in every request, and a flash field is read once",
    ),
    (Keyword::Bind, Keyword::Counter, "a bound field holds text"),
    (Keyword::Bind, Keyword::Cas, "every sign-in sets a bound field anew"),
    (Keyword::Bind, Keyword::Entries, "a bound field holds text"),
    (Keyword::Bind, Keyword::Readonly, "every sign-in sets a bound field anew"),
    (Keyword::Bind, Keyword::Keep, "a bound field belongs to one sign-in and goes with its principal"),
    (Keyword::Bind, Keyword::Required, "a client that sends nothing leaves a bound field empty"),
    (Keyword::Bind, Keyword::Ttl, "a bound field is kept as long as its principal"),
    (Keyword::Bind, Keyword::Default, "a bound field is empty until somebody signs in"),
    (Keyword::Bind, Keyword::With, "a bound field is stored as the library compares it"),
];

/// The types that stores can add to.
const INTEGERS: [&str; 10] = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];

/// Rejects duplicate attributes, except `alias`.
pub(super) fn no_duplicates(attrs: &[Attr], errors: &mut Errors) {
    for (at, attr) in attrs.iter().enumerate() {
        let keyword = attr.keyword;
        if keyword != Keyword::Alias && attrs[..at].iter().any(|earlier| earlier.keyword == keyword) {
            errors.add(attr.span, format!("`{keyword}` is given twice, remove one"));
        }
    }
}

/// Checks the attributes of a stored field against each other and against its type.
pub(super) fn of_field(attrs: &[Attr], ty: &Type, errors: &mut Errors) {
    // `default` alone is zero, from which counters start.
    let excludes = |attr: &&Attr| !matches!(attr.kind, AttrKind::Default(None));
    for (at, attr) in attrs.iter().enumerate().filter(|(_, attr)| excludes(attr)) {
        for earlier in attrs[..at].iter().filter(excludes) {
            let (one, two) = (earlier.keyword, attr.keyword);
            let pair = EXCLUSIVE.iter().find(|(a, b, _)| (*a, *b) == (one, two) || (*a, *b) == (two, one));
            if let Some((_, _, reason)) = pair {
                errors.add(attr.span, format!("{reason}, remove `{one}` or `{two}`"));
            }
        }
    }
    let is_map = attrs.iter().any(|attr| attr.keyword == Keyword::Entries);
    let map = is_map.then(|| map_type::map(ty));
    if let Some(None) = map {
        errors.add(
            ty.span(),
            "`entries` stores the entries of a map one by one, write the type as `BTreeMap<K, V>` or `HashMap<K, V>`",
        );
    }
    let number = map.flatten().map_or(ty, |(_, value)| value);
    if attrs.iter().any(|attr| attr.keyword == Keyword::Counter)
        && !matches!(map, Some(None))
        && !is_integer(number)
    {
        let integers = INTEGERS.join("`, `");
        errors.add(
            number.span(),
            format!("stores cannot add to a counter of this type, write one of `{integers}`"),
        );
    }
}

/// Checks the fields against each other.
pub(super) fn of_struct(fields: &[Field<'_>], errors: &mut Errors) {
    let is_principal =
        |field: &&Field<'_>| field.stored().is_some_and(|stored| stored.lookup == Lookup::Principal);
    let mut principals = fields.iter().filter(is_principal);
    let Some(first) = principals.next() else { return };
    if first.stored().is_some_and(|stored| stored.keep) {
        let is_dropped =
            |field: &&Field<'_>| field.stored().is_some_and(|stored| stored.required && !stored.keep);
        for field in fields.iter().filter(is_dropped) {
            let (one, two) = (first.name(), field.name());
            errors.add(
                field.ident.span(),
                format!("`renew_and_clear()` would keep the principal `{one}` without the required `{two}`, write `keep` for it too"),
            );
        }
    }
    for second in principals {
        let (one, two) = (first.name(), second.name());
        errors.add(
            second.ident.span(),
            format!("a session has one principal, which is `{one}`: write `index` for `{two}`"),
        );
    }
}

fn is_integer(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_integer(&group.elem),
        Type::Paren(paren) => is_integer(&paren.elem),
        Type::Path(ty) if ty.qself.is_none() => INTEGERS.iter().any(|integer| ty.path.is_ident(integer)),
        _ => false,
    }
}
