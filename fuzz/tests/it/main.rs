//! Runs every target on reproducible inputs.

mod inputs;

use session_fuzz::{
    cookie_headers, field_values, open_arbitrary, open_mutated, patches, records, redis_replies,
};

use self::inputs::inputs;

/// Inputs of each target, besides its seeds.
const COUNT: usize = 10_000;
/// Fewer where each input opens connections and some wait for timeouts.
const REPLIES: usize = 200;

#[test]
fn records_are_read_as_they_were_written() {
    inputs(records::seeds(), COUNT).for_each(|input| records::run(&input));
}

#[test]
fn patches_leave_readable_records() {
    inputs(patches::seeds(), COUNT).for_each(|input| patches::run(&input));
}

#[test]
fn getters_answer_whatever_is_stored() {
    inputs(field_values::seeds(), COUNT).for_each(|input| field_values::run(&input));
}

#[test]
fn sessions_are_found_by_cookies_that_were_given_out() {
    inputs(cookie_headers::seeds(), COUNT).for_each(|input| cookie_headers::run(&input));
}

#[test]
fn arbitrary_bytes_do_not_open() {
    inputs(open_arbitrary::seeds(), COUNT).for_each(|input| open_arbitrary::run(&input));
}

#[test]
fn changed_seals_do_not_open() {
    inputs(open_mutated::seeds(), COUNT).for_each(|input| open_mutated::run(&input));
}

#[test]
fn a_store_copes_with_any_reply_of_its_server() {
    inputs(redis_replies::seeds(), REPLIES).for_each(|input| redis_replies::run(&input));
}
