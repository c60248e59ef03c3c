//! Whether what was said makes sense, and what it means then.

mod field;
mod meanings;
mod names;

use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Fields, GenericParam, Path, parse_quote};

use crate::bag::{Bag, Field};
use crate::mistakes::Mistakes;
use crate::parse::{Meaning, words};
use crate::vocabulary::Place;

/// What is meant. When there are mistakes, it is what can be made of the rest.
pub(crate) fn bag<'a>(input: &'a DeriveInput, mistakes: &mut Mistakes) -> Bag<'a> {
    for param in &input.generics.params {
        if let GenericParam::Lifetime(param) = param {
            let lifetime = &param.lifetime;
            mistakes.add(
                lifetime.span(),
                format!(
                    "a databag outlives the request and cannot borrow, remove `{lifetime}` and own the data, \
                     as `String` does"
                ),
            );
        }
    }
    let (session, namespace) = of_struct(&input.attrs, mistakes);
    let mut fields: Vec<_> = named(input, mistakes)
        .filter_map(|field| field::field(field, namespace.as_deref(), mistakes))
        .collect();
    number(&mut fields);
    meanings::of_all(&fields, mistakes);
    names::stored(&fields, mistakes);
    names::accessors(&fields, mistakes);
    Bag { vis: &input.vis, ident: &input.ident, generics: &input.generics, session, fields }
}

/// Numbers the stored fields in the order of their names, which is that of records and patches.
fn number(fields: &mut [Field<'_>]) {
    let mut stored: Vec<_> = fields.iter_mut().filter_map(Field::stored_mut).collect();
    stored.sort_by(|one, other| one.name.cmp(&other.name));
    for (index, stored) in stored.into_iter().enumerate() {
        stored.index = index;
    }
}

/// The path of the crate `session`, and the namespace of the stored names.
fn of_struct(attrs: &[Attribute], mistakes: &mut Mistakes) -> (Path, Option<String>) {
    let said = words(attrs, Place::Struct, mistakes);
    meanings::unrepeated(&said, mistakes);
    let (mut session, mut namespace) = (None, None);
    for word in said {
        match word.meaning {
            Meaning::Crate(path) => session = Some(path),
            Meaning::Namespace(text) => namespace = names::namespace(&text, mistakes),
            _ => {}
        }
    }
    (session.unwrap_or_else(|| parse_quote!(::session)), namespace)
}

fn named<'a>(
    input: &'a DeriveInput,
    mistakes: &mut Mistakes,
) -> impl Iterator<Item = &'a syn::Field> + use<'a> {
    let (span, found) = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(&fields.named).into_iter().flatten(),
            Fields::Unnamed(fields) => (fields.paren_token.span.join(), "a tuple struct"),
            Fields::Unit => (input.ident.span(), "a unit struct"),
        },
        Data::Enum(data) => (data.enum_token.span(), "an enum"),
        Data::Union(data) => (data.union_token.span(), "a union"),
    };
    let ident = &input.ident;
    mistakes.add(
        span,
        format!("{found} has no named fields to remember, write `struct {ident} {{ field: Type }}`"),
    );
    None.into_iter().flatten()
}
