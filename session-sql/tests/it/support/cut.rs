//! Where a connection fails.

/// When a connection is cut or goes silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the server gets the message.
    Before,
    /// After the server has executed the message, before the client gets the reply.
    After,
    /// At the message that follows the reply.
    Next,
}
