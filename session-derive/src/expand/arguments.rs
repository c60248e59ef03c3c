//! Arguments of accessors, converted to the type that is stored.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

/// The number types. Their setters take the type itself: a literal `5` does not convert `Into<u64>`.
const NUMBERS: [&str; 14] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64"];

/// Returns the type of an argument that becomes a `ty`.
pub(super) fn argument(private: &TokenStream, ty: &Type) -> TokenStream {
    if is_number(ty) { quote!(#ty) } else { quote!(impl #private::IntoField<#ty>) }
}

/// Generates the conversion of such an argument.
pub(super) fn converted(private: &TokenStream, ty: &Type, argument: &TokenStream) -> TokenStream {
    if is_number(ty) { argument.clone() } else { quote!(#private::IntoField::into_field(#argument)) }
}

fn is_number(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_number(&group.elem),
        Type::Path(ty) => NUMBERS.iter().any(|number| ty.path.is_ident(number)),
        _ => false,
    }
}
