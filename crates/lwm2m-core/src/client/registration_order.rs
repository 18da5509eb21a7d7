//! The order in which a client registers with several servers (LwM2M 1.1 Core §6.2.1.1).

use core::time::Duration;

use lwm2m_codec::registration::LwM2mVersion;

use super::{registration::State, server_account::ServerAccount, shared::Shared};

const REGISTRATION_PRIORITY_ORDER: u16 = 13;
const INITIAL_REGISTRATION_DELAY_TIMER: u16 = 14;
const REGISTRATION_FAILURE_BLOCK: u16 = 15;

/// Where the first registration with a server stands in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Ahead,
    Now,
    Over { registered: bool },
}

/// Lines up the accounts that are new: those without a priority begin at once, the others one after the other.
pub(super) fn begin(accounts: &mut [ServerAccount], shared: &mut Shared) {
    for account in accounts.iter_mut().filter(|account| matches!(account.state, State::InLine)) {
        if priority(account, shared).is_none() {
            account.take_turn(shared);
        }
    }
    advance(accounts, shared);
}

/// Lets the next in the order begin if those before it are through.
pub(super) fn advance(accounts: &mut [ServerAccount], shared: &mut Shared) {
    let mut line: Vec<&mut ServerAccount> =
        accounts.iter_mut().filter(|account| priority(account, shared).is_some()).collect();
    line.sort_by_key(|account| (priority(account, shared), account.short_server_id));
    for account in line {
        match account.turn {
            Turn::Over { registered: false } if account.blocks(shared) => return,
            Turn::Now => return,
            Turn::Ahead if matches!(account.state, State::InLine) => return account.take_turn(shared),
            // Through, or stopped before its turn came.
            Turn::Over { .. } | Turn::Ahead => {}
        }
    }
}

/// Resource 13; without it an account is independent of the others.
fn priority(account: &ServerAccount, shared: &Shared) -> Option<u32> {
    account.since_1_1(shared).then(|| account.number(&shared.tree, REGISTRATION_PRIORITY_ORDER))?
}

impl ServerAccount {
    /// The resources of the registration procedure came with LwM2M 1.1.
    pub(super) fn since_1_1(&self, shared: &Shared) -> bool {
        shared.config.version >= LwM2mVersion::V1_1
    }

    fn take_turn(&mut self, shared: &mut Shared) {
        let delay = self.number(&shared.tree, INITIAL_REGISTRATION_DELAY_TIMER).unwrap_or(0);
        self.turn = Turn::Now;
        if delay > 0 && self.since_1_1(shared) {
            self.state = State::Waiting { until: shared.now + Duration::from_secs(delay.into()) };
        } else {
            self.register(shared);
        }
    }

    fn blocks(&self, shared: &Shared) -> bool {
        self.flag(&shared.tree, REGISTRATION_FAILURE_BLOCK) == Some(true)
    }
}
