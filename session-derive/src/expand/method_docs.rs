//! Doc comments of the accessors.

use crate::model::{Field, Kind, Verb};

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
        Verb::Keep => {
            format!(" Leaves the value of `{name}` to the next request, unless this one sets another.")
        }
        Verb::Take if field.kind() == Kind::Flash => {
            format!(" Returns, once, the value of `{name}` that an earlier request set.")
        }
        Verb::Claim => format!(
            " Returns the value of `{name}` that an earlier request set, to exactly one of all requests that claim it, \
             and removes it from the store at once.\n\n # Errors\n\n When the store fails, or is stateless \
             and cannot decide between requests. As far as is known, nothing is claimed then."
        ),
        Verb::Update => format!(
            " Changes `{name}` in place and returns the result of `f`. Inside `f`, other access to the session's data \
             panics."
        ),
        Verb::Clear => format!(" Sets `{name}` {empty}."),
        Verb::Take => format!(" Returns `{name}` and sets it {empty}."),
    }
}
