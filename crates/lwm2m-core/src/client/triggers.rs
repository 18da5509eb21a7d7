//! Executes that concern the role itself; all others are the application's.

use core::time::Duration;

use lwm2m_codec::{Path, limits::DEFAULT_LIFETIME_S};

use super::{registration::State, server_account::ServerAccount, shared::Shared};

const REBOOT: Path = Path::resource(3, 0, 4);
const DISABLE: u16 = 4;
const DISABLE_TIMEOUT: u16 = 5;
const REGISTRATION_UPDATE_TRIGGER: u16 = 8;

/// LwM2M 1.1 Core §6.1.3.4: a server sends the client to its Bootstrap-Server.
pub(super) fn is_bootstrap_request(path: &Path) -> bool {
    const BOOTSTRAP_REQUEST_TRIGGER: u16 = 9;
    (path.object_id(), path.resource_id()) == (Some(1), Some(BOOTSTRAP_REQUEST_TRIGGER))
}

/// Does what the execution of `path` asks of the role. The answer is on its way already.
pub(super) fn executed(path: &Path, accounts: &mut [ServerAccount], shared: &mut Shared) {
    if *path == REBOOT {
        for account in accounts {
            account.reboot(shared);
        }
        return;
    }
    let account = accounts
        .iter_mut()
        .find(|account| account.path().child(path.resource_id().unwrap_or(0)) == Some(*path));
    let Some(account) = account else { return };
    match path.resource_id() {
        Some(DISABLE) => account.disable(shared),
        Some(REGISTRATION_UPDATE_TRIGGER) => account.update_requested = true,
        _ => {}
    }
}

impl ServerAccount {
    /// A client registers anew after a reboot, and remembers nothing of before.
    fn reboot(&mut self, shared: &mut Shared) {
        if matches!(self.state, State::Unregistered | State::InLine) {
            return;
        }
        self.abandon_exchange(shared);
        self.end_observations(shared);
        if shared.config.reboot_duration.is_zero() {
            self.register(shared);
        } else {
            self.state = State::Waiting { until: shared.now + shared.config.reboot_duration };
        }
    }

    /// LwM2M 1.0 TS App. E.2: de-register, then be silent for the Disable Timeout.
    fn disable(&mut self, shared: &mut Shared) {
        let seconds = self.number(&shared.tree, DISABLE_TIMEOUT).unwrap_or(DEFAULT_LIFETIME_S);
        let resume = shared.now + Duration::from_secs(seconds.into());
        self.deregister(shared, Some(resume));
    }
}
