use std::collections::VecDeque;

use coap::{Code, Endpoint, ExchangeId, Instant, Message, Options, Request, RequestId, Response};
use lwm2m_codec::{
    ContentFormat, Level, Path, Value,
    attributes::AttachedAttributes,
    limits::DEFAULT_LIFETIME_S,
    registration::{RegisterParameters, UpdateParameters},
};

use super::{
    attributes::InForce,
    config::ClientConfig,
    device_management::{DeviceManagement, representation},
    discover,
    event::{Event, Output, RegistrationFailure, TimeoutReason},
    information_reporting::{Notification, Observations},
    limits,
    object_tree::{ObjectTree, TreeError},
    registration::{self, Announcement, Registered, State},
};
use crate::Peer;

/// The LwM2M Client role with one server.
///
/// After every input, drain [`Client::poll`] and then ask [`Client::poll_timeout`].
pub struct Client {
    config: ClientConfig,
    tree: ObjectTree,
    endpoint: Endpoint<Peer>,
    server: Option<Peer>,
    state: State,
    /// The payload of Register for the tree as it is now.
    object_links: String,
    /// What the server knows since the last Register or successful Update.
    announced: Announcement,
    /// An Update is wanted although nothing changed: the server asked for it.
    update_requested: bool,
    /// Attempts to register that failed since the last success.
    failures: u32,
    observations: Observations,
    /// What the server wrote with Write-Attributes.
    attached: AttachedAttributes,
    transmits: VecDeque<(Peer, Vec<u8>)>,
    events: VecDeque<Event>,
    now: Instant,
}

/// Inputs and outputs.
impl Client {
    pub fn new(config: ClientConfig, tree: ObjectTree, seed: [u8; 32]) -> Self {
        Self {
            endpoint: Endpoint::new(config.transmission.clone(), seed),
            config,
            tree,
            server: None,
            state: State::Unregistered,
            object_links: String::new(),
            announced: Announcement::default(),
            update_requested: false,
            failures: 0,
            observations: Observations::default(),
            attached: AttachedAttributes::default(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            now: Instant::default(),
        }
    }

    /// Registers with `server`. Called again, it registers anew, as after a reboot.
    pub fn start(&mut self, now: Instant, server: Peer) {
        self.now = now;
        self.server = Some(server);
        self.failures = 0;
        self.register();
        self.drain_endpoint();
    }

    pub fn handle_datagram(&mut self, now: Instant, peer: Peer, datagram: &[u8]) {
        self.now = now;
        // LwM2M 1.0 TS §5.3.1: before the registration is complete, requests of the server are ignored. They
        // must not even reach the endpoint, which would acknowledge and remember them.
        let is_request = datagram.get(1).is_some_and(|&code| code != 0 && code < 0x20);
        if self.server != Some(peer) || (is_request && !self.state.is_registered()) {
            return;
        }
        self.endpoint.handle_datagram(now, peer, datagram);
        self.drain_endpoint();
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        self.endpoint.handle_timeout(now);
        self.drain_endpoint();
        match &self.state {
            State::Waiting { until } if *until <= now => self.register(),
            State::Registered(registered) if registered.update.is_none() && registered.update_due <= now => {
                self.update_requested = true;
                self.update_if_wanted();
            }
            _ => {}
        }
        self.drain_endpoint();
    }

    /// The application changes a value that exists. Observers are told, and the server if the lifetime changed.
    pub fn set(&mut self, now: Instant, path: Path, value: Value) -> Result<bool, TreeError> {
        self.change(now, |tree| tree.set(path, value))
    }

    /// The application changes anything in the tree, such as the instances of an object.
    pub fn change<T>(&mut self, now: Instant, change: impl FnOnce(&mut ObjectTree) -> T) -> T {
        self.now = now;
        let result = change(&mut self.tree);
        self.update_if_wanted();
        result
    }

    /// Sends an Update now, for example because the network may have changed. It finds out whether the
    /// registration still stands, and the client registers again if it does not.
    pub fn update(&mut self, now: Instant) {
        self.now = now;
        if self.state.is_registered() && self.state.exchange().is_none() {
            self.update_requested = true;
            self.update_if_wanted();
            self.drain_endpoint();
        }
    }

    /// De-registers and stays silent until the next start.
    pub fn stop(&mut self, now: Instant) {
        self.now = now;
        self.deregister(None);
        self.drain_endpoint();
    }

    /// What to do next, or None when there is nothing left to do for now.
    pub fn poll(&mut self) -> Option<Output> {
        if self.transmits.is_empty() && self.events.is_empty() {
            self.notify();
            self.drain_endpoint();
        }
        if let Some((peer, datagram)) = self.transmits.pop_front() {
            return Some(Output::Transmit { peer, datagram });
        }
        self.events.pop_front().map(Output::Event)
    }

    /// When to call [`Client::handle_timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, TimeoutReason)> {
        let own = match &self.state {
            State::Waiting { until } => Some((*until, TimeoutReason::Register)),
            State::Registered(Registered { update_due, update: None, .. }) => {
                Some((*update_due, TimeoutReason::Update))
            }
            _ => None,
        };
        let coap = self.endpoint.poll_timeout().map(|(due, reason)| (due, TimeoutReason::Coap(reason)));
        let notify = self.observations.next_deadline().filter(|_| self.state.is_registered());
        let notify = notify.map(|due| (due, TimeoutReason::Notify));
        [own, coap, notify].into_iter().flatten().min_by_key(|(due, _)| *due)
    }

    pub fn config(&self) -> &ClientConfig {
        &self.config
    }

    pub fn tree(&self) -> &ObjectTree {
        &self.tree
    }

    pub fn is_registered(&self) -> bool {
        self.state.is_registered()
    }

    /// Whether neither registered nor about to be.
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, State::Unregistered)
    }

    pub fn observations(&self) -> usize {
        self.observations.len()
    }
}

/// Registration interface.
impl Client {
    fn register(&mut self) {
        let Some(server) = self.server else { return };
        self.abandon_exchange();
        // LwM2M 1.0 TS §5.5: observations last until the next Register.
        self.end_observations();
        let parameters = RegisterParameters {
            endpoint: Some(self.config.endpoint.clone()),
            lifetime_s: self.lifetime_s(),
            version: self.config.version,
            binding: self.config.binding.clone(),
            queue_mode: self.config.queue_mode,
            ..RegisterParameters::default()
        };
        self.refresh_object_links();
        self.announced =
            Announcement { lifetime_s: self.lifetime_s(), object_links: self.object_links.clone() };
        let mut request = Request::new(Code::POST);
        request.options = with_queries(Options::new().with_path("/rd"), &parameters.write())
            .with_content_format(ContentFormat::CORE_LINK.0);
        request.payload = self.object_links.clone().into_bytes();
        self.update_requested = false;
        match self.endpoint.request(self.now, server, request, self.config.request_timeout) {
            Ok((exchange, _)) => self.state = State::Registering { exchange },
            Err(error) => self.registration_failed(RegistrationFailure::NoAnswer { why: error.to_string() }),
        }
    }

    fn registration_answered(&mut self, answer: &Message) {
        if !answer.code.is_success() {
            let diagnostic = String::from_utf8_lossy(&answer.payload).into_owned();
            return self.registration_failed(RegistrationFailure::Refused { code: answer.code, diagnostic });
        }
        let location: Vec<String> = match answer.options.location_path() {
            Ok(segments) if !segments.is_empty() => segments.into_iter().map(str::to_owned).collect(),
            _ => return self.registration_failed(RegistrationFailure::NoLocation),
        };
        self.failures = 0;
        self.push_event(Event::Registered { location: format!("/{}", location.join("/")) });
        let update_due = registration::update_due(self.now, self.announced.lifetime_s, &self.config);
        self.state = State::Registered(Registered { location, update_due, update: None });
        self.update_if_wanted();
    }

    fn registration_failed(&mut self, why: RegistrationFailure) {
        self.failures = self.failures.saturating_add(1);
        let until = self.now + registration::retry_delay(self.failures, &self.config);
        self.state = State::Waiting { until };
        self.push_event(Event::RegistrationFailed { why });
    }

    /// Sends an Update if the server asked for one or should learn something new, and none is under way.
    fn update_if_wanted(&mut self) {
        if !self.is_registered() || self.state.exchange().is_some() {
            return;
        }
        self.refresh_object_links();
        let lifetime_s = self.lifetime_s();
        let has_news =
            lifetime_s != self.announced.lifetime_s || self.object_links != self.announced.object_links;
        let (Some(server), State::Registered(registered)) = (self.server, &self.state) else { return };
        if !has_news && !self.update_requested {
            return;
        }
        let news = Announcement { lifetime_s, object_links: self.object_links.clone() };
        let lifetime_s = (news.lifetime_s != self.announced.lifetime_s).then_some(news.lifetime_s);
        let parameters = UpdateParameters { lifetime_s, ..UpdateParameters::default() };
        let location = format!("/{}", registered.location.join("/"));
        let mut request = Request::new(Code::POST);
        request.options =
            with_queries(Options::new().with_path(&location), &parameters.write(self.config.version));
        if news.object_links != self.announced.object_links {
            request.options = request.options.with_content_format(ContentFormat::CORE_LINK.0);
            request.payload = news.object_links.clone().into_bytes();
        }
        self.update_requested = false;
        match self.endpoint.request(self.now, server, request, self.config.request_timeout) {
            Ok((exchange, _)) => {
                if let State::Registered(registered) = &mut self.state {
                    registered.update = Some((exchange, news));
                }
            }
            Err(_) => self.register(),
        }
    }

    fn update_answered(&mut self, answer: &Message) {
        let State::Registered(registered) = &mut self.state else { return };
        let Some((_, news)) = registered.update.take() else { return };
        if !answer.code.is_success() {
            // LwM2M 1.0 TS §5.3.2: 4.04 means that the server does not know the registration (any more). Any
            // other refusal leaves no way to keep it either.
            return self.register();
        }
        registered.update_due = registration::update_due(self.now, news.lifetime_s, &self.config);
        self.announced = news;
        self.push_event(Event::Updated);
        self.update_if_wanted();
    }

    /// De-registers; `resume` is when to register again.
    fn deregister(&mut self, resume: Option<Instant>) {
        let location = match &mut self.state {
            State::Registered(registered) => format!("/{}", registered.location.join("/")),
            State::Deregistering { resume: planned, .. } => {
                *planned = resume;
                return;
            }
            // There is no location to de-register from: not yet, or not any more.
            _ => {
                self.abandon_exchange();
                self.state = State::Unregistered;
                return;
            }
        };
        self.abandon_exchange();
        self.end_observations();
        self.attached = AttachedAttributes::default();
        let Some(server) = self.server else { return };
        let mut request = Request::new(Code::DELETE);
        request.options = Options::new().with_path(&location);
        match self.endpoint.request(self.now, server, request, self.config.request_timeout) {
            Ok((exchange, _)) => self.state = State::Deregistering { exchange, resume },
            Err(_) => self.end_registration(resume),
        }
    }

    fn end_registration(&mut self, resume: Option<Instant>) {
        self.state = resume.map_or(State::Unregistered, |until| State::Waiting { until });
        self.push_event(Event::Deregistered);
    }

    fn abandon_exchange(&mut self) {
        if let Some(exchange) = self.state.exchange() {
            self.endpoint.cancel_exchange(self.now, exchange);
        }
    }

    /// The exchange `exchange` ended: with an answer, or with the reason why there is none.
    fn exchange_ended(&mut self, exchange: ExchangeId, answer: Result<&Message, String>) {
        if self.state.exchange() != Some(exchange) {
            return;
        }
        match (&self.state, answer) {
            (State::Registering { .. }, Ok(answer)) => self.registration_answered(answer),
            (State::Registering { .. }, Err(why)) => {
                self.registration_failed(RegistrationFailure::NoAnswer { why });
            }
            (State::Registered(_), Ok(answer)) => self.update_answered(answer),
            (State::Registered(_), Err(_)) => self.register(),
            // Whatever the server says, this client is gone.
            (State::Deregistering { resume, .. }, _) => self.end_registration(*resume),
            (State::Unregistered | State::Waiting { .. }, _) => {}
        }
    }

    fn refresh_object_links(&mut self) {
        if self.tree.take_instances_changed() {
            self.object_links = discover::object_links(&self.tree, &self.config).write();
        }
    }

    fn lifetime_s(&self) -> u32 {
        match self.tree.value(&self.server_resource(1)) {
            Some(Value::Integer(seconds)) => u32::try_from(*seconds).unwrap_or(DEFAULT_LIFETIME_S),
            _ => DEFAULT_LIFETIME_S,
        }
    }

    fn server_resource(&self, resource: u16) -> Path {
        Path::resource(1, self.config.server_instance, resource)
    }
}

/// Device management and reporting.
impl Client {
    fn drain_endpoint(&mut self) {
        while let Some(output) = self.endpoint.poll() {
            match output {
                coap::Output::Transmit { peer, datagram } => self.transmits.push_back((peer, datagram)),
                coap::Output::Request { id, message, .. } => self.handle_request(id, &message),
                coap::Output::Response { exchange, message, .. } => {
                    self.exchange_ended(exchange, Ok(&message));
                }
                coap::Output::Failed { exchange, error, .. } => {
                    self.exchange_ended(exchange, Err(error.to_string()));
                }
                // A client observes nothing, so whatever claims to be a notification is rejected.
                coap::Output::Notification { id, .. } => self.endpoint.reject(self.now, id),
                coap::Output::NotificationEnded { token, .. } => {
                    if let Some(path) = self.observations.end(token) {
                        self.push_event(Event::ObservationEnded { path });
                    }
                }
                coap::Output::Refused { .. } => {}
            }
        }
    }

    fn handle_request(&mut self, id: RequestId, request: &Message) {
        // Earlier changes are told to earlier observers, not to the one that may come with this request.
        self.mark_changes();
        let mut device_management = DeviceManagement {
            now: self.now,
            config: &self.config,
            tree: &mut self.tree,
            observations: &mut self.observations,
            attached: &mut self.attached,
            events: Vec::new(),
        };
        let response = device_management.answer(request);
        let events = device_management.events;
        self.endpoint.respond(self.now, id, response);
        for event in events {
            let executed = match &event {
                Event::Executed { path, .. } => Some(*path),
                _ => None,
            };
            self.push_event(event);
            if let Some(path) = executed {
                self.act_on_execute(&path);
            }
        }
        self.update_if_wanted();
    }

    /// Executes that concern the role itself; all others are the application's.
    fn act_on_execute(&mut self, path: &Path) {
        if *path == Path::resource(3, 0, 4) {
            // Reboot: a client registers anew after it.
            self.register();
        } else if *path == self.server_resource(8) {
            self.update_requested = true;
        } else if *path == self.server_resource(4) {
            // LwM2M 1.0 TS App. E.2: de-register, then be silent for the Disable Timeout.
            let seconds = match self.tree.value(&self.server_resource(5)) {
                Some(Value::Integer(seconds)) => u64::try_from(*seconds).unwrap_or(0),
                _ => u64::from(DEFAULT_LIFETIME_S),
            };
            let resume = self.now + core::time::Duration::from_secs(seconds);
            self.deregister(Some(resume));
        }
    }

    fn mark_changes(&mut self) {
        let changes = self.tree.take_changes();
        if changes.is_empty() {
            return;
        }
        for changed in changes.iter().filter(|changed| changed.level() != Level::Root) {
            if !self.tree.contains(changed) {
                // What comes back later under the same id is something new.
                self.attached.remove(changed);
            }
        }
        let in_force = InForce { attached: &self.attached, tree: &self.tree, config: &self.config };
        self.observations.sample(self.now, &changes, &in_force);
    }

    /// Sends the notifications that are due (LwM2M 1.0 TS §5.5.2).
    fn notify(&mut self) {
        self.mark_changes();
        let Some(server) = self.server.filter(|_| self.state.is_registered()) else { return };
        for due in self.observations.take_due(self.now, self.config.confirmable_every, &self.tree) {
            let response = self.notification(&due);
            let ended = !response.code.is_success();
            let resource = observed(&due);
            self.endpoint.notify(self.now, server, due.token, &resource, response, due.confirmable || ended);
            if ended {
                self.observations.cancel(&due.path, due.token);
                self.push_event(Event::ObservationEnded { path: due.path });
            }
        }
    }

    /// The current value, or the error that ends the observation (RFC 7641 §4.2).
    fn notification(&self, due: &Notification) -> Response {
        if !self.tree.contains(&due.path) {
            return Response::new(Code::NOT_FOUND);
        }
        match representation(&self.tree, self.config.version, &due.path, due.accept) {
            Ok((format, payload)) => {
                let options = Options::new().with_observe(due.sequence).with_content_format(format.0);
                Response { code: Code::CONTENT, options, payload }
            }
            Err(refusal) => refusal.into_response(),
        }
    }

    fn end_observations(&mut self) {
        for path in self.observations.clear() {
            self.push_event(Event::ObservationEnded { path });
        }
    }

    fn push_event(&mut self, event: Event) {
        if self.events.len() >= limits::PENDING_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}

/// The options of a request for what is observed.
fn observed(notification: &Notification) -> Options {
    let options = Options::new().with_path(&notification.path.to_string());
    match notification.accept {
        Some(format) => options.with_accept(format.0),
        None => options,
    }
}

fn with_queries(options: Options, queries: &[String]) -> Options {
    queries.iter().fold(options, |options, query| options.with_query(query))
}
