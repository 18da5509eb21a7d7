use std::collections::VecDeque;

use coap::{ExchangeId, Instant, Message, RequestId};
use lwm2m_codec::{ContentFormat, Path, Record, Value};
use thiserror::Error;

use super::{
    access_control,
    bootstrap::Bootstrap,
    config::ClientConfig,
    device_management::DeviceManagement,
    event::{Event, Output, SendId, TimeoutReason},
    object_tree::{ObjectTree, TreeError},
    registration::State,
    registration_order,
    send::{Payload, SendRefused},
    server_account::{self, ServerAccount},
    shared::Shared,
    triggers,
};
use crate::Peer;

/// The LwM2M Client role.
///
/// After every input, drain [`Client::poll`] and then ask [`Client::poll_timeout`].
pub struct Client {
    pub(super) shared: Shared,
    pub(super) accounts: Vec<ServerAccount>,
    pub(super) bootstrap: Bootstrap,
    transmits: VecDeque<(Peer, Vec<u8>)>,
    sends: u64,
}

/// No instance of the Server object has this Short Server ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no instance of the Server object has the Short Server ID {0}")]
pub struct UnknownServer(pub u16);

/// The Short Server ID of a server that has no account in the tree.
const ONLY_SERVER: u16 = 1;

/// Inputs and outputs.
impl Client {
    pub fn new(config: ClientConfig, tree: ObjectTree, seed: [u8; 32]) -> Self {
        let shared = Shared::new(config, tree, seed);
        let (accounts, bootstrap) = (Vec::new(), Bootstrap::default());
        Self { shared, accounts, bootstrap, transmits: VecDeque::new(), sends: 0 }
    }

    /// Registers with the server of the first instance of the Server object. A tree without any has one server, to
    /// which the defaults of the standard apply. Called again, it registers anew, as after a reboot.
    pub fn start(&mut self, now: Instant, server: Peer) {
        let first = server_account::server_uris(&self.shared.tree).into_iter().next();
        let short_server_id = first.map_or(ONLY_SERVER, |first| first.short_server_id);
        let instance = server_account::instance_of(&self.shared.tree, short_server_id).unwrap_or(0);
        self.begin(now, vec![(short_server_id, instance, server)]);
    }

    /// Registers with several servers, given by their Short Server IDs, in the order their accounts ask for
    /// ([`super::server_uris`] tells which there are). Each has a peer of its own. Called again, it registers anew, as
    /// after a reboot.
    ///
    /// # Errors
    /// When one has no instance of the Server object; then nothing is started.
    pub fn start_with(
        &mut self,
        now: Instant,
        servers: impl IntoIterator<Item = (u16, Peer)>,
    ) -> Result<(), UnknownServer> {
        let mut found = Vec::new();
        for (id, peer) in servers {
            let instance = server_account::instance_of(&self.shared.tree, id).ok_or(UnknownServer(id))?;
            found.push((id, instance, peer));
        }
        self.begin(now, found);
        Ok(())
    }

    pub fn handle_datagram(&mut self, now: Instant, peer: Peer, datagram: &[u8]) {
        self.shared.now = now;
        let account = self.accounts.iter().find(|account| account.peer == peer);
        let is_bootstrap_server = self.is_bootstrap_server(peer);
        if account.is_none() && !is_bootstrap_server {
            return;
        }
        // LwM2M 1.0 TS §5.3.1: before the registration is complete, requests of the server are ignored, and so they
        // are while the client is bootstrapped (§5.2.3.4). They must not even reach the endpoint, which would
        // acknowledge and remember them.
        let is_request = datagram.get(1).is_some_and(|&code| code != 0 && code < 0x20);
        let is_heard = |account: &ServerAccount| account.online && account.state.is_registered();
        let is_heard = is_bootstrap_server || (!self.shared.bootstrapping && account.is_some_and(is_heard));
        if is_request && !is_heard {
            return;
        }
        self.shared.endpoint.handle_datagram(now, peer, datagram);
        self.drain_endpoint();
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        self.shared.now = now;
        self.shared.endpoint.handle_timeout(now);
        self.drain_endpoint();
        self.handle_bootstrap_timeout();
        for account in &mut self.accounts {
            account.handle_timeout(&mut self.shared);
        }
        self.drain_endpoint();
    }

    /// The application changes a value that exists. Observers are told, and the servers if the lifetime changed.
    pub fn set(&mut self, now: Instant, path: Path, value: Value) -> Result<bool, TreeError> {
        self.change(now, |tree| tree.set(path, value))
    }

    /// The application changes anything in the tree, such as the instances of an object.
    pub fn change<T>(&mut self, now: Instant, change: impl FnOnce(&mut ObjectTree) -> T) -> T {
        self.shared.now = now;
        let result = change(&mut self.shared.tree);
        // A condition that is met now stays met, whatever the value does until the next poll.
        self.sample();
        self.update_if_wanted();
        result
    }

    /// Sends an Update now, for example because the network may have changed. It finds out whether the
    /// registration still stands, and the client registers again if it does not.
    pub fn update(&mut self, now: Instant) {
        self.shared.now = now;
        for account in &mut self.accounts {
            account.update_requested |= account.state.is_registered() && account.state.exchange().is_none();
        }
        self.update_if_wanted();
        self.drain_endpoint();
    }

    /// Says whether a server can be reached. Meanwhile nothing is begun towards it; notifications are stored if its
    /// account says so, and sent when it is back.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn set_online(&mut self, now: Instant, server: u16, online: bool) -> Result<(), UnknownServer> {
        self.shared.now = now;
        // What happened until now belongs to the state of affairs until now.
        self.report();
        let account = self.accounts.iter_mut().find(|account| account.short_server_id == server);
        account.ok_or(UnknownServer(server))?.set_online(&mut self.shared, online);
        self.drain_endpoint();
        Ok(())
    }

    /// Sends the values that `paths` have now (LwM2M 1.1 Core §6.4.6). What became of it is told by
    /// [`Event::SendEnded`].
    ///
    /// # Errors
    /// When the server does not want it or may not have it; then nothing is sent.
    pub fn send(
        &mut self,
        now: Instant,
        server: u16,
        format: ContentFormat,
        paths: &[Path],
    ) -> Result<SendId, SendRefused> {
        self.send_payload(now, server, format, &Payload::Current(paths))
    }

    /// Sends values that the application recorded, with their times ([`Record::at_time`]).
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn send_records(
        &mut self,
        now: Instant,
        server: u16,
        format: ContentFormat,
        records: &[Record],
    ) -> Result<SendId, SendRefused> {
        self.send_payload(now, server, format, &Payload::Recorded(records))
    }

    /// De-registers from all servers and stays silent until the next start.
    pub fn stop(&mut self, now: Instant) {
        self.shared.now = now;
        self.abandon_bootstrap();
        self.bootstrap.followed = false;
        for account in &mut self.accounts {
            account.deregister(&mut self.shared, None);
        }
        self.drain_endpoint();
    }

    /// What to do next, or None when there is nothing left to do for now.
    pub fn poll(&mut self) -> Option<Output> {
        if self.transmits.is_empty() && self.shared.events.is_empty() {
            self.report();
            self.drain_endpoint();
        }
        if let Some((peer, datagram)) = self.transmits.pop_front() {
            return Some(Output::Transmit { peer, datagram });
        }
        if let Some(output) = self.bootstrap.outputs.pop_front() {
            return Some(output);
        }
        self.shared.events.pop_front().map(|(server, event)| Output::Event { server, event })
    }

    /// When to call [`Client::handle_timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, TimeoutReason)> {
        let accounts = self.accounts.iter().filter_map(|account| account.poll_timeout(&self.shared));
        let coap = self.shared.endpoint.poll_timeout();
        let coap = coap.map(|(due, reason)| (due, TimeoutReason::Coap(reason)));
        let bootstrap = self.bootstrap.poll_timeout(self.shared.config.transmission.exchange_lifetime());
        accounts.chain(coap).chain(bootstrap).min_by_key(|(due, _)| *due)
    }

    pub fn config(&self) -> &ClientConfig {
        &self.shared.config
    }

    pub fn tree(&self) -> &ObjectTree {
        &self.shared.tree
    }

    /// Whether registered with every server.
    pub fn is_registered(&self) -> bool {
        !self.accounts.is_empty() && self.accounts.iter().all(|account| account.state.is_registered())
    }

    pub fn is_registered_with(&self, server: u16) -> bool {
        let account = self.accounts.iter().find(|account| account.short_server_id == server);
        account.is_some_and(|account| account.state.is_registered())
    }

    /// Whether neither registered nor about to be, with any server.
    pub fn is_stopped(&self) -> bool {
        self.accounts.iter().all(|account| matches!(account.state, State::Unregistered))
    }

    /// How many observations all servers have together.
    pub fn observations(&self) -> usize {
        self.accounts.iter().map(|account| account.observations.len()).sum()
    }
}

impl Client {
    fn begin(&mut self, now: Instant, servers: Vec<(u16, u16, Peer)>) {
        self.shared.now = now;
        self.abandon_bootstrap();
        self.bootstrap = Bootstrap::default();
        let mut before = core::mem::take(&mut self.accounts);
        for account in &mut before {
            account.forget(&mut self.shared);
        }
        for (id, instance, peer) in servers {
            let mut account = ServerAccount::new(id, instance, peer);
            if let Some(known) = before.iter_mut().find(|known| known.short_server_id == id) {
                account.attached = core::mem::take(&mut known.attached);
            }
            self.accounts.push(account);
        }
        registration_order::begin(&mut self.accounts, &mut self.shared);
        self.drain_endpoint();
    }

    fn send_payload(
        &mut self,
        now: Instant,
        server: u16,
        format: ContentFormat,
        payload: &Payload<'_>,
    ) -> Result<SendId, SendRefused> {
        self.shared.now = now;
        let account = self.accounts.iter_mut().find(|account| account.short_server_id == server);
        let account = account.ok_or(SendRefused::UnknownServer(server))?;
        let send = SendId(self.sends);
        account.send(&mut self.shared, send, format, payload)?;
        self.sends += 1;
        self.drain_endpoint();
        Ok(send)
    }

    pub(super) fn drain_endpoint(&mut self) {
        loop {
            while let Some(output) = self.shared.endpoint.poll() {
                self.handle_output(output);
            }
            // Whoever is next in the registration order may begin now.
            registration_order::advance(&mut self.accounts, &mut self.shared);
            self.look_at_smartcard();
            self.follow_sequence();
            match self.shared.endpoint.poll() {
                Some(output) => self.handle_output(output),
                None => return,
            }
        }
    }

    fn handle_output(&mut self, output: coap::Output<Peer>) {
        match output {
            coap::Output::Transmit { peer, datagram } => self.transmits.push_back((peer, datagram)),
            coap::Output::Request { id, peer, message } => self.handle_request(id, peer, &message),
            coap::Output::Response { exchange, message, .. } => self.exchange_ended(exchange, Ok(&message)),
            coap::Output::Failed { exchange, error, .. } => {
                self.exchange_ended(exchange, Err(error.to_string()));
            }
            // A client observes nothing, so whatever claims to be a notification is rejected.
            coap::Output::Notification { id, .. } => self.shared.endpoint.reject(self.shared.now, id),
            coap::Output::NotificationEnded { peer, token, why } => {
                if let Some(account) = self.accounts.iter_mut().find(|account| account.peer == peer) {
                    account.notification_failed(&mut self.shared, token, why);
                }
            }
            coap::Output::Refused { .. } => {}
        }
    }

    fn exchange_ended(&mut self, exchange: ExchangeId, answer: Result<&Message, String>) {
        if self.bootstrap.exchange() == Some(exchange) {
            return self.bootstrap_request_ended(answer);
        }
        for account in &mut self.accounts {
            if let Some(send) = account.sends.remove(&exchange) {
                return account.send_ended(&mut self.shared, send, answer);
            }
            if account.state.exchange() == Some(exchange) {
                return account.exchange_ended(&mut self.shared, answer);
            }
        }
    }

    fn handle_request(&mut self, id: RequestId, peer: Peer, request: &Message) {
        // Earlier changes are told to earlier observers, not to the one that may come with this request.
        self.sample();
        if self.is_bootstrap_server(peer) {
            return self.handle_bootstrap_command(id, request);
        }
        let Some(account) = self.accounts.iter_mut().find(|account| account.peer == peer) else { return };
        let mut device_management = DeviceManagement {
            now: self.shared.now,
            config: &self.shared.config,
            requester: access_control::requester(&self.shared.tree, account.instance),
            tree: &mut self.shared.tree,
            observations: &mut account.observations,
            attached: &mut account.attached,
            server_instance: account.instance,
            events: Vec::new(),
        };
        let response = device_management.answer(request);
        let events = device_management.events;
        let server = account.short_server_id;
        self.shared.endpoint.respond(self.shared.now, id, response);
        for event in events {
            let executed = match &event {
                Event::Executed { path, .. } => Some(*path),
                _ => None,
            };
            self.shared.push_event(server, event);
            if let Some(path) = executed {
                triggers::executed(&path, &mut self.accounts, &mut self.shared);
                if triggers::is_bootstrap_request(&path) && self.bootstrap.followed {
                    self.begin_bootstrap();
                }
            }
        }
        self.update_if_wanted();
    }

    fn update_if_wanted(&mut self) {
        for account in &mut self.accounts {
            account.update_if_wanted(&mut self.shared);
        }
    }

    /// What a bootstrap changes is looked at when it is over.
    fn sample(&mut self) {
        if self.shared.bootstrapping {
            return;
        }
        let changes = self.shared.tree.take_changes();
        if changes.is_empty() {
            return;
        }
        for account in &mut self.accounts {
            account.sample(&self.shared, &changes);
        }
    }

    fn report(&mut self) {
        if self.shared.bootstrapping {
            return;
        }
        self.sample();
        for account in &mut self.accounts {
            account.report(&mut self.shared);
        }
    }
}
