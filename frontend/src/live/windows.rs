use console_api::{
    AccessControlRun, BootstrapConversation, BootstrapWindow, CommandWindow, ServerFrame, Trace,
};

/// A bootstrap session as the server told it: none when there is no such session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    pub(crate) id: u64,
    pub(crate) told: Option<BootstrapConversation>,
}

/// A change of access control as the server told it: none when there is no such one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunTold {
    pub(crate) id: u64,
    pub(crate) run: Option<AccessControlRun>,
}

/// What pages show as the server sends it: of each, the last one that came.
#[derive(Debug, Default)]
pub(super) struct Windows {
    pub(super) traces: Vec<Trace>,
    pub(super) commands: Option<CommandWindow>,
    pub(super) bootstrap: Option<BootstrapWindow>,
    pub(super) conversation: Option<Conversation>,
    pub(super) access_control_run: Option<RunTold>,
}

impl Windows {
    /// Gives back a frame that is none of these.
    pub(super) fn take(&mut self, frame: ServerFrame) -> Option<ServerFrame> {
        match frame {
            ServerFrame::Trace(trace) => self.traces.push(trace),
            ServerFrame::Commands(window) => self.commands = Some(window),
            ServerFrame::BootstrapSessions(window) => self.bootstrap = Some(window),
            ServerFrame::BootstrapSession { id, conversation: told } => {
                self.conversation = Some(Conversation { id, told });
            }
            ServerFrame::AccessControlRun { id, run } => {
                self.access_control_run = Some(RunTold { id, run });
            }
            frame => return Some(frame),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use console_api::BootstrapView;

    use super::*;

    #[test]
    fn the_last_of_each_counts_and_the_rest_is_given_back() {
        let mut windows = Windows::default();
        let window = |running| {
            let view = BootstrapView::default();
            ServerFrame::BootstrapSessions(BootstrapWindow { view, matching: 0, running, sessions: vec![] })
        };
        assert_eq!((windows.take(window(1)), windows.take(window(2))), (None, None));
        assert_eq!(windows.bootstrap.as_ref().map(|window| window.running), Some(2));
        let gone = ServerFrame::BootstrapSession { id: 7, conversation: None };
        assert_eq!(windows.take(gone), None);
        assert_eq!(windows.conversation, Some(Conversation { id: 7, told: None }));
        assert_eq!(windows.take(ServerFrame::Resumed), Some(ServerFrame::Resumed));
    }
}
