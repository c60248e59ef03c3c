//! A field whose codec changed.

#![expect(clippy::redundant_closure_for_method_calls, reason = "the type of accessors has no name to write")]

use session::Databag;

use super::{deploy, json, named};

type Accessors<T> = <T as Databag>::Accessors;

#[tokio::test]
async fn a_value_is_read_by_the_codec_that_wrote_it() {
    type Names = Vec<Option<String>>;
    let names: Names = vec![Some("ada".into()), None];
    let write = |data: &Accessors<json::Bag<Names>>| data.set_value(names.clone());
    let read = deploy::<json::Bag<Names>, named::Bag<Names>, _>(write, |data| data.value());
    assert_eq!(read.await, (names.clone(), vec![]));
    let write = |data: &Accessors<named::Bag<Names>>| data.set_value(names.clone());
    let read = deploy::<named::Bag<Names>, json::Bag<Names>, _>(write, |data| data.value());
    assert_eq!(read.await, (names.clone(), vec![]));
    let write = |data: &Accessors<json::Bag<u64>>| data.set_value(300_u64);
    let (shown, warnings) = deploy::<json::Bag<u64>, named::Bag<u8>, _>(write, |data| data.value()).await;
    assert_eq!((shown, warnings.len()), (0, 1));
    let write = |data: &Accessors<named::Bag<u64>>| data.set_value(300_u64);
    let (shown, warnings) = deploy::<named::Bag<u64>, json::Bag<u8>, _>(write, |data| data.value()).await;
    assert_eq!((shown, warnings.len()), (0, 1));
}

mod versions {
    use super::super::{bags, deploy, json, named};
    use super::Accessors;

    bags! {
        named_first(version = 1);
        named_second(version = 2);
        json_first(codec = "json", version = 1);
        json_second(codec = "json", version = 2);
    }

    #[tokio::test]
    async fn a_version_changes_nothing_while_it_stays() {
        macro_rules! shown {
            ($($codec:ident)*) => { $(
                assert_eq!($codec::read_as::<i64, _>(84_u64).await, (84, vec![]));
                assert_eq!($codec::read_as::<String, _>(84_u64).await.0, "");
            )* };
        }
        shown! { named_first named_second json_first json_second }
    }

    macro_rules! another_version {
        ($($old:ident => $new:ident;)*) => { $(
            let write = |data: &Accessors<$old::Bag<u64>>| data.set_value(84_u64);
            let (shown, warnings) = deploy::<$old::Bag<u64>, $new::Bag<u64>, _>(write, |data| data.value()).await;
            assert_eq!(shown, 0, stringify!($old => $new));
            assert!(warnings.len() == 1 && warnings[0].contains("`value`"), "{warnings:?}");
        )* };
    }

    #[tokio::test]
    async fn a_value_of_another_version_is_the_default_with_a_warning() {
        another_version! {
            named_first => named_second;
            named_second => named_first;
            named_first => named;
            named => named_first;
            json_first => json_second;
            json_first => json;
            json => json_first;
            named_first => json_second;
            json => named_first;
        }
    }

    #[tokio::test]
    async fn a_value_of_the_same_version_is_read_by_the_codec_that_wrote_it() {
        let write = |data: &Accessors<named_first::Bag<u64>>| data.set_value(84_u64);
        let read = deploy::<named_first::Bag<u64>, json_first::Bag<i64>, _>(write, |data| data.value());
        assert_eq!(read.await, (84, vec![]));
    }

    #[cfg(feature = "bincode")]
    mod bincode {
        use super::{Accessors, bags, deploy, json, json_first, named, named_first};
        use crate::deploy::{Read, Value};

        bags! {
            first(codec = "bincode", version = 1);
            second(codec = "bincode", version = 2);
        }

        #[tokio::test]
        async fn bincode_of_another_version_is_the_default_with_a_warning() {
            assert_eq!(first::read_as::<u64, _>(84_u64).await, (84, vec![]));
            assert_eq!(second::read_as::<i64, _>(84_i64).await, (84, vec![]));
            assert_eq!(named_first::read_as::<i64, _>(84_u64).await, (84, vec![]));
            let write = |data: &Accessors<first::Bag<u64>>| data.set_value(84_u64);
            let (shown, warnings) =
                deploy::<first::Bag<u64>, second::Bag<i64>, _>(write, |data| data.value()).await;
            assert_eq!(shown, 0_i64);
            assert!(warnings.len() == 1 && warnings[0].contains("`value`"), "{warnings:?}");
        }

        /// Writes under one version and reads under another.
        async fn read_as<New: Value, Old: Value>(old: Old) -> Read<New> {
            let write = |data: &Accessors<first::Bag<Old>>| data.set_value(old.clone());
            deploy::<first::Bag<Old>, second::Bag<New>, _>(write, |data| data.value()).await
        }

        macro_rules! refused {
            ($($old:expr => $new:ty;)*) => { $({
                let case = stringify!($old => $new);
                let (shown, warnings) = read_as::<$new, _>($old).await;
                assert_eq!(shown, <$new>::default(), "{case}");
                assert!(warnings.len() == 1 && warnings[0].contains("`value`"), "{case}: {warnings:?}");
            })* };
        }

        #[tokio::test]
        async fn nothing_of_another_version_is_read() {
            refused! {
                Some(84_u64) => Option<i64>;
                "a".to_owned() => char;
                vec![1_u8, 2] => Option<u8>;
                (1_u8, 2_u8) => (u8, u8);
                Some(1.5_f64) => Option<f64>;
                true => bool;
                vec![("a".to_owned(), 1_u8)] => std::collections::BTreeMap<String, u8>;
            }
        }

        #[tokio::test]
        async fn what_bincode_wrote_is_read_by_bincode_under_its_version_alone() {
            let write = |data: &Accessors<first::Bag<u64>>| data.set_value(84_u64);
            let read = deploy::<first::Bag<u64>, named_first::Bag<u64>, _>(write, |data| data.value());
            assert_eq!(read.await, (84, vec![]));
            let read = deploy::<first::Bag<u64>, json_first::Bag<u64>, _>(write, |data| data.value());
            assert_eq!(read.await, (84, vec![]));
            another_version! {
                first => named;
                first => json;
                named => first;
                json => first;
                named_first => second;
            }
        }
    }
}

#[cfg(not(feature = "bincode"))]
#[tokio::test]
async fn what_bincode_wrote_is_the_default_with_a_warning_without_the_feature() {
    use session::Store as _;
    use session::store::{Patch, WriteOutcome};

    for backend in super::backend::backends() {
        let mut token = backend.write::<named::Bag<u64>>(|_| ()).await;
        let patch = Patch::new().set("value", [1_u8, 84]);
        let now = session::Clock::system().now();
        if let WriteOutcome::NewToken(new) = backend.store().update(&token, &patch, now).await.unwrap() {
            token = new;
        }
        let (shown, warnings) = backend.read::<named::Bag<u64>, _>(&token, |data| data.value()).await;
        assert_eq!(shown, 0);
        assert!(warnings.len() == 1 && warnings[0].contains("feature `bincode`"), "{warnings:?}");
    }
}
