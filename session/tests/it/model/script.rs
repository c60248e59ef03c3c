//! Scripts of random runs. A failing one is minimised and printed line by line.

use std::fmt;

use proptest::prelude::*;

use super::{BROWSERS, OPEN};

pub(super) struct Script(pub(super) Vec<Line>);

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| write!(f, "\n    {line:?}"))
    }
}

/// One line of a script. A request is identified by its index among those in flight, modulo their number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line {
    Start {
        browser: usize,
    },
    /// A request that replays a token, the n-th that was sent, valid or not.
    Replay {
        token: usize,
    },
    In {
        request: usize,
        act: Act,
    },
    Answer {
        request: usize,
        status: u16,
    },
    Advance {
        seconds: u64,
    },
}

/// An action of a handler.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Read,
    SetA(u32),
    SetB(u32),
    ClearA,
    InsertX(u32),
    InsertY(u32),
    RemoveX,
    ClearShelf,
    Clear,
    Renew,
    RenewAndClear,
    Destroy,
    Save,
}

pub(super) fn script() -> impl Strategy<Value = Script> {
    proptest::collection::vec(line(), 1..80).prop_map(Script)
}

fn line() -> impl Strategy<Value = Line> {
    let status = prop_oneof![5 => Just(200), 1 => Just(404), 2 => Just(500)];
    prop_oneof![
        6 => (0..BROWSERS).prop_map(|browser| Line::Start { browser }),
        1 => (0..16usize).prop_map(|token| Line::Replay { token }),
        12 => (0..OPEN, act()).prop_map(|(request, act)| Line::In { request, act }),
        5 => (0..OPEN, status).prop_map(|(request, status)| Line::Answer { request, status }),
        1 => prop_oneof![Just(600), Just(1800)].prop_map(|seconds| Line::Advance { seconds }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Read),
        4 => (0..4u32).prop_map(Act::SetA),
        4 => (0..4u32).prop_map(Act::SetB),
        1 => Just(Act::ClearA),
        3 => (0..4u32).prop_map(Act::InsertX),
        3 => (0..4u32).prop_map(Act::InsertY),
        1 => Just(Act::RemoveX),
        1 => Just(Act::ClearShelf),
        1 => Just(Act::Clear),
        2 => Just(Act::Renew),
        1 => Just(Act::RenewAndClear),
        2 => Just(Act::Destroy),
        3 => Just(Act::Save),
    ]
}
