//! Deploys: one version of an application writes, the next one reads.

mod attributes;
mod backend;
mod bytes;
mod codecs;
mod explicit;
mod integers;
mod keys;
mod limits;
mod new_attributes;
mod principals;
mod serde_buffers;
mod shapes;
mod unset;
mod warnings;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use session::Databag;

pub(crate) use self::backend::{Backend, backends, server_backends};

/// Types of fields.
pub(crate) trait Value:
    Clone + Debug + Default + PartialEq + Serialize + DeserializeOwned + Send + 'static
{
}

impl<T> Value for T where
    T: Clone + Debug + Default + PartialEq + Serialize + DeserializeOwned + Send + 'static
{
}

/// The values that a version of an application reads, and its warnings.
pub(crate) type Read<T> = (T, Vec<String>);

/// Stores a session with one version of an application and reads it with the next, with the same result on each store.
pub(crate) async fn deploy<Old: Databag, New: Databag, R: Debug + PartialEq>(
    write: impl Fn(&Old::Accessors),
    read: impl Fn(&New::Accessors) -> R,
) -> Read<R> {
    let mut shown: Option<Read<R>> = None;
    for backend in backends() {
        let token = backend.write::<Old>(&write).await;
        let read = backend.read::<New, _>(&token, &read).await;
        if let Some(shown) = &shown {
            assert_eq!(&read, shown, "{}", backend.name);
        }
        shown = Some(read);
    }
    shown.unwrap()
}

macro_rules! bags {
    ($($module:ident $(($($codec:tt)*))?;)*) => { $(
        /// A databag of one field, of any type.
        pub(crate) mod $module {
            use session::Databag;

            use crate::deploy::{Read, Value, deploy};

            #[derive(Databag)]
            pub(crate) struct Bag<T> {
                $(#[databag($($codec)*)])?
                value: T,
            }

            /// Writes a value of one type and reads it as another.
            pub(crate) async fn read_as<New: Value, Old: Value>(old: Old) -> Read<New> {
                let write = |data: &<Bag<Old> as Databag>::Accessors| data.set_value(old.clone());
                deploy::<Bag<Old>, Bag<New>, _>(write, |data| data.value()).await
            }
        }
    )* };
}

use bags;

bags! { named; json(codec = "json"); }

macro_rules! many {
    ($($module:ident $codec:tt;)*) => { $( pub(crate) mod $module {
        many! { struct $codec A a B b C c D d E e F f G g H h I i J j K k L l M m N n O o P p
            A2 a2 B2 b2 C2 c2 D2 d2 E2 e2 F2 f2 G2 g2 H2 h2 I2 i2 J2 j2 K2 k2 L2 l2 M2 m2 N2 n2 O2 o2 P2 p2 }
    } )* };
    (struct $codec:tt $($type:ident $field:ident)*) => {
        /// A databag of 32 fields, of any types. The first version of an application has one, and so has the next.
        #[derive(session::Databag)]
        pub(crate) struct Many<$($type),*> { $( #[databag $codec] pub(crate) $field: $type, )* }
    };
}

mod tables {
    many! { named (); json (codec = "json"); }
}

/// Checks values written as one type and read as another, with each self-describing codec or with those
/// given. `old => New: value` is that value without a warning, `old => New` the default with one that names the
/// field. A table has 32 rows at most.
macro_rules! shows {
    (@by [$($codec:ident)+] $rows:tt) => {{
        let mut wrong = Vec::new();
        $( shows! { @next $codec, wrong, [
            a b c d e f g h i j k l m n o p
            a2 b2 c2 d2 e2 f2 g2 h2 i2 j2 k2 l2 m2 n2 o2 p2
        ] $rows [] [] [] } )+
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }};
    (@next $codec:ident, $wrong:ident, [$($rest:ident)*] {}
        [$($values:tt)*] [$($types:tt)*] [$(($field:ident, $case:expr, $new:ty, $expected:expr))*]) => {{
        type Read = crate::deploy::tables::$codec::Many<$($types)* $(crate::deploy::unit!($rest)),*>;
        for backend in crate::deploy::backend::backends() {
            let values = crate::deploy::tables::$codec::Many { $($values)* $($rest: ()),* };
            let session = backend.version().0.create_with(values).await.unwrap();
            let read = |data: &<Read as session::Databag>::Accessors| data.read(|bag| vec![
                $( crate::deploy::Row::new::<$new>($case, stringify!($field), &bag.$field, $expected) ),*
            ]);
            let read = backend.read::<Read, _>(&session.token().unwrap(), read).await;
            $wrong.extend(crate::deploy::wrong(stringify!($codec), backend.name, read));
        }
    }};
    (@next $codec:ident, $wrong:ident, [$field:ident $($rest:ident)*]
        { $old:expr => $new:ty $(: $expected:expr)?; $($rows:tt)* }
        [$($values:tt)*] [$($types:tt)*] [$($checks:tt)*]) => {
        shows! { @next $codec, $wrong, [$($rest)*] { $($rows)* }
            [$($values)* $field: $old,] [$($types)* $new,]
            [$($checks)* ($field, stringify!($old => $new), $new, crate::deploy::first!($(Some($expected),)? None))] }
    };
    (by $($codec:ident),+; $($rows:tt)*) => { shows! { @by [$($codec)+] { $($rows)* } } };
    ($($rows:tt)*) => { shows! { @by [named json] { $($rows)* } } };
}

macro_rules! first {
    ($first:expr $(, $more:expr)?) => {
        $first
    };
}

macro_rules! unit {
    ($field:ident) => {
        ()
    };
}

use {first, shows, unit};

/// The result for one value.
struct Row {
    /// The types and value, as written in the table.
    case: &'static str,
    field: &'static str,
    /// Whether its default is expected, with a warning.
    warns: bool,
    /// The value read, if it differs from the expected one.
    wrong: Option<String>,
}

impl Row {
    fn new<T: Value>(case: &'static str, field: &'static str, shown: &T, expected: Option<T>) -> Self {
        let warns = expected.is_none();
        let wrong = (*shown != expected.unwrap_or_default()).then(|| format!("{shown:?}"));
        Self { case, field, warns, wrong }
    }
}

/// Returns the differences between read and expected values.
fn wrong(codec: &str, backend: &str, (rows, warnings): Read<Vec<Row>>) -> Vec<String> {
    let mut wrong = Vec::new();
    for Row { case, field, warns, wrong: shown } in rows {
        let count = warnings.iter().filter(|warning| warning.contains(&format!("`{field}`"))).count();
        if count != usize::from(warns) || shown.is_some() {
            let shown = shown.as_deref().unwrap_or("what it should");
            wrong.push(format!("{case} ({codec}, {backend}) shows {shown}, with {count} warnings"));
        }
    }
    wrong
}
