//! Versions of an application with other declarations of a map.

use std::collections::{BTreeMap, HashMap};

use session::Databag;

use crate::deploy::backends;

/// A version whose map is one value, or has the types given.
macro_rules! version {
    ($name:ident: $(#[$attribute:meta])* $ty:ty) => {
        #[derive(Databag)]
        struct $name {
            $(#[$attribute])*
            cart: $ty,
            theme: String,
        }
    };
}

version!(Whole: BTreeMap<String, u32>);
version!(Split: #[databag(entries)] BTreeMap<String, u32>);
version!(Counted: #[databag(entries, counter)] HashMap<String, u64>);
version!(Numbered: #[databag(entries)] BTreeMap<u32, u32>);
version!(Textual: #[databag(entries)] BTreeMap<String, String>);
version!(Renamed: #[databag(entries, rename = "basket", alias = "cart")] BTreeMap<String, u32>);

type Of<T> = <T as Databag>::Accessors;

fn map<K: Ord + From<&'static str>, V>(
    entries: impl IntoIterator<Item = (&'static str, V)>,
) -> BTreeMap<K, V> {
    entries.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

#[tokio::test]
async fn a_map_that_was_stored_as_one_value_is_read_entry_by_entry() {
    for backend in backends() {
        let token = backend.write::<Whole>(|data| data.set_cart(map([("apple", 1), ("pear", 2)]))).await;
        let read = backend.read::<Split, _>(&token, |data| (data.cart_entry("pear"), data.cart())).await;
        assert_eq!(read, ((Some(2), map([("apple", 1), ("pear", 2)])), vec![]), "{}", backend.name);

        let token = backend
            .change::<Split>(&token, |data| {
                data.remove_cart("apple");
                data.insert_cart("plum", 3);
            })
            .await;
        let read = backend.read::<Split, _>(&token, Of::<Split>::cart).await;
        assert_eq!(read, (map([("pear", 2), ("plum", 3)]), vec![]), "{}", backend.name);

        let token = backend.change::<Counted>(&token, |data| assert_eq!(data.add_cart("pear", 5), 7)).await;
        let read = backend.read::<Counted, _>(&token, |data| data.cart_entry("pear")).await;
        assert_eq!(read, (Some(7), vec![]), "{}", backend.name);
    }
}

#[tokio::test]
async fn adding_to_a_map_of_numbers_that_was_stored_as_one_value_loses_none_of_them() {
    for backend in backends() {
        let token = backend.write::<Whole>(|data| data.set_cart(map([("apple", 1), ("pear", 2)]))).await;
        let token = backend.change::<Counted>(&token, |data| assert_eq!(data.add_cart("apple", 5), 6)).await;
        let read = |data: &Of<Counted>| (data.cart_entry("apple"), data.cart_entry("pear"));
        assert_eq!(
            backend.read::<Counted, _>(&token, read).await,
            ((Some(6), Some(2)), vec![]),
            "{}",
            backend.name
        );
    }
}

#[tokio::test]
async fn keys_and_values_of_another_type_are_left_out_with_one_warning() {
    for backend in backends() {
        let token = backend
            .write::<Split>(|data| {
                data.insert_cart("7", 1);
                data.insert_cart("pear", 2);
            })
            .await;
        let (numbered, warnings) = backend.read::<Numbered, _>(&token, Of::<Numbered>::cart).await;
        assert!(numbered.is_empty(), "{}", backend.name);
        assert_eq!(warnings.len(), 1, "{}: {warnings:?}", backend.name);
        assert!(warnings[0].contains("field `cart`"), "{warnings:?}");
        let (textual, warnings) = backend.read::<Textual, _>(&token, |data| data.cart_entry("pear")).await;
        assert_eq!((textual, warnings.len()), (None, 1), "{}", backend.name);

        let token = backend.change::<Numbered>(&token, |data| data.set_theme("dark")).await;
        let read = backend.read::<Split, _>(&token, |data| data.cart().len()).await;
        assert_eq!(read, (2, vec![]), "{}", backend.name);
    }
}

#[tokio::test]
async fn entries_are_read_from_a_former_name_and_removed_under_it() {
    for backend in backends() {
        let token = backend
            .write::<Split>(|data| {
                data.insert_cart("apple", 1);
                data.insert_cart("pear", 2);
            })
            .await;
        let token = backend
            .change::<Renamed>(&token, |data| {
                assert_eq!(data.remove_cart("apple"), Some(1));
                data.insert_cart("pear", 3);
                data.insert_cart("plum", 4);
            })
            .await;
        let read = backend.read::<Renamed, _>(&token, Of::<Renamed>::cart).await;
        assert_eq!(read, (map([("pear", 3), ("plum", 4)]), vec![]), "{}", backend.name);
    }
}

#[tokio::test]
async fn a_version_that_does_not_know_the_map_leaves_its_entries() {
    #[derive(Databag)]
    struct Without {
        theme: String,
    }
    for backend in backends() {
        let token = backend.write::<Split>(|data| data.insert_cart("apple", 1)).await;
        let token = backend.change::<Without>(&token, |data| data.set_theme("dark")).await;
        let read = backend.read::<Split, _>(&token, |data| data.cart_entry("apple")).await;
        assert_eq!(read, (Some(1), vec![]), "{}", backend.name);
    }
}
