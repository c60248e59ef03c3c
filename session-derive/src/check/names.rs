//! Checks stored names and the names of accessors.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::LitStr;

use crate::errors::Errors;
use crate::model::Field;

/// The longest name that a field may be stored under, in bytes.
const MAX_NAME: usize = 128;

/// Separates the name of a map from the key of an entry, in stored names.
const SEPARATOR: char = '\u{1f}';

/// The longest namespace: it leaves room for a dot and a name of one byte.
const MAX_NAMESPACE: usize = MAX_NAME - 2;

/// Returns the namespace of a databag, if it is valid.
pub(super) fn namespace(text: &LitStr, errors: &mut Errors) -> Option<String> {
    let namespace = text.value();
    let (bare, found) = (namespace.trim_matches('.'), namespace.len());
    let advice = if bare.is_empty() {
        "a namespace is not empty, write `namespace = \"csrf\"` or remove it".to_owned()
    } else if bare.len() < found {
        format!("a namespace does not begin or end with a dot, write `namespace = \"{bare}\"`")
    } else if found > MAX_NAMESPACE {
        format!("a namespace has 1 to {MAX_NAMESPACE} bytes, this one {found}")
    } else {
        return Some(namespace);
    };
    errors.add(text.span(), advice);
    None
}

/// Returns a stored name with the namespace before it.
pub(super) fn full(namespace: Option<&str>, name: &str, span: Span, errors: &mut Errors) -> String {
    let (full, counted) = match namespace {
        Some(namespace) if !name.is_empty() => (format!("{namespace}.{name}"), " with its namespace"),
        _ => (name.to_owned(), ""),
    };
    let found = full.len();
    if found == 0 || found > MAX_NAME {
        errors.add(span, format!("a stored name has 1 to {MAX_NAME} bytes, this one {found}{counted}"));
    }
    if full.contains(SEPARATOR) {
        errors.add(span, "a stored name does not contain U+001F, which stands before the key of an entry");
    }
    full
}

/// Rejects duplicate stored names, aliases included.
pub(super) fn stored(fields: &[Field<'_>], errors: &mut Errors) {
    let mut taken: HashMap<&str, &Field<'_>> = HashMap::new();
    for field in fields {
        let Some(stored) = field.stored() else { continue };
        for name in std::iter::once(&stored.name).chain(&stored.aliases).filter(|name| !name.is_empty()) {
            let Some(other) = taken.insert(name, field) else { continue };
            if other.ident == field.ident {
                let advice = format!("`{name}` is a name of this field already, remove the alias");
                errors.add(field.ident.span(), advice);
                continue;
            }
            let (one, two) = (other.name(), field.name());
            let advice =
                format!("fields `{one}` and `{two}` share the stored name `{name}`, give one another name");
            errors.add(other.ident.span(), &advice);
            errors.add(field.ident.span(), &advice);
        }
    }
}

/// Rejects accessors with the same name.
pub(super) fn accessors(fields: &[Field<'_>], errors: &mut Errors) {
    let mut taken: HashMap<String, &Field<'_>> = HashMap::new();
    for field in fields {
        for &verb in field.verbs() {
            let name = field.accessor(verb).to_string();
            let Some(other) = taken.get(&name) else {
                taken.insert(name, field);
                continue;
            };
            let (one, two) = (other.name(), field.name());
            // The compiler itself reports a field given twice.
            if one != two {
                let advice = format!(
                    "fields `{one}` and `{two}` share the accessor `{name}`, call one of them otherwise \
                     and keep its stored name with `rename`"
                );
                errors.add(other.ident.span(), &advice);
                errors.add(field.ident.span(), &advice);
            }
        }
    }
}
