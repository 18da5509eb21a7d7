use std::sync::Arc;

use console_api::{Command, OperationRequest};
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::{Outcome, Workbench};
use crate::answers::operation_name;
use crate::commands::{self, target};

impl Workbench {
    /// What was asked waits until the device wakes; its answer will be shown where one that came at once is shown.
    pub(super) fn wait_for(self, id: u64, request: OperationRequest, path: Path) {
        if self.endpoint.try_get_value().is_none() {
            return;
        }
        self.announce(format!("{path} {}: queued, the device sleeps", operation_name(request.op)));
        self.outcomes.try_update(|outcomes| outcomes.remove(&path));
        self.waiting.try_update(|waiting| waiting.insert(id, (request, path)));
        self.look_at_waiting();
    }

    /// Shows the answers of commands that were waited for, for as long as the calling component lives.
    pub(crate) fn follow_commands(self) {
        Effect::new(move |_| {
            self.live.commands.track();
            self.look_at_waiting();
        });
    }

    fn look_at_waiting(self) {
        let waiting: Vec<u64> = self.waiting.with_untracked(|waiting| waiting.keys().copied().collect());
        for id in waiting {
            let command = self.live.with_device(|device| device.command_with(id).cloned()).flatten();
            let Some(command) = command.filter(|command| command.is_over()) else {
                continue;
            };
            if let Some((request, path)) = self.waiting.try_update(|waiting| waiting.remove(&id)).flatten() {
                let (at_ms, answer) = (command.changed_at_ms, commands::outcome(&command));
                self.conclude(Outcome { request, path, at_ms, answer });
            }
        }
    }

    /// The last command on a node that is not over, whoever asked for it.
    pub(crate) fn open_command(self, path: &Path) -> Option<Arc<Command>> {
        self.live.commands.track();
        let open = |command: &&Arc<Command>| !command.is_over() && target(command) == *path;
        self.live.with_device(|device| device.commands().rfind(open).cloned()).flatten()
    }

    /// Whether a request would wait until the device wakes.
    pub(crate) fn is_asleep(self) -> bool {
        self.with_client(|client| client.departed.is_none() && !client.queue.awake).unwrap_or(false)
    }
}
