//! The suite must detect every faulty store: each fault violates one sentence of the contract.

use std::panic::{AssertUnwindSafe, catch_unwind};

use session_core::{Store, conformance};

use crate::faulty::{Fault, Faulty};
use crate::limited::{self, Limited};
use crate::sealed::SealedStore;

#[tokio::test]
async fn a_store_whose_tokens_contain_the_records_passes_the_stateless_suite() {
    conformance::run_stateless(async || SealedStore).await;
}

#[tokio::test]
async fn a_store_that_limits_sessions_under_one_lock_passes_the_suite() {
    conformance::run(async || Limited::new(limited::Fault::None)).await;
}

/// Returns the message with which the suite rejects a faulty store.
fn rejection<S: Store, F: Copy>(make: fn(F) -> S, fault: F) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let suite = conformance::run(async || make(fault));
    let panic = catch_unwind(AssertUnwindSafe(|| runtime.block_on(suite)))
        .expect_err("the suite does not detect the fault");
    panic.downcast_ref::<String>().expect("the suite panics with a message").clone()
}

macro_rules! detected {
    ($make:expr; $($test:ident: $fault:expr => $requirement:literal;)*) => {
        $(#[test]
        fn $test() {
            let message = rejection($make, $fault);
            assert!(message.contains($requirement), "{message}");
        })*
    };
}

detected! {
    Faulty::new;
    a_session_that_expires_too_late_is_detected: Fault::ExpiresTooLate => "reading changes nothing";
    a_session_that_expires_too_early_is_detected: Fault::ExpiresTooEarly => "a session is live while `now` is before its deadline";
    an_error_for_a_malformed_token_is_detected: Fault::RefusesMalformedTokens => "the store failed to load";
    a_read_that_touches_is_detected: Fault::ReadsAreTouches => "loaded as it was created";
    a_token_returned_twice_is_detected: Fault::CreatesTheSameToken => "`create` generates a new token";
    an_update_that_replaces_is_detected: Fault::UpdateReplaces => "fields that the patch does not name";
    an_update_without_removal_is_detected: Fault::UpdateIgnoresRemovals => "a removed field is absent";
    an_unconditional_removal_is_detected: Fault::UpdateRemovesUnconditionally => "and leaves any other";
    an_update_without_deadlines_is_detected: Fault::UpdateIgnoresDeadlines => "a patch extends the idle deadline";
    an_update_without_the_time_of_authentication_is_detected: Fault::UpdateIgnoresAuthentication => "sets the time of authentication";
    an_update_that_is_never_gone_is_detected: Fault::UpdateNeverGone => "without a live record a write is `Gone`";
    a_false_claim_of_records_in_tokens_is_detected: Fault::ClaimsRecordInToken => "if `record_in_token` is set";
    an_update_that_loses_races_is_detected: Fault::UpdateLosesRaces => "concurrent additions sum up";
    an_update_in_two_steps_is_detected: Fault::UpdateWritesTwice => "a write is atomic";
    a_touch_that_shortens_is_detected: Fault::TouchShortens => "changes nothing and is not an error";
    a_touch_of_an_expired_session_is_detected: Fault::TouchRestoresExpired => "as if it had never existed";
    a_conflict_that_writes_is_detected: Fault::ConflictWritesTheRest => "changes nothing";
    a_lost_empty_value_is_detected: Fault::DropsEmptyValues => "tells an absent field from an empty one";
    an_old_token_that_stays_valid_is_detected: Fault::RenewKeepsTheOldToken => "the old token is invalid";
    a_renewal_without_a_new_token_is_detected: Fault::RenewKeepsTheToken => "returns `NewToken`";
    a_renewal_that_changes_the_handle_id_is_detected: Fault::RenewChangesTheHandleId => "retains handle id, creation time, deadlines and fields";
    a_renewal_without_its_patch_is_detected: Fault::RenewIgnoresItsPatch => "`renew` applies its patch";
    a_change_of_identity_that_drops_nothing_is_detected: Fault::IdentifyDropsNothing => "drops fields and replaces handle id";
    a_change_of_identity_under_the_old_handle_id_is_detected: Fault::IdentifyKeepsTheHandleId => "replaces handle id and creation time";
    a_change_of_identity_that_keeps_the_time_of_authentication_is_detected: Fault::IdentifyKeepsAuthentication => "another identity removes the time of authentication";
    a_renewal_that_loses_races_is_detected: Fault::RenewLosesRaces => "renew";
    a_destroy_without_effect_is_detected: Fault::DestroyDoesNothing => "`destroy` destroys the session";
    a_destroy_that_always_finds_a_session_is_detected: Fault::DestroyAlwaysReturnsTrue => "`destroy` returns whether it found";
    a_destroy_that_fails_for_an_absent_session_is_detected: Fault::DestroyFailsIfAbsent => "the store failed to destroy";
    a_truncated_value_is_detected: Fault::TruncatesLargeValues => "one megabyte";
    a_count_of_expired_sessions_is_detected: Fault::CountsExpired => "`count` returns the number of live sessions";
    a_list_of_expired_sessions_is_detected: Fault::ListsExpired => "`list` returns live records";
    a_list_that_ends_early_is_detected: Fault::ListEndsEarly => "from the first page to the last";
    a_clear_without_effect_is_detected: Fault::ClearDoesNothing => "`clear` destroys all sessions";
    a_sweep_of_live_sessions_is_detected: Fault::SweepsLiveSessions => "`sweep`";
    a_sweep_that_does_not_count_is_detected: Fault::SweepsWithoutCounting => "removes expired sessions and returns their number";
    a_refusal_of_made_up_tokens_as_expired_is_detected: Fault::RefusesAllAsExpired => "never expired or revoked";
    a_refusal_of_expired_tokens_as_tampered_is_detected: Fault::RefusesAllAsTampered => "is expired, or unknown";
    a_record_that_contains_the_token_is_detected: Fault::ShowsTheToken => "as it was created";
}

detected! {
    Limited::new;
    a_limit_that_is_ignored_is_detected: limited::Fault::Ignores => "with `Oldest`";
    a_limit_that_evicts_the_newest_is_detected: limited::Fault::EvictsTheNewest => "with `Oldest`";
    a_limit_that_evicts_by_creation_time_is_detected: limited::Fault::EvictsByCreation => "not the one created first";
    a_limit_that_counts_renewed_sessions_is_detected: limited::Fault::CountsRenewed => "renewed regardless of the limit";
    a_limit_that_counts_expired_sessions_is_detected: limited::Fault::CountsExpired => "or took another value does not count";
    a_limit_that_counts_other_fields_is_detected: limited::Fault::CountsOtherFields => "do not count";
    a_limit_that_evicts_without_a_new_session_is_detected: limited::Fault::EvictsWithoutNewSession => "destroys no other session";
    an_eviction_that_is_not_reported_is_detected: limited::Fault::ReportsNoEviction => "are returned";
    an_end_that_is_not_reported_is_detected: limited::Fault::ReportsNoSessionEnded => "and returns their handle ids";
    a_report_of_expired_sessions_is_detected: limited::Fault::ReportsExpiredSessions => "`destroy_by` returns no expired sessions";
    a_limit_that_is_checked_before_the_write_is_detected: limited::Fault::ChecksBeforeWriting => "at most `max` sessions hold the value";
}
