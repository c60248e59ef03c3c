//! Codes that scripts return, the same as in `codes.lua`.

/// Done. In a cluster, index members to remove may follow.
pub(crate) const DONE: i64 = 1;
/// Done to a session that had expired. In a cluster, index members to remove may follow.
pub(crate) const EXPIRED: i64 = 2;
/// Live sessions were ended: another reply follows, then the key and the field `m` of each.
pub(crate) const ENDED: i64 = 3;
/// There is no session, or it has expired.
pub(crate) const GONE: i64 = 0;
/// The key of the new token holds a session already.
pub(crate) const KEY_TAKEN: i64 = -1;
/// The key holds something else than a session, or a session whose index memberships cannot be read.
pub(crate) const NOT_A_SESSION: i64 = -2;
/// The sealed session changed since it was read.
pub(crate) const CHANGED: i64 = -3;
/// The index must name the session for longer first: the field `i`, a time, and index members follow.
pub(crate) const REACH_TOO_SHORT: i64 = -4;
/// As many sessions hold the value as its limit allows.
pub(crate) const LIMIT_REACHED: i64 = -5;
/// Sessions were evicted for the limit, and more must be: run the script again.
pub(crate) const MORE_TO_EVICT: i64 = -6;
/// The deadline has passed by the clock of the server.
pub(crate) const DEADLINE_PASSED: i64 = -7;

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and numbers of the assignments in `codes.lua`.
    fn in_lua() -> Vec<(&'static str, i64)> {
        let assignments = include_str!("codes.lua").lines().filter_map(|line| line.strip_prefix("local "));
        let pairs = assignments.flat_map(|assignment| {
            let (names, numbers) = assignment.split_once(" = ").unwrap();
            names.split(", ").zip(numbers.split(", ").map(|number| number.parse().unwrap()))
        });
        pairs.collect()
    }

    #[test]
    fn scripts_return_the_codes_that_are_read_here() {
        let here = [
            ("DONE", DONE),
            ("EXPIRED", EXPIRED),
            ("ENDED", ENDED),
            ("GONE", GONE),
            ("KEY_TAKEN", KEY_TAKEN),
            ("NOT_A_SESSION", NOT_A_SESSION),
            ("CHANGED", CHANGED),
            ("REACH_TOO_SHORT", REACH_TOO_SHORT),
            ("LIMIT_REACHED", LIMIT_REACHED),
            ("MORE_TO_EVICT", MORE_TO_EVICT),
            ("DEADLINE_PASSED", DEADLINE_PASSED),
        ];
        assert_eq!(in_lua(), here);
    }
}
