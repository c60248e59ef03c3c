//! No two things of one name.

use std::collections::HashMap;

use crate::bag::Field;
use crate::mistakes::Mistakes;

/// No two fields are stored under, or read from, the same name.
pub(super) fn stored(fields: &[Field<'_>], mistakes: &mut Mistakes) {
    let mut taken: HashMap<&str, &Field<'_>> = HashMap::new();
    for field in fields {
        let Some(stored) = field.stored() else { continue };
        for name in std::iter::once(&stored.name).chain(&stored.aliases).filter(|name| !name.is_empty()) {
            let Some(other) = taken.insert(name, field) else { continue };
            if other.ident == field.ident {
                let advice = format!("`{name}` is a name of this field already, remove the alias");
                mistakes.add(field.ident.span(), advice);
                continue;
            }
            let (one, two) = (other.name(), field.name());
            let advice =
                format!("fields `{one}` and `{two}` share the stored name `{name}`, give one another name");
            mistakes.add(other.ident.span(), &advice);
            mistakes.add(field.ident.span(), &advice);
        }
    }
}

/// No two accessors have the same name.
pub(super) fn accessors(fields: &[Field<'_>], mistakes: &mut Mistakes) {
    let mut taken: HashMap<String, &Field<'_>> = HashMap::new();
    for field in fields {
        for &verb in field.verbs() {
            let name = field.accessor(verb).to_string();
            let Some(other) = taken.get(&name) else {
                taken.insert(name, field);
                continue;
            };
            let (one, two) = (other.name(), field.name());
            // A field given twice is the compiler's to report.
            if one != two {
                let advice = format!(
                    "fields `{one}` and `{two}` share the accessor `{name}`, call one of them otherwise \
                     and keep its stored name with `rename`"
                );
                mistakes.add(other.ident.span(), &advice);
                mistakes.add(field.ident.span(), &advice);
            }
        }
    }
}
