//! Register, Update and De-register of one account (LwM2M 1.0 TS §5.3).

use core::time::Duration;

use coap::{Code, ExchangeId, Instant, Message, Options, Request, RequestRefused, option_number};
use lwm2m_codec::{
    ContentFormat,
    attributes::AttachedAttributes,
    registration::{RegisterParameters, UpdateParameters},
};

use super::{
    event::{Event, RegistrationFailure},
    registration::{Announcement, Registered, State},
    registration_order::Turn,
    retry::{Attempts, Next, Retry, RetryPolicy, Sequences},
    server_account::ServerAccount,
    shared::Shared,
};

/// LwM2M 1.1 Core §6.2.1.1, the defaults of the Server object.
const COMMUNICATION_RETRY_COUNT: u32 = 5;
const COMMUNICATION_RETRY_TIMER_S: u32 = 60;
const COMMUNICATION_SEQUENCE_DELAY_TIMER_S: u32 = 86_400;
const COMMUNICATION_SEQUENCE_RETRY_COUNT: u32 = 1;

impl ServerAccount {
    pub(super) fn register(&mut self, shared: &mut Shared) {
        self.abandon_exchange(shared);
        // LwM2M 1.0 TS §5.5: observations last until the next Register.
        self.interrupt_observations(shared);
        if !self.online || shared.bootstrapping || shared.smartcard.is_another() {
            shared.smartcard.due |= shared.smartcard.is_another();
            self.state = State::Waiting { until: shared.now };
            return;
        }
        let announcement = self.announcement(shared);
        let parameters = RegisterParameters {
            endpoint: Some(shared.config.endpoint.clone()),
            lifetime_s: announcement.lifetime_s,
            version: shared.config.version,
            binding: announcement.binding.clone(),
            queue_mode: announcement.queue_mode,
            sms_number: shared.config.sms_number.clone(),
            ..RegisterParameters::default()
        };
        let mut request = Request::new(Code::POST);
        request.options = with_queries(Options::new().with_path("/rd"), &parameters.write())
            .with_content_format(ContentFormat::CORE_LINK.0);
        request.payload = announcement.object_links.as_bytes().to_vec();
        self.announced = announcement;
        self.update_requested = false;
        match self.request(shared, request) {
            Ok(exchange) => self.state = State::Registering { exchange },
            Err(error) => {
                self.registration_failed(shared, RegistrationFailure::NoAnswer { why: error.to_string() });
            }
        }
    }

    fn registration_answered(&mut self, shared: &mut Shared, answer: &Message) {
        if !answer.code.is_success() {
            let diagnostic = String::from_utf8_lossy(&answer.payload).into_owned();
            let why = RegistrationFailure::Refused { code: answer.code, diagnostic };
            return self.registration_failed(shared, why);
        }
        let location: Vec<String> = match answer.options.location_path() {
            Ok(segments) if !segments.is_empty() => segments.into_iter().map(str::to_owned).collect(),
            _ => return self.registration_failed(shared, RegistrationFailure::NoLocation),
        };
        self.attempts = Attempts::default();
        self.turn = Turn::Over { registered: true };
        self.push_event(shared, Event::Registered { location: format!("/{}", location.join("/")) });
        let now = shared.now;
        let mut registered =
            Registered { location, update_due: now, expires: now, doubtful: false, update: None };
        registered.renew(now, self.announced.lifetime_s, &shared.config);
        self.state = State::Registered(registered);
        self.observations.await_observe();
        self.update_if_wanted(shared);
    }

    fn registration_failed(&mut self, shared: &mut Shared, why: RegistrationFailure) {
        self.push_event(shared, Event::RegistrationFailed { why });
        let policy = self.retry_policy(shared);
        match self.attempts.failed(&policy) {
            Next::Attempt { after } => {
                self.state = State::Waiting { until: shared.now + after };
                if policy.is_endless() {
                    self.turn = Turn::Over { registered: false };
                }
            }
            Next::Failed { again } => {
                self.turn = Turn::Over { registered: false };
                self.state = match again {
                    Some(after) => State::Waiting { until: shared.now + after },
                    None => {
                        self.push_event(shared, Event::RegistrationGivenUp);
                        State::Unregistered
                    }
                };
            }
        }
    }

    /// Sends an Update if one is wanted or the server should learn something new, and none is under way.
    pub(super) fn update_if_wanted(&mut self, shared: &mut Shared) {
        if !self.online
            || shared.bootstrapping
            || !self.state.is_registered()
            || self.state.exchange().is_some()
        {
            return;
        }
        let news = self.announcement(shared);
        if news == self.announced && !self.update_requested {
            return;
        }
        if shared.smartcard.is_another() {
            shared.smartcard.due = true;
            return;
        }
        self.update_requested = false;
        let Some(request) = self.update_request(shared, &news) else { return };
        match self.request(shared, request) {
            Ok(exchange) => {
                if let State::Registered(registered) = &mut self.state {
                    registered.update = Some((exchange, news));
                }
            }
            Err(_) => self.register(shared),
        }
    }

    /// LwM2M 1.0 TS §5.3.2: only what has changed.
    fn update_request(&self, shared: &Shared, news: &Announcement) -> Option<Request> {
        let State::Registered(registered) = &self.state else { return None };
        let known = &self.announced;
        let mut parameters = UpdateParameters {
            lifetime_s: (news.lifetime_s != known.lifetime_s).then_some(news.lifetime_s),
            ..UpdateParameters::default()
        };
        if (&news.binding, news.queue_mode) != (&known.binding, known.queue_mode) {
            parameters.binding = Some(news.binding.clone());
            parameters.queue_mode = Some(news.queue_mode);
        }
        let mut request = Request::new(Code::POST);
        request.options = with_queries(location(registered), &parameters.write(shared.config.version));
        if news.object_links != known.object_links {
            request.options = request.options.with_content_format(ContentFormat::CORE_LINK.0);
            request.payload = news.object_links.as_bytes().to_vec();
        }
        Some(request)
    }

    fn update_answered(&mut self, shared: &mut Shared, answer: &Message) {
        let State::Registered(registered) = &mut self.state else { return };
        let Some((_, news)) = registered.update.take() else { return };
        if !answer.code.is_success() {
            // LwM2M 1.0 TS §5.3.2: 4.04 means that the server does not know the registration (any more). Any
            // other refusal leaves no way to keep it either.
            return self.register(shared);
        }
        registered.renew(shared.now, news.lifetime_s, &shared.config);
        self.announced = news;
        self.push_event(shared, Event::Updated);
        self.update_if_wanted(shared);
    }

    /// De-registers; `resume` is when to register again.
    pub(super) fn deregister(&mut self, shared: &mut Shared, resume: Option<Instant>) {
        match resume {
            // Disabled, not gone: notifications are stored meanwhile.
            Some(_) => self.interrupt_observations(shared),
            None => self.end_observations(shared),
        }
        if let State::Deregistering { resume: planned, .. } = &mut self.state {
            *planned = resume;
            return;
        }
        self.abandon_exchange(shared);
        let State::Registered(registered) = &self.state else {
            // There is no location to de-register from: not yet, or not any more.
            self.state = State::Unregistered;
            return;
        };
        let mut request = Request::new(Code::DELETE);
        request.options = location(registered);
        self.attached = AttachedAttributes::default();
        if !self.online {
            return self.end_registration(shared, resume);
        }
        match self.request(shared, request) {
            Ok(exchange) => self.state = State::Deregistering { exchange, resume },
            Err(_) => self.end_registration(shared, resume),
        }
    }

    fn end_registration(&mut self, shared: &mut Shared, resume: Option<Instant>) {
        self.state = resume.map_or(State::Unregistered, |until| State::Waiting { until });
        self.push_event(shared, Event::Deregistered);
    }

    /// LwM2M 1.1 Core §6.2: whoever comes back finds out whether the registration still stands.
    pub(super) fn set_online(&mut self, shared: &mut Shared, online: bool) {
        if core::mem::replace(&mut self.online, online) == online {
            return;
        }
        let State::Registered(registered) = &mut self.state else {
            return self.handle_timeout(shared);
        };
        registered.doubtful = true;
        if online && registered.expires <= shared.now {
            self.register(shared);
        } else if online {
            self.update_requested = true;
            self.update_if_wanted(shared);
        }
    }

    pub(super) fn abandon_exchange(&mut self, shared: &mut Shared) {
        if let Some(exchange) = self.state.exchange() {
            shared.endpoint.cancel_exchange(shared.now, exchange);
        }
    }

    /// The exchange of this interface ended: with an answer, or with the reason why there is none.
    pub(super) fn exchange_ended(&mut self, shared: &mut Shared, answer: Result<&Message, String>) {
        match (&self.state, answer) {
            (State::Registering { .. }, Ok(answer)) => self.registration_answered(shared, answer),
            (State::Registering { .. }, Err(why)) => {
                self.registration_failed(shared, RegistrationFailure::NoAnswer { why });
            }
            (State::Registered(_), Ok(answer)) => self.update_answered(shared, answer),
            (State::Registered(_), Err(_)) => self.register(shared),
            // Whatever the server says, this client is gone.
            (State::Deregistering { resume, .. }, _) => self.end_registration(shared, *resume),
            (State::Unregistered | State::InLine | State::Waiting { .. }, _) => {}
        }
    }

    pub(super) fn push_event(&self, shared: &mut Shared, event: Event) {
        shared.push_event(self.short_server_id, event);
    }

    pub(super) fn request(
        &self,
        shared: &mut Shared,
        request: Request,
    ) -> Result<ExchangeId, RequestRefused> {
        let timeout = shared.config.request_timeout;
        shared.endpoint.request(shared.now, self.peer, request, timeout).map(|(exchange, _)| exchange)
    }

    fn announcement(&self, shared: &mut Shared) -> Announcement {
        let (binding, queue_mode) = self.binding(shared);
        let lifetime_s = self.lifetime_s(&shared.tree);
        Announcement { lifetime_s, binding, queue_mode, object_links: shared.object_links() }
    }

    /// Who can be bootstrapped gives up in the end, whatever its version (LwM2M 1.0 TS §5.2.4).
    fn retry_policy(&self, shared: &Shared) -> RetryPolicy {
        let seconds = |s: u32| Duration::from_secs(s.into());
        let (first, longest) = shared.retry_delays();
        let is_endless = match shared.config.retry {
            Retry::Doubling { .. } => true,
            Retry::ServerObject => !self.since_1_1(shared),
        };
        if is_endless && !shared.has_bootstrap_account() {
            return RetryPolicy::Doubling { first, longest };
        }
        let number = |resource| self.number(&shared.tree, resource).filter(|_| self.since_1_1(shared));
        RetryPolicy::Sequences(Sequences {
            retry_count: number(17).unwrap_or(COMMUNICATION_RETRY_COUNT),
            retry_timer: number(18).map_or(first, seconds),
            // The largest value means that there is no further sequence.
            sequence_delay: number(19).map_or(Some(longest), |s| (s != u32::MAX).then(|| seconds(s))),
            sequence_count: number(20).unwrap_or(COMMUNICATION_SEQUENCE_RETRY_COUNT),
            bootstrap_on_failure: self.flag(&shared.tree, 16).unwrap_or(true),
        })
    }
}

impl Shared {
    /// Towards the Bootstrap-Server a client is as patient as the defaults of the Server object are (LwM2M leaves it to
    /// the client), and never gives up.
    pub(super) fn bootstrap_retry(&self) -> RetryPolicy {
        let (first, longest) = self.retry_delays();
        RetryPolicy::Sequences(Sequences {
            retry_count: COMMUNICATION_RETRY_COUNT,
            retry_timer: first,
            sequence_delay: Some(longest),
            sequence_count: COMMUNICATION_SEQUENCE_RETRY_COUNT,
            bootstrap_on_failure: false,
        })
    }

    /// The first delay after a failure, and the one between two sequences.
    fn retry_delays(&self) -> (Duration, Duration) {
        match self.config.retry {
            Retry::Doubling { first, longest } => (first, longest),
            Retry::ServerObject => (
                Duration::from_secs(COMMUNICATION_RETRY_TIMER_S.into()),
                Duration::from_secs(COMMUNICATION_SEQUENCE_DELAY_TIMER_S.into()),
            ),
        }
    }
}

fn location(registered: &Registered) -> Options {
    let segments = registered.location.iter();
    segments
        .fold(Options::new(), |options, segment| options.with(option_number::URI_PATH, segment.as_bytes()))
}

fn with_queries(options: Options, queries: &[String]) -> Options {
    queries.iter().fold(options, |options, query| options.with_query(query))
}
