//! What the client is told about its token, once.

use session_core::{Databag, Meta, Timestamp, Token};

use crate::Session;
use crate::hooks::Moment;
use crate::link::Due;
use crate::plan::Origin;

/// What the client is told about its token.
pub(crate) enum Outgoing {
    Token(Token, Meta, Timestamp),
    Deletion,
}

impl<T: Databag> Session<T> {
    /// What is to be told to the client, once.
    pub(super) fn outgoing(&self, roll: bool) -> Option<Outgoing> {
        let mut link = self.link();
        let due = match link.due {
            Due::Nothing if roll && link.origin == Origin::Stored => Due::Token,
            due => due,
        };
        link.due = Due::Nothing;
        match due {
            Due::Nothing => None,
            Due::Deletion => {
                link.presented = false;
                Some(Outgoing::Deletion)
            }
            Due::Token => {
                link.presented = true;
                let token = link.token.clone()?;
                let meta = self.live.data.record()?.meta();
                Some(Outgoing::Token(token, meta, self.live.engine.clock.now()))
            }
        }
    }

    /// The client was told.
    pub(super) fn sent(&self, outgoing: &Outgoing) {
        if let Outgoing::Token(..) = outgoing {
            self.tell(Moment::Client);
        }
    }
}
