//! The suite must fail where a store does: each fault here breaks one promise.

use std::panic::{AssertUnwindSafe, catch_unwind};

use session_core::{Store, conformance};

use crate::faulty::{Fault, Faulty};
use crate::limited::{self, Limited};
use crate::sealed::SealedStore;

#[tokio::test]
async fn a_store_whose_tokens_are_the_records_can_keep_the_stateless_promises() {
    conformance::run_stateless(async || SealedStore).await;
}

#[tokio::test]
async fn a_store_that_caps_sessions_under_one_lock_keeps_the_contract() {
    conformance::run(async || Limited::new(limited::Fault::None)).await;
}

/// What the suite says of a store that is not in order.
fn verdict<S: Store>(make: impl Fn() -> S) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let suite = conformance::run(async || make());
    let panic = catch_unwind(AssertUnwindSafe(|| runtime.block_on(suite)))
        .expect_err("the suite lets the fault pass");
    panic.downcast_ref::<String>().expect("the suite panics with a sentence").clone()
}

macro_rules! caught {
    ($make:expr; $($test:ident: $fault:expr => $promise:literal;)*) => {
        $(#[test]
        fn $test() {
            let verdict = verdict(|| $make($fault));
            assert!(verdict.contains($promise), "{verdict}");
        })*
    };
}

caught! {
    Faulty::new;
    a_session_that_lives_too_long_is_noticed: Fault::LivesTooLong => "reading changes nothing";
    a_session_that_ends_too_early_is_noticed: Fault::EndsTooEarly => "a session is live while `now` is before its deadline";
    an_error_for_a_malformed_token_is_noticed: Fault::RefusesMalformedTokens => "the store failed to load";
    a_read_that_touches_is_noticed: Fault::ReadsAreTouches => "loaded as it was created";
    a_token_given_twice_is_noticed: Fault::CreatesTheSameToken => "`create` mints a fresh token";
    an_update_that_replaces_is_noticed: Fault::UpdateReplaces => "fields that the patch does not name";
    an_update_without_removal_is_noticed: Fault::UpdateIgnoresRemovals => "a removed field leaves no trace";
    a_removal_of_what_was_not_seen_is_noticed: Fault::UpdateRemovesUnseen => "and leaves any other";
    an_update_without_limits_is_noticed: Fault::UpdateIgnoresLimits => "a patch moves the idle deadline";
    an_update_that_is_never_gone_is_noticed: Fault::UpdateNeverGone => "without a live record a write is `Gone`";
    a_false_claim_that_tokens_move_is_noticed: Fault::ClaimsThatTokensMove => "when `record_in_token` says so";
    an_update_that_loses_races_is_noticed: Fault::UpdateLosesRaces => "100 concurrent additions";
    an_update_in_two_steps_is_noticed: Fault::UpdateWritesTwice => "as a whole or not at all";
    a_touch_that_moves_back_is_noticed: Fault::TouchMovesBack => "changes nothing and is no error";
    a_touch_that_revives_is_noticed: Fault::TouchRevives => "as if it was never there";
    a_conflict_that_writes_is_noticed: Fault::ConflictWritesTheRest => "changes nothing";
    a_lost_empty_value_is_noticed: Fault::DropsEmptyValues => "a value may be any bytes";
    an_old_token_that_stays_is_noticed: Fault::RenewKeepsTheOldToken => "the old token is dead";
    a_token_that_stays_is_noticed: Fault::RenewKeepsTheToken => "answers `NewToken`";
    a_session_that_changes_its_id_is_noticed: Fault::RenewMakesAnotherSession => "handle id, creation, deadlines and fields";
    a_renewal_without_its_patch_is_noticed: Fault::RenewIgnoresItsPatch => "`renew` applies its patch";
    a_change_of_person_that_drops_nothing_is_noticed: Fault::HandoverDropsNothing => "drops what is not kept and gives";
    a_change_of_person_under_the_old_handle_id_is_noticed: Fault::HandoverKeepsTheHandleId => "gives the session the handle id";
    a_renewal_that_loses_races_is_noticed: Fault::RenewLosesRaces => "renew";
    a_destroy_that_keeps_is_noticed: Fault::DestroyKeeps => "`destroy` ends the session";
    a_destroy_that_finds_what_is_not_there_is_noticed: Fault::DestroyAlwaysFindsOne => "`destroy` says whether it found";
    a_destroy_that_fails_for_none_is_noticed: Fault::DestroyTwiceFails => "the store failed to destroy";
    a_truncated_value_is_noticed: Fault::TruncatesLargeValues => "a megabyte";
    a_count_of_the_expired_is_noticed: Fault::CountsExpired => "`count` counts the live sessions";
    a_list_of_the_expired_is_noticed: Fault::ListsExpired => "`list` gives live records";
    a_list_that_ends_early_is_noticed: Fault::ListEndsEarly => "from the first page to the last";
    a_clear_that_keeps_is_noticed: Fault::ClearsNothing => "`clear` ends all sessions";
    a_sweep_of_the_living_is_noticed: Fault::SweepsTheLiving => "`sweep`";
    a_sweep_that_does_not_count_is_noticed: Fault::SweepsWithoutCounting => "returns how many there were";
    a_token_in_a_record_is_noticed: Fault::NamesTheToken => "as it was created";
}

caught! {
    Limited::new;
    a_limit_that_is_ignored_is_noticed: limited::Fault::Ignores => "with `Oldest`";
    a_limit_that_ends_the_newest_is_noticed: limited::Fault::EvictsTheNewest => "with `Oldest`";
    a_limit_that_goes_by_creation_is_noticed: limited::Fault::EvictsTheOldestCreation => "not by its creation";
    a_limit_that_counts_who_is_renewed_is_noticed: limited::Fault::CountsTheRenewed => "renewed without counting";
    a_limit_that_counts_the_expired_is_noticed: limited::Fault::CountsTheExpired => "frees its place";
    a_limit_that_counts_other_fields_is_noticed: limited::Fault::CountsOtherFields => "are not counted";
    a_limit_that_ends_sessions_for_nothing_is_noticed: limited::Fault::EvictsForNothing => "ends no other session";
    a_limit_that_counts_before_it_writes_is_noticed: limited::Fault::CountsBefore => "no more than fit";
}
