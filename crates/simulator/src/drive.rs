use std::{net::SocketAddr, sync::Arc, time::Duration};

use coap::Instant;
use lwm2m_model::Registry;
use mio::Waker;
use tracing::{debug, warn};

use crate::{
    clock::Clock,
    fleet::{Fleet, Output},
    network::{Arrival, Line, Network, is_icmp},
    scenario::Scenario,
    slots::Slots,
};

/// When a De-register is not answered by then, the fleet leaves without.
const STOP_PATIENCE: Duration = Duration::from_millis(1_700);

/// A fleet on the network, in turns: [`Drive::send`], then [`Drive::wait`].
pub(crate) struct Drive {
    pub(crate) fleet: Fleet,
    network: Network,
    clock: Clock,
    slots: Slots,
    registry: Arc<Registry>,
    leave_at: Option<Instant>,
}

impl Drive {
    pub(crate) fn start(
        network: Network,
        scenario: Scenario,
        registry: Arc<Registry>,
        server: SocketAddr,
        server_name: Option<String>,
    ) -> Self {
        let clock = Clock::new();
        let fleet = Fleet::new(scenario, registry.clone(), server, server_name, clock.now());
        Self { fleet, network, clock, slots: Slots::default(), registry, leave_at: None }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// What ends [`Drive::wait`] from another thread.
    pub(crate) fn waker(&self) -> std::io::Result<Arc<Waker>> {
        self.network.waker()
    }

    /// Sends what the devices have to say.
    pub(crate) fn send(&mut self) {
        while let Some(output) = self.fleet.poll() {
            match output {
                Output::Transmit { device, line, to, datagram } => {
                    match self.network.send(device, line, to, &datagram) {
                        Err(error) if is_icmp(&error) && line == Line::Management => {
                            self.fleet.handle(self.clock.now(), device, line, to, Arrival::Unreachable);
                        }
                        // UDP may lose a datagram anywhere; here is one place more.
                        Err(error) => debug!(device, %error, "not sent"),
                        Ok(()) => {}
                    }
                }
                Output::LineClosed { device, to } => self.network.close(device, to),
                Output::DownloadClosed { device } => self.network.close_download(device),
            }
        }
    }

    /// Waits for what comes and for what is due, no longer than `until`, and gives it to the devices.
    pub(crate) fn wait(&mut self, until: Option<Instant>) -> anyhow::Result<()> {
        let slots = self.slots.poll_timeout(&self.fleet);
        let due = [self.fleet.poll_timeout(), slots, self.leave_at, until].into_iter().flatten().min();
        self.network.wait(due.map(|due| self.clock.until(due)))?;
        let Self { fleet, network, clock, .. } = self;
        network.receive(|device, line, from, arrival| fleet.handle(clock.now(), device, line, from, arrival));
        self.slots.look(self.clock.now(), &mut self.fleet, &self.registry);
        self.fleet.handle_timeout(self.clock.now())?;
        Ok(())
    }

    /// The devices de-register.
    pub(crate) fn leave(&mut self) {
        let now = self.clock.now();
        self.fleet.stop(now);
        self.leave_at = Some(now + STOP_PATIENCE);
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.leave_at.is_some()
    }

    /// Whether the devices are gone, or nobody waits for them any longer.
    pub(crate) fn has_left(&self) -> bool {
        let Some(leave_at) = self.leave_at else { return false };
        let remaining = self.fleet.remaining();
        let out_of_patience = leave_at <= self.clock.now();
        if remaining > 0 && out_of_patience {
            warn!(devices = remaining, "not all devices could de-register in time");
        }
        remaining == 0 || out_of_patience
    }
}
