//! The suite must fail where a store does: each fault here breaks one promise.

use std::panic::{AssertUnwindSafe, catch_unwind};

use session_core::conformance;

use crate::faulty::{Fault, Faulty};
use crate::sealed::SealedStore;

#[tokio::test]
async fn a_store_whose_tokens_are_the_records_can_keep_the_stateless_promises() {
    conformance::run_stateless(async || SealedStore).await;
}

/// What the suite says of a store with this fault.
fn verdict(fault: Fault) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let suite = conformance::run(async || Faulty::new(fault));
    let panic = catch_unwind(AssertUnwindSafe(|| runtime.block_on(suite)))
        .expect_err(&format!("the suite lets {fault:?} pass"));
    panic.downcast_ref::<String>().expect("the suite panics with a sentence").clone()
}

macro_rules! caught {
    ($($test:ident: $fault:ident => $promise:literal;)*) => {
        $(#[test]
        fn $test() {
            let verdict = verdict(Fault::$fault);
            assert!(verdict.contains($promise), "{verdict}");
        })*
    };
}

caught! {
    a_session_that_lives_too_long_is_noticed: LivesTooLong => "reading changes nothing";
    a_session_that_ends_too_early_is_noticed: EndsTooEarly => "a session is live while `now` is before its deadline";
    an_error_for_a_malformed_token_is_noticed: RefusesMalformedTokens => "the store failed to load";
    a_read_that_touches_is_noticed: ReadsAreTouches => "loaded as it was created";
    a_token_given_twice_is_noticed: CreatesTheSameToken => "`create` mints a fresh token";
    an_update_that_replaces_is_noticed: UpdateReplaces => "fields that the patch does not name";
    an_update_without_removal_is_noticed: UpdateIgnoresRemovals => "a removed field leaves no trace";
    an_update_without_limits_is_noticed: UpdateIgnoresLimits => "a patch moves the idle deadline";
    an_update_that_is_never_gone_is_noticed: UpdateNeverGone => "without a live record a write is `Gone`";
    an_update_that_loses_races_is_noticed: UpdateLosesRaces => "100 concurrent additions";
    an_update_in_two_steps_is_noticed: UpdateWritesTwice => "as a whole or not at all";
    a_touch_that_moves_back_is_noticed: TouchMovesBack => "changes nothing and is no error";
    a_touch_that_revives_is_noticed: TouchRevives => "as if it was never there";
    a_conflict_that_writes_is_noticed: ConflictWritesTheRest => "changes nothing";
    a_lost_empty_value_is_noticed: DropsEmptyValues => "a value may be any bytes";
    an_old_token_that_stays_is_noticed: RenewKeepsTheOldToken => "the old token is dead";
    a_token_that_stays_is_noticed: RenewKeepsTheToken => "answers `Moved`";
    a_session_that_changes_its_id_is_noticed: RenewMakesAnotherSession => "handle id, creation, deadlines and fields";
    a_renewal_without_its_patch_is_noticed: RenewIgnoresItsPatch => "`renew` applies its patch";
    a_renewal_that_loses_races_is_noticed: RenewLosesRaces => "renew";
    a_destroy_that_keeps_is_noticed: DestroyKeeps => "`destroy` ends the session";
    a_destroy_that_fails_for_none_is_noticed: DestroyTwiceFails => "the store failed to destroy";
    a_truncated_value_is_noticed: TruncatesLargeValues => "a megabyte";
    a_count_of_the_expired_is_noticed: CountsExpired => "`count` counts the live sessions";
    a_list_of_the_expired_is_noticed: ListsExpired => "`list` gives live records";
    a_list_that_ends_early_is_noticed: ListEndsEarly => "from the first page to the last";
    a_clear_that_keeps_is_noticed: ClearsNothing => "`clear` ends all sessions";
    a_sweep_of_the_living_is_noticed: SweepsTheLiving => "`sweep`";
    a_sweep_that_does_not_count_is_noticed: SweepsWithoutCounting => "returns how many there were";
    a_token_in_a_record_is_noticed: NamesTheToken => "as it was created";
}
