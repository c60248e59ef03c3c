//! Checks the parsed attributes and builds the model.

mod combinations;
mod field;
mod map_type;
mod names;

use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Fields, GenericParam, Path, parse_quote};

use crate::errors::Errors;
use crate::keywords::Target;
use crate::model::{Field, Model};
use crate::parse::{self, AttrKind};

/// Builds the model of a struct. After errors, it has the parts that were correct.
pub(crate) fn model<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Model<'a> {
    for param in &input.generics.params {
        if let GenericParam::Lifetime(param) = param {
            let lifetime = &param.lifetime;
            errors.add(
                lifetime.span(),
                format!(
                    "a databag outlives the request and cannot borrow, remove `{lifetime}` and own the data, \
                     as `String` does"
                ),
            );
        }
    }
    let (session, namespace) = struct_attrs(&input.attrs, errors);
    let mut fields: Vec<_> =
        named(input, errors).filter_map(|field| field::field(field, namespace.as_deref(), errors)).collect();
    number(&mut fields);
    combinations::of_struct(&fields, errors);
    names::stored(&fields, errors);
    names::accessors(&fields, errors);
    Model { vis: &input.vis, ident: &input.ident, generics: &input.generics, session, fields }
}

/// Numbers the stored fields in the order of their names, as records and patches do.
fn number(fields: &mut [Field<'_>]) {
    let mut stored: Vec<_> = fields.iter_mut().filter_map(Field::stored_mut).collect();
    stored.sort_by(|one, other| one.name.cmp(&other.name));
    for (index, stored) in stored.into_iter().enumerate() {
        stored.index = index;
    }
}

/// Returns the path of the crate `session` and the namespace of the stored names.
fn struct_attrs(attributes: &[Attribute], errors: &mut Errors) -> (Path, Option<String>) {
    let attrs = parse::attrs(attributes, Target::Struct, errors);
    combinations::no_duplicates(&attrs, errors);
    let (mut session, mut namespace) = (None, None);
    for attr in attrs {
        match attr.kind {
            AttrKind::Crate(path) => session = Some(path),
            AttrKind::Namespace(text) => namespace = names::namespace(&text, errors),
            _ => {}
        }
    }
    (session.unwrap_or_else(|| parse_quote!(::session)), namespace)
}

fn named<'a>(input: &'a DeriveInput, errors: &mut Errors) -> impl Iterator<Item = &'a syn::Field> + use<'a> {
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
    errors.add(
        span,
        format!("{found} has no named fields to remember, write `struct {ident} {{ field: Type }}`"),
    );
    None.into_iter().flatten()
}
