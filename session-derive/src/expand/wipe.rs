//! Overwriting secrets before they are dropped.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::bag::Bag;

/// `Databag::wipe`, for a databag with secrets.
pub(super) fn hook(bag: &Bag<'_>) -> Option<TokenStream> {
    let private = bag.private();
    let mut wipes = bag
        .fields
        .iter()
        .filter(|field| field.is_secret())
        .map(|field| {
            let ident = field.ident;
            wipe(&private, &quote!(self.#ident))
        })
        .peekable();
    wipes.peek()?;
    Some(quote!(fn wipe(&mut self) { #(#wipes)* }))
}

/// Overwrites `place`, if its type knows how to.
pub(super) fn wipe(private: &TokenStream, place: &TokenStream) -> TokenStream {
    // The method is looked for where it is called, on the concrete type: behind a bound it would be one or the other.
    quote_spanned! {Span::mixed_site()=>
        {
            #[allow(unused_imports)]
            use #private::{Wipe as _, WipeNothing as _};
            (&mut #private::Wiper(&mut #place)).wipe();
        }
    }
}
