//! What a field can mean: one page for each attribute that does more than say how a field is stored.
//!
//! The attributes that say that, and all accessors, are listed at [`Databag`](derive@crate::Databag).

macro_rules! pages {
    ($($page:ident)*) => { $(
        #[doc = include_str!(concat!("docs/attributes/", stringify!($page), ".md"))]
        pub mod $page {}
    )* };
}

pages! { principal index label flash counter cas ttl secret keep }
