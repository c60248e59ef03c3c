//! A store with one planted mistake each, of the kinds that stores in databases are made with.

mod columns;
mod database;
mod harness;
mod index;
mod limits;
mod store;
mod writes;

use std::iter;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use session_core::conformance;

use self::harness::Tables;

/// The times that each mistake must be detected, so that none is detected by chance.
const RUNS: usize = 20;

macro_rules! mistakes {
    ($($mistake:ident: $sentence:literal => $requirement:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub(crate) enum Mistake { $($mistake,)* }

        /// Each mistake, what it is, and a part of the sentence of the contract that it violates.
        const MISTAKES: &[(Mistake, &str, &str)] = &[$((Mistake::$mistake, $sentence, $requirement),)*];
    };
}

mistakes! {
    // Columns.
    ValuesFoldCase: "indexed values are compared without case" => "exactly the value",
    ValuesFoldUnicodeCase: "indexed values are compared by a collation" => "exactly the value",
    ValuesLoseTrailingSpaces: "indexed values are compared without trailing spaces" => "exactly the value",
    ValuesEndAtNul: "indexed values end at their first NUL" => "exactly the value",
    ValuesAreTruncated: "indexed values are cut at 255 bytes" => "exactly the value",
    ValuesAreLossyText: "indexed values are stored as text, and what is no UTF-8 is replaced" => "exactly the value",
    ValuesAreNumbers: "indexed values are compared as numbers if they are some" => "exactly the value",
    ValuesLoseTheirTag: "indexed values are compared without their first byte" => "exactly the value",
    LookupsArePatterns: "sessions are looked up by the beginning of the value" => "exactly the value",
    IndexNamesFoldCase: "names in the index are lower-cased" => "exactly the name",
    IndexIgnoresNames: "the index does not know the name of the field" => "value of an indexed field",
    IndexJoinsNameAndValue: "the index joins name and value without a separator" => "exactly the name",
    FieldNamesFoldCase: "field names are lower-cased" => "a field may have any name",
    FieldNamesLoseTrailingSpaces: "field names lose their trailing spaces" => "a field may have any name",
    FieldValuesAreText: "field values are stored as text" => "a value marked as kept",
    TimesAreSeconds: "deadlines are stored in seconds" => "deadline",
    TimesAreSigned: "a deadline that is never reached does not fit in a signed column" => "before its deadline",
    RememberIsNotStored: "the flag for a persistent cookie is not stored" => "new deadlines replace the old ones",
    AuthenticationIsNotStored: "the time of authentication is not stored" => "every part of the metadata",

    // Changes.
    AdditionsWrap: "an addition overflows, and ignores its limits" => "saturates",
    AdditionsAreFloats: "an addition is computed in floating point" => "exact beyond 2^53",
    AdditionsLoseTheMarkOfKeptValues: "a counter loses the mark of kept values" => "marked as kept",
    ComparisonsTakeAbsentForEmpty: "a comparison takes an absent field for an empty one" => "a comparison tells",

    // Steps.
    UpdateInTwoSteps: "`update` reads and then writes" => "effect of one after the other",
    UpdateInserts: "`update` inserts the record if it is gone by the time of the write" => "effect of one after the other",
    TouchInTwoSteps: "`touch` reads and then writes the whole record" => "effect of one after the other",
    TouchInserts: "`touch` inserts the record if it is gone by the time of the write" => "effect of one after the other",
    RenewInTwoSteps: "`renew` reads and then moves the record" => "effect of one after the other",
    DestroyInTwoSteps: "`destroy` looks for the session and then deletes it" => "effect of one after the other",
    UpdateWritesOneFieldFirst: "`update` writes one field in a statement of its own" => "a write is atomic",
    RenewInsertsThenDeletes: "`renew` inserts the new record and then deletes the old one" => "under the old or the new token",
    RenewDeletesThenInserts: "`renew` deletes the old record and then inserts the new one" => "under the old or the new token",
    DestroyByTakesASnapshot: "`destroy_by` looks for the sessions and then deletes them by their tokens" => "no session escapes",
    SweepTakesASnapshot: "`sweep` looks for expired sessions and then deletes them" => "is not swept",
    LimitsCountBeforeTheTransaction: "a limit is counted before the transaction" => "at most `max` sessions",
    HoldersSignInWithoutATransaction: "a session that signs in again takes no part in the transaction" => "signs in again",

    // Tokens.
    CreateOverwritesOnACollision: "`create` overwrites the session of a token in use" => "never overwrite",
    RenewOverwritesOnACollision: "`renew` overwrites the session of a token in use" => "never overwrite",
    KeepsTokens: "the token is stored beside its hash" => "never the token",
    KeepsTokensInHexadecimal: "the bytes of the token are stored in hexadecimal" => "never the token",
    ErrorsShowTokens: "an error shows the token" => "no error or log line contains a token",

    // The index.
    UpdateLeavesTheIndex: "`update` does not change the index" => "the index reflects",
    RemovalsLeaveTheIndex: "a removal does not change the index" => "the index reflects",
    RenewLeavesTheIndex: "`renew` leaves the index at the old token" => "the index reflects",
    DeadlinesLeaveTheIndex: "the index keeps the first deadline of a session" => "until its deadline",
    DestroyLeavesTheIndex: "`destroy` leaves the index, which a limit counts" => "refuses a session within the limit",
    LimitsCountExpired: "a limit counts what has expired" => "does not count",
    LookupsStopAt100: "lookups stop at 100 sessions" => "however many",
    FormerHandleIdsFindSessions: "any handle id finds a session that holds the value" => "known only under its new handle id",
    DestroyByLeavesExpired: "`destroy_by` leaves what has expired on its clock" => "only on the clock of the caller",
    HoldersCountThemselves: "a session that signs in again counts itself, and evicts itself" => "regardless of the limit",
    RenewTakesAnotherPosition: "a renewed session is evicted last" => "does not change its position",

    // Lists.
    ListFollowsArrivals: "a list is in the order of creation and follows new sessions" => "a list ends",
    ListCountsOffsets: "a list goes on at an offset" => "from the first page to the last",
    SweepAsksTheIndex: "`sweep` removes what the index says has expired" => "no session whose deadline was extended",
    ClearClearsOtherStores: "`clear` clears the whole database" => "leaves other data untouched",

    // What cannot be read, and outages.
    CorruptIsNoSession: "a record that cannot be read is `None`" => "cannot be read is an error",
    ACorruptRecordFailsLookups: "a record that cannot be read fails a lookup of others" => "the store failed to find_by",
    ACorruptRecordFailsLists: "a record that cannot be read fails a list of others" => "the store failed to list",
    DestroyByLeavesCorrupt: "`destroy_by` leaves what it cannot read" => "whose records cannot be read",
    OutageIsNoSession: "an outage is `None`" => "an outage is an error",
    OutageIsGone: "an outage is `Gone`" => "an outage is an error",
    OutageDestroysNothing: "an outage is a session that was not there to destroy" => "an outage is an error",
    OutageCountsNothing: "an outage is a count of zero" => "an outage is an error",
}

/// The name of threads on which panics are expected and not printed.
const PANICS_EXPECTED: &str = "panics expected";

/// Returns the message with which the suite rejects a store with this mistake, if it does.
fn rejection(mistake: Mistake) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let suite = conformance::run(Tables::new(Some(mistake)));
    let panic = catch_unwind(AssertUnwindSafe(|| runtime.block_on(suite))).err()?;
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    Some(panic.downcast_ref::<String>().cloned().or(text).expect("the suite panics with a message"))
}

/// Returns what is wrong with the detection of a mistake.
fn undetected((mistake, sentence, requirement): &(Mistake, &str, &str)) -> Option<String> {
    (1..=RUNS).find_map(|run| match rejection(*mistake) {
        None => Some(format!("{sentence}: not detected in run {run}")),
        Some(message) if !message.contains(requirement) => {
            Some(format!("{sentence}: detected in run {run} as {message}"))
        }
        Some(_) => None,
    })
}

#[tokio::test]
async fn a_store_without_a_mistake_passes_the_suite() {
    conformance::run(Tables::new(None)).await;
}

#[test]
fn every_mistake_is_detected_every_time() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().name() != Some(PANICS_EXPECTED) {
            print(info);
        }
    }));
    let next = AtomicUsize::new(0);
    let work = || {
        let mistakes = iter::from_fn(|| MISTAKES.get(next.fetch_add(1, Ordering::SeqCst)));
        mistakes.filter_map(undetected).collect::<Vec<_>>()
    };
    let undetected = thread::scope(|scope| {
        let spawn =
            |_| thread::Builder::new().name(PANICS_EXPECTED.to_owned()).spawn_scoped(scope, work).unwrap();
        let threads: Vec<_> = (0..4).map(spawn).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(undetected.is_empty(), "{}", undetected.join("\n"));
}
