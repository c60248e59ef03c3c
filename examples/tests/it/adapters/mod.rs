//! The same application in each framework that has an adapter, and in those that `session` has a feature for; and one list
//! of cases for all of them.

mod cases;
mod in_actix;
mod in_axum;
#[cfg(feature = "poem")]
mod in_poem;
#[cfg(feature = "rocket")]
mod in_rocket;
#[cfg(feature = "salvo")]
mod in_salvo;
mod site;

macro_rules! frameworks {
    ($($(#[$feature:meta])? $framework:ident: $application:ident,)*) => { $(
        $(#[$feature])?
        mod $framework {
            use super::{cases, $application::start, site::Site};

            cases::tests!(Site::on(start));
        }
    )* };
}

frameworks! {
    actix: in_actix,
    axum: in_axum,
    #[cfg(feature = "poem")]
    poem: in_poem,
    #[cfg(feature = "rocket")]
    rocket: in_rocket,
    #[cfg(feature = "salvo")]
    salvo: in_salvo,
}
