//! What the documentation of an accessor says.

use crate::bag::{Field, Kind, Verb};

pub(super) fn sentence(field: &Field<'_>, verb: Verb) -> String {
    let name = field.name();
    let empty = if field.optional.is_some() { "to `None`" } else { "back to its default" };
    match verb {
        Verb::Get => format!(" Returns `{name}`."),
        Verb::Set if field.kind() == Kind::Flash => format!(" Sets `{name}` for a later request to take."),
        Verb::Set => format!(" Sets `{name}`."),
        Verb::Add => format!(
            " Adds to `{name}`, as far as its type goes, and returns the sum as seen here. What concurrent requests add \
             adds up."
        ),
        Verb::Keep => {
            format!(
                " Leaves for the next request what an earlier one set as `{name}`, unless this one sets another."
            )
        }
        Verb::Take if field.kind() == Kind::Flash => {
            format!(" Returns, once, what an earlier request set as `{name}`.")
        }
        Verb::Claim => format!(
            " Returns what an earlier request set as `{name}` to exactly one of all requests that claim it, and takes it \
             out of the store at once.\n\n # Errors\n\n When the store cannot tell or cannot say who is first; nothing is \
             claimed then, as far as is known."
        ),
        Verb::Update => format!(
            " Changes `{name}` in place and returns what `f` returns. Inside `f` the session's data cannot be used \
             otherwise."
        ),
        Verb::Clear => format!(" Sets `{name}` {empty}."),
        Verb::Take => format!(" Returns `{name}` and sets it {empty}."),
    }
}
