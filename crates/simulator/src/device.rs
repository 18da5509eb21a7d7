use std::{sync::Arc, time::Duration};

use coap::Instant;
use lwm2m_codec::{Path, Value};
use lwm2m_core::{
    Peer,
    client::{Client, ClientConfig, Event, ObjectTree, Output, Retry, TreeError},
};
use lwm2m_model::Registry;

use crate::{
    arguments::Arguments,
    dice::Dice,
    profile::{self, DeviceObject, Moment, Profile, Values, insert_server_object},
};

/// One simulated device: the client role and the little world that moves its values.
pub(crate) struct Device {
    client: Client,
    object: DeviceObject,
    profile: Box<dyn Profile>,
    server: Peer,
    advanced_at: Option<Instant>,
}

/// A registration may take this long before it is tried again.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Short, so that a fleet is back soon after its server is.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_LONGEST: Duration = Duration::from_secs(8);

impl Device {
    /// Builds device number `number` of the fleet, counted from 0.
    pub(crate) fn new(
        arguments: &Arguments,
        registry: Arc<Registry>,
        number: u32,
        server: Peer,
    ) -> Result<Self, TreeError> {
        let mut dice = Dice::new(arguments.seed, number.into());
        let design = profile::design(arguments.profile.kind(number), &mut dice);
        let mut tree = ObjectTree::new(registry);
        insert_server_object(&mut tree, arguments.lifetime)?;
        design.device.insert_into(&mut tree)?;
        design.profile.insert_into(&mut tree)?;
        let endpoint = match &arguments.prefix {
            Some(prefix) => numbered(prefix, number, arguments.clients),
            None => design.endpoint,
        };
        let config = ClientConfig {
            version: arguments.lwm2m.version(),
            request_timeout: REQUEST_TIMEOUT,
            retry: Retry::Doubling { first: RETRY_FIRST, longest: RETRY_LONGEST },
            ..ClientConfig::new(&endpoint)
        };
        let client = Client::new(config, tree, dice.bytes());
        Ok(Self { client, object: design.device, profile: design.profile, server, advanced_at: None })
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.client.config().endpoint
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn start(&mut self, now: Instant) {
        self.client.start(now, self.server);
    }

    pub(crate) fn stop(&mut self, now: Instant) {
        self.client.stop(now);
    }

    pub(crate) fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) {
        self.client.handle_datagram(now, self.server, datagram);
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.client.handle_timeout(now);
    }

    /// The network hints that the server may be gone.
    pub(crate) fn handle_unreachable(&mut self, now: Instant) {
        self.client.update(now);
    }

    /// The next thing to send or to tell. What the server does to the device takes effect in its world.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<Output> {
        let output = self.client.poll()?;
        match &output {
            Output::Event { event: Event::Written { path, value }, .. } => {
                self.object.written(*path, value);
                self.profile.written(*path, value);
            }
            Output::Event { event: Event::Executed { path, .. }, .. } => {
                let mut values = self.object.executed(*path);
                values.extend(self.profile.executed(*path));
                self.set_all(now, values);
                if DeviceObject::restarts_on(*path) {
                    self.client.start(now, self.server);
                }
            }
            _ => {}
        }
        Some(output)
    }

    /// Lets the world go on until `now`.
    pub(crate) fn advance(&mut self, now: Instant) {
        let elapsed = self.advanced_at.map_or(Duration::ZERO, |then| now.saturating_duration_since(then));
        self.advanced_at = Some(now);
        let unix_s = Duration::from_millis(now.as_millis()).as_secs_f64();
        let moment = Moment { unix_s, elapsed_s: elapsed.as_secs_f64() };
        let mut values = self.object.advance(moment);
        values.extend(self.profile.advance(moment));
        self.set_all(now, values);
    }

    fn set_all(&mut self, now: Instant, values: Values) {
        self.client.change(now, |tree| {
            for (path, value) in values {
                set(tree, path, value);
            }
        });
    }
}

/// Sets one value. A resource that the server has removed by a Replace stays away.
fn set(tree: &mut ObjectTree, path: Path, value: Value) {
    match tree.set(path, value) {
        Ok(_) | Err(TreeError::NotFound(_)) => {}
        Err(error) => tracing::error!(%error, "a profile made a value that its definition does not allow"),
    }
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
