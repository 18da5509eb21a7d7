mod blueprint;
mod condition;
mod incidents;
mod world;

use std::{net::SocketAddr, time::Duration};

use coap::Instant;
use lwm2m_core::{
    Peer,
    client::{Client, Event},
};

use crate::{
    dice::Dice,
    download::{Download, Progress},
    network::Line,
    objects::{Behaviour, ConnectivityStatistics, DeviceObject, FirmwareUpdate},
    security::{LineOutput, SecureLine},
};
pub(crate) use blueprint::Blueprint;
use condition::Condition;
use incidents::Disturbance;

/// One simulated device: the client role and the little world that moves its values.
///
/// Values move while somebody observes them, and otherwise when somebody asks.
pub(crate) struct Device {
    client: Client,
    server: SocketAddr,
    /// Without it nothing is encrypted.
    secure: Option<Box<SecureLine>>,
    period: Duration,
    object: DeviceObject,
    statistics: ConnectivityStatistics,
    firmware: FirmwareUpdate,
    others: Vec<Box<dyn Behaviour>>,
    download: Option<Box<Download>>,
    /// A download has ended, and its line is still to be closed.
    closes_download: bool,
    disturbances: Vec<Disturbance>,
    condition: Condition,
    advanced_at: Option<Instant>,
    dice: Dice,
}

/// What a device wants done or told.
#[derive(Debug)]
pub(crate) enum Output {
    Transmit { line: Line, to: SocketAddr, datagram: Vec<u8> },
    DownloadClosed,
    Event(Event),
}

/// Inputs and outputs.
impl Device {
    pub(crate) fn endpoint(&self) -> &str {
        &self.client.config().endpoint
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Boots and registers.
    pub(crate) fn start(&mut self, now: Instant) {
        if let Some(secure) = &mut self.secure {
            secure.reset();
        }
        self.advance(now);
        self.client.start(now, Peer::NoSec(self.server));
    }

    pub(crate) fn stop(&mut self, now: Instant) {
        self.client.stop(now);
    }

    pub(crate) fn handle_datagram(&mut self, now: Instant, line: Line, datagram: &[u8]) {
        if self.condition.is_unreachable(now) || self.condition.sleeps(now) {
            return;
        }
        self.condition.stay_awake(now);
        self.statistics.received(now, datagram.len());
        match (line, &mut self.download) {
            (Line::Management, _) => match &mut self.secure {
                Some(secure) => secure.handle_datagram(now, datagram),
                None => self.handle_message(now, datagram),
            },
            (Line::Download, Some(download)) => download.handle_datagram(now, datagram),
            (Line::Download, None) => {}
        }
    }

    fn handle_message(&mut self, now: Instant, datagram: &[u8]) {
        if is_request(datagram) {
            self.show_what_is_read(now);
        }
        self.client.handle_datagram(now, Peer::NoSec(self.server), datagram);
    }

    /// The network hints that the server may be gone. That is a reason to ask it.
    pub(crate) fn handle_unreachable(&mut self, now: Instant) {
        if !self.condition.is_unreachable(now) {
            self.client.update(now);
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.condition.take_boot(now) {
            self.start(now);
        }
        if self.condition.is_off(now) {
            return;
        }
        self.client.handle_timeout(now);
        if let Some(secure) = &mut self.secure {
            secure.handle_timeout(now);
        }
        if let Some(download) = &mut self.download {
            download.handle_timeout(now);
        }
        if self.firmware.poll_timeout().is_some_and(|due| due <= now) {
            let action = self.firmware.handle_timeout(now);
            self.follow_firmware(now, action);
        }
        if self.next_step().is_some_and(|due| due <= now) {
            self.advance(now);
        }
    }

    /// The next thing to send or to tell. What the server does to the device takes effect in its world.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<Output> {
        loop {
            if std::mem::take(&mut self.closes_download) {
                return Some(Output::DownloadClosed);
            }
            let (line, to, datagram) = if let Some(progress) = self.poll_download() {
                match progress {
                    Progress::Transmit { to, datagram } => (Line::Download, to, datagram),
                    Progress::Ended(result) => {
                        self.end_download();
                        self.firmware.downloaded(now, result.as_deref().map_err(|failure| *failure));
                        self.show(now, self.firmware.values());
                        continue;
                    }
                }
            } else {
                match self.poll_management(now)? {
                    Management::Transmit(datagram) => (Line::Management, self.server, datagram),
                    Management::Event(event) => {
                        self.take_effect(now, &event);
                        return Some(Output::Event(event));
                    }
                }
            };
            if !self.condition.is_unreachable(now) {
                self.statistics.sent(now, datagram.len());
                self.condition.stay_awake(now);
                return Some(Output::Transmit { line, to, datagram });
            }
        }
    }

    /// The next thing of the client, through the DTLS session where there is one.
    fn poll_management(&mut self, now: Instant) -> Option<Management> {
        loop {
            match self.secure.as_mut().and_then(|secure| secure.poll()) {
                Some(LineOutput::Transmit(datagram)) => return Some(Management::Transmit(datagram)),
                Some(LineOutput::Data(datagram)) => {
                    self.handle_message(now, &datagram);
                    continue;
                }
                Some(LineOutput::Anew) => {
                    self.client.start(now, Peer::NoSec(self.server));
                    continue;
                }
                None => {}
            }
            let datagram = match self.client.poll()? {
                lwm2m_core::client::Output::Transmit { datagram, .. } => datagram,
                lwm2m_core::client::Output::Event { event, .. } => return Some(Management::Event(event)),
            };
            match &mut self.secure {
                None => return Some(Management::Transmit(datagram)),
                Some(secure) if !self.condition.is_unreachable(now) => secure.send(now, datagram),
                // Lost, as it would be without security.
                Some(_) => {}
            }
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if let Some(boot) = self.condition.boot_at() {
            return Some(boot);
        }
        let client = self.client.poll_timeout().map(|(due, _)| due);
        let download = self.download.as_ref().and_then(|download| download.poll_timeout());
        let secure = self.secure.as_ref().and_then(|secure| secure.poll_timeout());
        [client, secure, download, self.firmware.poll_timeout(), self.next_step()].into_iter().flatten().min()
    }
}

/// What the client wants sent or told.
enum Management {
    Transmit(Vec<u8>),
    Event(Event),
}

/// Whether a datagram is a request of the server (RFC 7252 §12.1): then values are about to be read.
fn is_request(datagram: &[u8]) -> bool {
    datagram.get(1).is_some_and(|code| (1..0x20).contains(code))
}
