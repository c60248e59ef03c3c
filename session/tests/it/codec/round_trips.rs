//! Round trips: every encoded value decodes to the same value.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use session::__private_0_1_0::{decode, encode};

use crate::codec::CODECS;

/// A value of any depth and size, whose type is larger than its encoding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, clippy::option_option, reason = "values that are hard to decode")]
enum Node {
    Nothing,
    Unit(()),
    Wide(i128),
    Float(f64),
    Some(Option<Box<Node>>),
    List(Vec<Node>),
    Units(Vec<()>),
    Sparse(Vec<Option<[u64; 32]>>),
    Named { map: BTreeMap<String, Node>, other: Box<Node>, large: Option<[u64; 32]> },
    Doubled(Option<Option<u8>>),
}

fn any_leaf() -> impl Strategy<Value = Node> {
    prop_oneof![
        Just(Node::Nothing),
        Just(Node::Unit(())),
        any::<i128>().prop_map(Node::Wide),
        any::<f64>().prop_map(Node::Float),
        any::<Option<Option<u8>>>().prop_map(Node::Doubled),
        (0_usize..3_000).prop_map(|length| Node::Units(vec![(); length])),
        (0_usize..6_000).prop_map(|length| Node::Sparse(vec![None; length])),
    ]
}

fn any_node() -> impl Strategy<Value = Node> {
    any_leaf().prop_recursive(60, 80, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|node| Node::Some(Some(Box::new(node)))),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Node::List),
            (prop::collection::btree_map(any::<String>(), inner.clone(), 0..3), inner)
                .prop_map(|(map, other)| { Node::Named { map, other: Box::new(other), large: None } }),
        ]
    })
}

/// Whether encoding rejects the value or decoding returns it.
fn is_kept(node: &Node) -> bool {
    CODECS.into_iter().all(|codec| {
        let mut bytes = Vec::new();
        encode(node, codec, None, &mut bytes).is_err()
            || decode::<Node>(&bytes, None).is_ok_and(|read| format!("{read:?}") == format!("{node:?}"))
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_read_back(node in any_node(), wrappings in 0_usize..70) {
        let wrap = |node, _| Node::Some(Some(Box::new(node)));
        prop_assert!(is_kept(&(0..wrappings).fold(node, wrap)));
    }
}

#[test]
fn sizes_around_the_limits_are_read_back_if_they_are_encoded() {
    for length in
        (0..12).flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1]).chain([9_000, 80_000])
    {
        assert!(is_kept(&Node::Units(vec![(); length])), "{length}");
        assert!(is_kept(&Node::Sparse(vec![None; length])), "{length}");
        let boxes = vec![Node::Some(Some(Box::new(Node::Nothing))); length];
        assert!(is_kept(&Node::List(boxes)), "{length}");
    }
    for depth in 0..140 {
        let wrap = |node, _| Node::Some(Some(Box::new(node)));
        assert!(is_kept(&(0..depth).fold(Node::Nothing, wrap)), "{depth}");
    }
}
