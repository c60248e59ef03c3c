//! A field whose codec changed.

#![expect(clippy::redundant_closure_for_method_calls, reason = "the type of accessors has no name to write")]

use super::{deploy, json, named};

#[tokio::test]
async fn a_value_is_read_by_the_codec_that_wrote_it() {
    type Names = Vec<Option<String>>;
    let names: Names = vec![Some("ada".into()), None];
    let stored = names.clone();
    let read =
        deploy::<json::Bag<Names>, named::Bag<Names>, _>(|data| data.set_value(stored), |data| data.value());
    assert_eq!(read.await, (names.clone(), vec![]));
    let stored = names.clone();
    let read =
        deploy::<named::Bag<Names>, json::Bag<Names>, _>(|data| data.set_value(stored), |data| data.value());
    assert_eq!(read.await, (names, vec![]));
    let (shown, warnings) =
        deploy::<json::Bag<u64>, named::Bag<u8>, _>(|data| data.set_value(300_u64), |data| data.value())
            .await;
    assert_eq!((shown, warnings.len()), (0, 1));
}

#[cfg(feature = "bincode")]
mod bincode {
    use super::super::{Read, bags, deploy, named};

    bags! {
        first(codec = "bincode", version = 1);
        second(codec = "bincode", version = 2);
        named_first(version = 1);
    }

    #[tokio::test]
    async fn bincode_of_another_version_is_the_default_with_a_warning() {
        assert_eq!(first::read_as::<u64, _>(84_u64).await, (84, vec![]));
        assert_eq!(second::read_as::<i64, _>(84_i64).await, (84, vec![]));
        assert_eq!(named_first::read_as::<i64, _>(84_u64).await, (84, vec![]));
        let read = |data: &<second::Bag<i64> as session::Databag>::Accessors| data.value();
        let (shown, warnings): Read<i64> =
            deploy::<first::Bag<u64>, second::Bag<i64>, _>(|data| data.set_value(84_u64), read).await;
        assert_eq!(shown, 0);
        assert!(warnings.len() == 1 && warnings[0].contains("`value`"), "{warnings:?}");
    }

    #[tokio::test]
    async fn what_bincode_wrote_is_read_by_bincode_under_its_version_alone() {
        let read = deploy::<first::Bag<u64>, named_first::Bag<u64>, _>(
            |data| data.set_value(84_u64),
            |data| data.value(),
        );
        assert_eq!(read.await, (84, vec![]));
        let (shown, warnings) =
            deploy::<first::Bag<u64>, named::Bag<u64>, _>(|data| data.set_value(84_u64), |data| data.value())
                .await;
        assert_eq!((shown, warnings.len()), (0, 1));
    }
}

#[cfg(not(feature = "bincode"))]
#[tokio::test]
async fn what_bincode_wrote_is_the_default_with_a_warning_without_the_feature() {
    use session::Store as _;
    use session_core::Patch;

    let store = crate::support::SpyStore::default();
    let (manager, warnings) = super::version::<named::Bag<u64>>(&store);
    let session = manager.create().await.unwrap();
    let token = session.token().unwrap();
    let patch = Patch::new().set("value", [1_u8, 84]);
    let _ = store.update(&token, &patch, session::Clock::system().now()).await.unwrap();
    assert_eq!(manager.get(&token).await.unwrap().data.value(), 0);
    let warnings = warnings.take();
    assert!(warnings.len() == 1 && warnings[0].contains("feature `bincode`"), "{warnings:?}");
}
