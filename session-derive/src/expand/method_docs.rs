//! Doc comments of the accessors.

use crate::model::{Field, Kind, Verb};

const CLAIM_ERRORS: &str = "When the store fails, or is stateless and cannot decide between requests. As far as is known, \
                            nothing is claimed then.";

/// Returns the doc comment of an accessor.
pub(super) fn method_docs(field: &Field<'_>, verb: Verb) -> String {
    let name = field.name();
    let empty = if field.optional.is_some() { "to `None`" } else { "back to its default" };
    match verb {
        Verb::Get => format!(" Returns `{name}`."),
        Verb::Set if field.kind() == Kind::Flash => format!(" Sets `{name}` for a later request to take."),
        Verb::Set => format!(" Sets `{name}`."),
        Verb::Add => format!(
            " Adds to `{name}`, saturating at the bounds of its type, and returns the sum as this request sees it. \
             Additions of concurrent requests are summed."
        ),
        Verb::Push => format!(
            " Adds an item to `{name}` for a later request to take, behind what is there already and was not taken."
        ),
        Verb::Keep => {
            format!(" Leaves the value of `{name}` to the next request, unless this one sets another.")
        }
        Verb::Take if field.kind() == Kind::Flash => {
            format!(" Returns, once, the value of `{name}` that an earlier request set.")
        }
        Verb::Claim => format!(
            " Returns the value of `{name}` that an earlier request set, to exactly one of all requests that claim it, \
             and removes it from the store at once.\n\n # Errors\n\n {CLAIM_ERRORS}"
        ),
        Verb::Update => format!(
            " Changes `{name}` in place and returns the result of `f`. Inside `f`, other access to the session's data \
             panics."
        ),
        Verb::Entry => format!(" Returns the value of a key in `{name}`."),
        Verb::Insert => format!(
            " Sets the value of a key in `{name}`. Changes that concurrent requests make to other keys are kept.\n\n \
             The session cannot be saved if the key is not a string or an integer, or has more than 256 bytes, or if \
             there are more than 1024 entries."
        ),
        Verb::Remove => format!(" Removes a key of `{name}` and returns its value."),
        Verb::ClaimEntry => format!(
            " Returns the stored value of a key in `{name}` to exactly one of all requests that claim it, and removes it \
             from the store at once.\n\n # Errors\n\n {CLAIM_ERRORS}"
        ),
        Verb::AddEntry => format!(
            " Adds to the value of a key in `{name}`, saturating at the bounds of its type, and returns the sum as this \
             request sees it. Additions of concurrent requests are summed."
        ),
        Verb::ClearEntries => {
            format!(" Removes all entries of `{name}`. Those that concurrent requests insert are kept.")
        }
        Verb::Clear => format!(" Sets `{name}` {empty}."),
        Verb::Take => format!(" Returns `{name}` and sets it {empty}."),
    }
}
