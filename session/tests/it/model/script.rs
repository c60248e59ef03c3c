//! Scripts of random runs. A failing one is minimised and printed step by step.

use std::fmt;

use proptest::prelude::*;

use super::{BROWSERS, OPEN};

pub(super) struct Script(pub(super) Vec<Step>);

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| write!(f, "\n    {step:?}"))
    }
}

/// One step of a script. A request is identified by its index among those in flight, modulo their number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Start {
        browser: usize,
    },
    /// A request that replays a token, the n-th that was sent, valid or not.
    Replay {
        token: usize,
    },
    Act {
        request: usize,
        action: Action,
    },
    Respond {
        request: usize,
        status: u16,
    },
    Advance {
        seconds: u64,
    },
}

/// An action of a handler.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
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
    proptest::collection::vec(step(), 1..80).prop_map(Script)
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop_oneof![5 => Just(200), 1 => Just(404), 2 => Just(500)];
    prop_oneof![
        6 => (0..BROWSERS).prop_map(|browser| Step::Start { browser }),
        1 => (0..16usize).prop_map(|token| Step::Replay { token }),
        12 => (0..OPEN, action()).prop_map(|(request, action)| Step::Act { request, action }),
        5 => (0..OPEN, status).prop_map(|(request, status)| Step::Respond { request, status }),
        1 => prop_oneof![Just(600), Just(1800)].prop_map(|seconds| Step::Advance { seconds }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => Just(Action::Read),
        4 => (0..4u32).prop_map(Action::SetA),
        4 => (0..4u32).prop_map(Action::SetB),
        1 => Just(Action::ClearA),
        3 => (0..4u32).prop_map(Action::InsertX),
        3 => (0..4u32).prop_map(Action::InsertY),
        1 => Just(Action::RemoveX),
        1 => Just(Action::ClearShelf),
        1 => Just(Action::Clear),
        2 => Just(Action::Renew),
        1 => Just(Action::RenewAndClear),
        2 => Just(Action::Destroy),
        3 => Just(Action::Save),
    ]
}
