mod condition;
mod incidents;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use coap::Instant;
use lwm2m_codec::{Path, Value};
use lwm2m_core::{
    Peer,
    client::{Client, ClientConfig, Event, ObjectTree, Retry, TreeError},
};
use lwm2m_model::Registry;

use crate::{
    dice::Dice,
    download::{Download, Progress},
    network::Line,
    objects::{
        Action, Behaviour, ConnectivityStatistics, DeviceObject, FirmwareUpdate, Moment, RegistryObject,
        Values, insert_security_object, insert_server_object, permission,
    },
    profile,
    scenario::Group,
};
use condition::Condition;
use incidents::Disturbance;

/// One simulated device: the client role and the little world that moves its values.
///
/// Values move while somebody observes them, and otherwise when somebody asks.
pub(crate) struct Device {
    client: Client,
    server: SocketAddr,
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

/// What all devices of a group have in common.
pub(crate) struct Blueprint<'a> {
    pub(crate) group: &'a Group,
    pub(crate) registry: Arc<Registry>,
    pub(crate) server: SocketAddr,
    pub(crate) seed: u64,
}

/// A registration may take this long before it is tried again.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Short, so that a fleet is back soon after its server is.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_LONGEST: Duration = Duration::from_secs(8);

impl Blueprint<'_> {
    /// Builds device number `number` of the group, counted from 0.
    pub(crate) fn build(&self, number: u32) -> Result<Device, TreeError> {
        let Self { group, server, .. } = *self;
        let version = group.lwm2m.version(number);
        let mut dice = Dice::new(self.seed, number.into());
        let design = profile::design(group.profile.kind(number), version, &mut dice);
        let firmware_version = design.device.identity().firmware;
        let mut firmware = FirmwareUpdate::new(version, firmware_version);
        firmware.set_fault(group.firmware_fault);
        let statistics = ConnectivityStatistics::default();

        let mut tree = ObjectTree::new(self.registry.clone());
        tree.set_permission(permission);
        insert_security_object(&mut tree, &format!("coap://{server}"))?;
        insert_server_object(&mut tree, version, group.lifetime_s, group.queue_mode)?;
        design.device.insert_into(&mut tree)?;
        firmware.insert_into(&mut tree)?;
        statistics.insert_into(&mut tree)?;
        let mut others = design.objects;
        for object in &others {
            object.insert_into(&mut tree)?;
        }
        for id in &group.objects {
            let path = Path::object(*id);
            let definition = self.registry.object(*id).ok_or(TreeError::Undefined(path))?;
            // What the profile has anyway stays as it is.
            if !tree.contains(&path) {
                let object = RegistryObject::new(&mut dice, definition);
                object.insert_into(&mut tree)?;
                if let Some(template) = object.template(&self.registry, definition)? {
                    tree.allow_create(template)?;
                }
                others.push(Box::new(object));
            }
        }
        let endpoint = match &group.prefix {
            Some(prefix) => numbered(prefix, number, group.count),
            None => design.endpoint,
        };
        let config = ClientConfig {
            version,
            queue_mode: group.queue_mode,
            request_timeout: REQUEST_TIMEOUT,
            retry: Retry::Doubling { first: RETRY_FIRST, longest: RETRY_LONGEST },
            ..ClientConfig::new(&endpoint)
        };
        Ok(Device {
            client: Client::new(config, tree, dice.bytes()),
            server,
            period: group.period(),
            object: design.device,
            statistics,
            firmware,
            others,
            download: None,
            closes_download: false,
            disturbances: Vec::new(),
            condition: Condition::default(),
            advanced_at: None,
            dice,
        })
    }
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
        self.statistics.received(now, datagram.len());
        match (line, &mut self.download) {
            (Line::Management, _) => {
                if is_request(datagram) {
                    self.show_what_is_read(now);
                }
                self.client.handle_datagram(now, Peer::NoSec(self.server), datagram);
            }
            (Line::Download, Some(download)) => download.handle_datagram(now, datagram),
            (Line::Download, None) => {}
        }
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
                match self.client.poll()? {
                    lwm2m_core::client::Output::Transmit { datagram, .. } => {
                        (Line::Management, self.server, datagram)
                    }
                    lwm2m_core::client::Output::Event { event, .. } => {
                        self.take_effect(now, &event);
                        return Some(Output::Event(event));
                    }
                }
            };
            if !self.condition.is_unreachable(now) {
                self.statistics.sent(now, datagram.len());
                if self.client.config().queue_mode {
                    self.condition.stay_awake(now);
                }
                return Some(Output::Transmit { line, to, datagram });
            }
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if let Some(boot) = self.condition.boot_at() {
            return Some(boot);
        }
        let client = self.client.poll_timeout().map(|(due, _)| due);
        let download = self.download.as_ref().and_then(|download| download.poll_timeout());
        [client, download, self.firmware.poll_timeout(), self.next_step()].into_iter().flatten().min()
    }
}

/// The world of the device.
impl Device {
    /// When values move by themselves: only while somebody watches.
    fn next_step(&self) -> Option<Instant> {
        (self.client.observations() > 0).then_some(self.advanced_at? + self.period)
    }

    fn show_what_is_read(&mut self, now: Instant) {
        if self.advanced_at.is_none_or(|then| then + self.period <= now) {
            self.advance(now);
        }
        self.show(now, self.statistics.values());
    }

    /// Lets the world go on until `now`.
    fn advance(&mut self, now: Instant) {
        let elapsed = self.advanced_at.map_or(Duration::ZERO, |then| now.saturating_duration_since(then));
        self.advanced_at = Some(now);
        let unix_s = Duration::from_millis(now.as_millis()).as_secs_f64();
        let moment = Moment { unix_s, elapsed_s: elapsed.as_secs_f64() };
        let mut values = self.object.advance(moment);
        values.extend(self.others.iter_mut().flat_map(|object| object.advance(moment)));
        self.disturb(now, &mut values);
        self.show(now, values);
    }

    fn take_effect(&mut self, now: Instant, event: &Event) {
        match event {
            Event::Written { path, value } => {
                self.object.written(*path, value);
                self.statistics.written(*path, value);
                for object in &mut self.others {
                    object.written(*path, value);
                }
                if path.object_id() == Some(5) {
                    let action = self.firmware.written(now, *path, value);
                    self.follow_firmware(now, action);
                }
            }
            Event::Executed { path, .. } => {
                let mut values = self.object.executed(*path);
                values.extend(self.statistics.executed(now, *path));
                values.extend(self.others.iter_mut().flat_map(|object| object.executed(*path)));
                self.show(now, values);
                if path.object_id() == Some(5) {
                    let action = self.firmware.executed(now, *path);
                    self.follow_firmware(now, action);
                }
                if DeviceObject::restarts_on(*path) {
                    self.client.start(now, Peer::NoSec(self.server));
                }
            }
            _ => {}
        }
    }

    fn follow_firmware(&mut self, now: Instant, action: Option<Action>) {
        let values = match action {
            Some(Action::Download { uri }) => {
                match Download::begin(now, &uri, self.dice.bytes()) {
                    Ok(download) => self.download = Some(Box::new(download)),
                    Err(failure) => self.firmware.downloaded(now, Err(failure)),
                }
                Values::new()
            }
            Some(Action::AbandonDownload) => {
                self.end_download();
                Values::new()
            }
            Some(Action::Reboot { version }) => {
                self.client.start(now, Peer::NoSec(self.server));
                DeviceObject::firmware_values(&version).into()
            }
            None => Values::new(),
        };
        self.show(now, values);
        self.show(now, self.firmware.values());
    }

    fn poll_download(&mut self) -> Option<Progress> {
        self.download.as_mut()?.poll()
    }

    fn end_download(&mut self) {
        self.closes_download |= self.download.take().is_some();
    }

    fn show(&mut self, now: Instant, values: Values) {
        let object = &self.object;
        self.client.change(now, |tree| {
            for (path, value) in values {
                set(tree, path, value);
            }
            if let Err(error) = object.show_errors(tree) {
                tracing::error!(%error, "the error codes cannot be shown");
            }
        });
    }
}

/// Sets one value. A resource that the server has removed by a Replace stays away.
fn set(tree: &mut ObjectTree, path: Path, value: Value) {
    match tree.set(path, value) {
        Ok(_) | Err(TreeError::NotFound(_)) => {}
        // Only an incident of a scenario leads there; an instrument would show the end of its range as well.
        Err(TreeError::OutOfRange { .. }) => tracing::debug!(%path, "a value left its range"),
        Err(error) => tracing::error!(%error, "a profile made a value that its definition does not allow"),
    }
}

/// Whether a datagram is a request of the server (RFC 7252 §12.1): then values are about to be read.
fn is_request(datagram: &[u8]) -> bool {
    datagram.get(1).is_some_and(|code| (1..0x20).contains(code))
}

/// The prefix with a number, counted from 1 and as wide as the largest one, so that names sort.
fn numbered(prefix: &str, number: u32, clients: u32) -> String {
    let width = clients.to_string().len();
    format!("{prefix}{:0width$}", number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_wide_as_the_largest() {
        assert_eq!(numbered("urn:dev:ops:32473-", 0, 9), "urn:dev:ops:32473-1");
        assert_eq!(numbered("a", 4, 24), "a05");
        assert_eq!(numbered("a", 1999, 2000), "a2000");
    }
}
