//! Computes the plan of a commit from the situation of its session; no I/O.

/// The state of a session relative to its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nothing is stored: the client presented no token, an unknown one, or its session was destroyed by this handle.
    New,
    /// Stored, according to the last store call.
    Stored,
    /// It was destroyed or renewed elsewhere; this handle can no longer write it, only destroy it.
    Gone,
}

/// A request of the application besides changes of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Requested {
    #[default]
    Nothing,
    Renew,
    Destroy,
}

/// The inputs of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Situation {
    pub(crate) origin: Origin,
    pub(crate) requested: Requested,
    /// Fields differ from the record, or deadlines were set.
    pub(crate) changed: bool,
    /// The session was used, and its idle deadline was last moved long enough ago.
    pub(crate) touch: bool,
}

/// The one action of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    Nothing,
    Touch,
    Create,
    Update,
    Renew,
    Destroy,
    /// Destroy, then create a session with the values set afterwards, which is independent of the old one.
    Replace,
}

impl Plan {
    /// Whether the client needs another token afterwards, on a store where every write may
    /// (`record_in_token`) or may not give it one.
    pub(crate) fn changes_token(self, record_in_token: bool) -> bool {
        match self {
            Self::Create | Self::Renew | Self::Replace => true,
            Self::Update => record_in_token,
            Self::Nothing | Self::Touch | Self::Destroy => false,
        }
    }
}

impl Situation {
    pub(crate) fn plan(self) -> Plan {
        match (self.origin, self.requested, self.changed) {
            (Origin::New, Requested::Renew, _) | (Origin::New, _, true) => Plan::Create,
            (Origin::Stored | Origin::Gone, Requested::Destroy, false) => Plan::Destroy,
            (Origin::Stored | Origin::Gone, Requested::Destroy, true) => Plan::Replace,
            (Origin::Stored, Requested::Renew, _) => Plan::Renew,
            (Origin::Stored, Requested::Nothing, true) => Plan::Update,
            (Origin::Stored, Requested::Nothing, false) if self.touch => Plan::Touch,
            (Origin::Stored, Requested::Nothing, false) | (Origin::New, _, false) | (Origin::Gone, _, _) => {
                Plan::Nothing
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_situation() -> impl Iterator<Item = Situation> {
        let origins = [Origin::New, Origin::Stored, Origin::Gone];
        let requests = [Requested::Nothing, Requested::Renew, Requested::Destroy];
        origins.into_iter().flat_map(move |origin| {
            requests.into_iter().flat_map(move |requested| {
                [(false, false), (false, true), (true, false), (true, true)]
                    .map(|(changed, touch)| Situation { origin, requested, changed, touch })
            })
        })
    }

    fn plans(wanted: impl Fn(&Situation) -> bool) -> Vec<Plan> {
        let mut plans: Vec<_> = every_situation().filter(wanted).map(Situation::plan).collect();
        plans.dedup();
        plans
    }

    #[test]
    fn a_session_that_is_gone_is_never_written() {
        assert_eq!(plans(|s| s.origin == Origin::Gone && s.requested != Requested::Destroy), [Plan::Nothing]);
        for situation in every_situation().filter(|s| s.origin == Origin::Gone) {
            assert!(
                matches!(situation.plan(), Plan::Nothing | Plan::Destroy | Plan::Replace),
                "{situation:?}"
            );
        }
    }

    #[test]
    fn nothing_is_created_unless_something_was_written_or_a_renewal_asked_for() {
        assert_eq!(
            plans(|s| s.origin == Origin::New && s.requested != Requested::Renew && !s.changed),
            [Plan::Nothing]
        );
        assert_eq!(
            plans(|s| s.origin == Origin::New && (s.requested == Requested::Renew || s.changed)),
            [Plan::Create]
        );
    }

    #[test]
    fn only_what_is_stored_is_touched_updated_or_renewed() {
        for situation in every_situation().filter(|s| s.origin == Origin::New) {
            assert!(matches!(situation.plan(), Plan::Nothing | Plan::Create), "{situation:?}");
        }
    }

    #[test]
    fn destroying_wins_over_every_change_and_what_was_set_later_starts_anew() {
        assert_eq!(
            plans(|s| s.origin != Origin::New && s.requested == Requested::Destroy && !s.changed),
            [Plan::Destroy]
        );
        assert_eq!(
            plans(|s| s.origin != Origin::New && s.requested == Requested::Destroy && s.changed),
            [Plan::Replace]
        );
    }

    #[test]
    fn a_renewal_carries_the_changes_along() {
        assert_eq!(plans(|s| s.origin == Origin::Stored && s.requested == Requested::Renew), [Plan::Renew]);
    }

    #[test]
    fn a_kept_session_is_updated_when_changed_else_touched_when_due() {
        let stored = |changed, touch| {
            Situation { origin: Origin::Stored, requested: Requested::Nothing, changed, touch }.plan()
        };
        assert_eq!(stored(true, true), Plan::Update);
        assert_eq!(stored(true, false), Plan::Update);
        assert_eq!(stored(false, true), Plan::Touch);
        assert_eq!(stored(false, false), Plan::Nothing);
    }
}
