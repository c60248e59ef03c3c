//! Which meanings a field may have at once.

use syn::Type;
use syn::spanned::Spanned as _;

use crate::bag::{Field, Lookup};
use crate::mistakes::Mistakes;
use crate::parse::{Meaning, Word};

/// Two words that exclude each other, and why.
const EXCLUSIVE: [(&str, &str, &str); 20] = [
    ("principal", "index", "sessions are found by their principal already"),
    ("flash", "counter", "what is shown once cannot add up"),
    ("flash", "cas", "what is shown once is not compared"),
    ("flash", "principal", "what is shown once cannot say whose session it is"),
    ("flash", "index", "sessions cannot be found by what is shown once"),
    ("flash", "readonly", "what is shown once is set again and again"),
    ("flash", "label", "a list would show what is shown once"),
    ("label", "secret", "a list does not show secrets"),
    ("counter", "cas", "additions add up and never conflict"),
    ("counter", "ttl", "who adds does not see that a counter has expired"),
    ("counter", "codec", "stores add to a counter in a form of their own"),
    ("counter", "with", "stores add to a counter in a form of their own"),
    ("counter", "version", "stores add to a counter in a form of their own"),
    ("counter", "principal", "what adds up cannot say whose session it is"),
    ("counter", "index", "sessions cannot be found by what adds up"),
    ("counter", "readonly", "a read-only field never changes"),
    ("counter", "default", "stores count from zero"),
    ("cas", "readonly", "a read-only field never changes"),
    ("principal", "ttl", "whose session it is does not expire before the session"),
    ("index", "ttl", "a session cannot be found by a value that expires before it"),
];

/// The types to which stores can add.
const INTEGERS: [&str; 10] = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];

/// No word but `alias` is given twice.
pub(super) fn unrepeated(said: &[Word], mistakes: &mut Mistakes) {
    for (at, Word { name, meaning }) in said.iter().enumerate() {
        if !matches!(meaning, Meaning::Alias(_)) && said[..at].iter().any(|word| word.name == *name) {
            mistakes.add(name.span(), format!("`{name}` is given twice, remove one"));
        }
    }
}

/// Whether the words of one stored field go together, and with its type.
pub(super) fn of_one(said: &[Word], ty: &Type, mistakes: &mut Mistakes) {
    for (at, word) in said.iter().enumerate() {
        // `default` alone is the zero that counters start from.
        let of = |word: &Word| match word.meaning {
            Meaning::Default(None) => String::new(),
            _ => word.name.to_string(),
        };
        for earlier in &said[..at] {
            let (one, two) = (of(earlier), of(word));
            let why = EXCLUSIVE
                .iter()
                .find(|(a, b, _)| (*a == one && *b == two) || (*a == two && *b == one))
                .map(|(_, _, why)| why);
            if let Some(why) = why {
                mistakes.add(word.name.span(), format!("{why}, remove `{one}` or `{two}`"));
            }
        }
    }
    if said.iter().any(|word| matches!(word.meaning, Meaning::Counter)) && !is_integer(ty) {
        let integers = INTEGERS.join("`, `");
        mistakes.add(
            ty.span(),
            format!("stores cannot add to a counter of this type, write one of `{integers}`"),
        );
    }
}

/// Whether the fields go together.
pub(super) fn of_all(fields: &[Field<'_>], mistakes: &mut Mistakes) {
    let is_principal =
        |field: &&Field<'_>| field.stored().is_some_and(|stored| stored.lookup == Lookup::Principal);
    let mut principals = fields.iter().filter(is_principal);
    let Some(first) = principals.next() else { return };
    for second in principals {
        let (one, two) = (first.name(), second.name());
        mistakes.add(
            second.ident.span(),
            format!("a session belongs to one principal, and `{one}` is it: write `index` for `{two}`"),
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
