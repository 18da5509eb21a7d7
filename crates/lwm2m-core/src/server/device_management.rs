//! Device Management and Service Enablement interface (LwM2M 1.0 TS §5.4): operations become CoAP requests,
//! responses become answers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use coap::{Code, ExchangeError, ExchangeId, Instant, Message, Options, Request, RequestRefused, Token};
use lwm2m_codec::{ContentFormat, Level, Path, registration::LwM2mVersion};

use super::{
    Answer, Change, Event, Operation, OperationError, OperationId, OperationRequest, Registration,
    RegistrationId, Reported, Server, Source, WriteMode, limits,
};

/// A request that a client has not answered yet.
#[derive(Debug)]
pub(super) struct Pending {
    /// Whom to tell; nobody when the server asked on its own account.
    pub(super) id: Option<OperationId>,
    pub(super) registration: RegistrationId,
    pub(super) operation: Operation,
}

/// The open exchanges, found by exchange and by registration.
#[derive(Default)]
pub(super) struct Exchanges {
    pending: BTreeMap<ExchangeId, Pending>,
    by_registration: BTreeMap<RegistrationId, BTreeSet<ExchangeId>>,
}

impl Exchanges {
    fn insert(&mut self, exchange: ExchangeId, pending: Pending) {
        self.by_registration.entry(pending.registration).or_default().insert(exchange);
        self.pending.insert(exchange, pending);
    }

    fn take(&mut self, exchange: ExchangeId) -> Option<Pending> {
        let pending = self.pending.remove(&exchange)?;
        if let Some(exchanges) = self.by_registration.get_mut(&pending.registration) {
            exchanges.remove(&exchange);
            if exchanges.is_empty() {
                self.by_registration.remove(&pending.registration);
            }
        }
        Some(pending)
    }

    pub(super) fn take_all(&mut self, registration: RegistrationId) -> Vec<(ExchangeId, Pending)> {
        let exchanges = self.by_registration.remove(&registration).unwrap_or_default();
        exchanges.into_iter().filter_map(|exchange| Some((exchange, self.take(exchange)?))).collect()
    }
}

impl Server {
    /// Sends an operation to a client. Its end is told by [`super::Output::Answered`].
    pub fn operate(&mut self, now: Instant, request: OperationRequest) {
        let OperationRequest { id, endpoint, operation, timeout } = request;
        let sent = match self.registrations.by_endpoint(&endpoint).cloned() {
            None => Err(OperationError::UnknownClient { endpoint }),
            Some(registration) => self
                .check(&registration, &operation)
                .and_then(|()| self.send(now, &registration, Some(id), operation, timeout)),
        };
        if let Err(error) = sent {
            self.answer(id, Err(error));
        }
        self.drain(now);
    }

    /// Refuses what the standard has no request for, before anything is sent.
    fn check(&self, registration: &Registration, operation: &Operation) -> Result<(), OperationError> {
        let path = operation.path();
        let level = path.level();
        let not_possible = |expected: &str, got: String| {
            Err(OperationError::NotPossible { expected: expected.to_owned(), got })
        };
        // LwM2M 1.0 TS §5.4: table of operations and levels. Resource Instances can be named since 1.1.
        let (expected, possible) = match operation {
            Operation::Read { .. } | Operation::Observe { .. } | Operation::CancelObservation { .. } => {
                ("an Object, Object Instance, Resource or Resource Instance", level != Level::Root)
            }
            Operation::Discover { .. } => (
                "an Object, Object Instance or Resource",
                matches!(level, Level::Object | Level::ObjectInstance | Level::Resource),
            ),
            Operation::Write { mode: WriteMode::Replace, .. } => (
                "an Object Instance, Resource or Resource Instance",
                matches!(level, Level::ObjectInstance | Level::Resource | Level::ResourceInstance),
            ),
            Operation::Write { mode: WriteMode::PartialUpdate, .. } => (
                "an Object Instance, or a Resource with several instances",
                matches!(level, Level::ObjectInstance | Level::Resource),
            ),
            Operation::Execute { .. } => ("a Resource", level == Level::Resource),
        };
        if !possible {
            return not_possible(expected, format!("{path}"));
        }
        if level == Level::ResourceInstance && registration.version == LwM2mVersion::V1_0 {
            return not_possible("a client of LwM2M 1.1 for a Resource Instance", "one of 1.0".into());
        }
        let payload_len = match operation {
            Operation::Write { payload, .. } => payload.len(),
            Operation::Execute { arguments, .. } => arguments.as_ref().map_or(0, String::len),
            _ => 0,
        };
        if payload_len > limits::PAYLOAD_BYTES {
            let expected = format!("a payload of at most {} bytes", limits::PAYLOAD_BYTES);
            return not_possible(&expected, format!("{payload_len}"));
        }
        match operation {
            Operation::Observe { path, .. } if !self.observations.has_room(&registration.endpoint, *path) => {
                let expected =
                    format!("at most {} observations of a client", limits::OBSERVATIONS_PER_CLIENT);
                not_possible(&expected, "one more".into())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn send(
        &mut self,
        now: Instant,
        registration: &Registration,
        id: Option<OperationId>,
        operation: Operation,
        timeout: core::time::Duration,
    ) -> Result<(), OperationError> {
        let observed = self.observations.token(registration.id, operation.path());
        let request = match (&operation, observed) {
            (Operation::CancelObservation { path }, None) => {
                return Err(self.forget_observation(registration, *path));
            }
            // The same token refreshes or cancels an observation (RFC 7641 §3.6, §4.1).
            (Operation::CancelObservation { .. } | Operation::Observe { .. }, token) => {
                coap_request(registration, &operation, token)
            }
            _ => coap_request(registration, &operation, None),
        };
        let (exchange, _) =
            self.endpoint.request(now, registration.peer, request, timeout).map_err(not_sent)?;
        self.exchanges.insert(exchange, Pending { id, registration: registration.id, operation });
        Ok(())
    }

    pub(super) fn handle_response(
        &mut self,
        now: Instant,
        exchange: ExchangeId,
        token: Token,
        message: Message,
    ) {
        let Some(pending) = self.exchanges.take(exchange) else { return };
        let Some(registration) = self.registrations.by_id(pending.registration).cloned() else { return };
        let sequence = message.options.observe();
        let answer = Answer {
            code: message.code,
            content_format: message.options.content_format().map(ContentFormat),
            payload: message.payload,
        };
        match pending.operation {
            Operation::Observe { path, accept } => {
                self.observe_answered(now, &registration, pending.id, path, accept, token, sequence, answer);
            }
            Operation::CancelObservation { path } => {
                self.cancel_answered(&registration, pending.id, path, token, answer);
            }
            operation => {
                self.report_answer(now, &registration, operation, &answer);
                if let Some(id) = pending.id {
                    self.answer(id, Ok(answer));
                }
            }
        }
    }

    /// What the client gave or took is news for everyone who watches it.
    fn report_answer(
        &mut self,
        now: Instant,
        registration: &Registration,
        operation: Operation,
        answer: &Answer,
    ) {
        if !answer.code.is_success() {
            return;
        }
        let given = || (answer.content_format, answer.payload.clone());
        let (path, source, (content_format, payload)) = match operation {
            Operation::Read { path, .. } => (path, Source::Read, given()),
            Operation::Discover { path } => (path, Source::Discover, given()),
            Operation::Write { path, content_format, payload, .. } => {
                (path, Source::Write, (Some(content_format), payload))
            }
            Operation::Execute { .. } | Operation::Observe { .. } | Operation::CancelObservation { .. } => {
                return;
            }
        };
        self.report(Reported {
            endpoint: registration.endpoint.clone(),
            path,
            source,
            content_format,
            payload,
            at: now,
            sequence: None,
            confirmable: true,
            current: true,
        });
    }

    /// Stores a payload that nobody waits for and tells it.
    pub(super) fn report(&mut self, reported: Reported) {
        let reported = Arc::new(reported);
        self.persist_unwaited(Change::Reported(Arc::clone(&reported)));
        self.event(Event::Reported(reported));
    }

    pub(super) fn handle_failure(&mut self, exchange: ExchangeId, error: ExchangeError) {
        let Some(pending) = self.exchanges.take(exchange) else { return };
        if let Operation::CancelObservation { path } = pending.operation
            && let Some(registration) = self.registrations.by_id(pending.registration).cloned()
        {
            // Whatever became of the request: the next notification is answered with Reset (RFC 7641 §3.6).
            self.forget_observation(&registration, path);
        }
        let Some(id) = pending.id else {
            return self.observe_again_failed(pending.registration, pending.operation.path(), error);
        };
        let error = match error {
            ExchangeError::Timeout => OperationError::Timeout,
            ExchangeError::NoResponse => OperationError::NoResponse,
            ExchangeError::Reset => OperationError::Reset,
            ExchangeError::Forgotten => OperationError::Departed,
            other => OperationError::BadAnswer { what: other.to_string() },
        };
        self.answer(id, Err(error));
    }
}

fn not_sent(refused: RequestRefused) -> OperationError {
    match refused {
        RequestRefused::QueueFull { .. } | RequestRefused::TooManyPeers { .. } => {
            OperationError::TooManyRequests
        }
        RequestRefused::TokenInUse(_) => OperationError::NotPossible {
            expected: "no other Observe or Cancel Observation of this path under way".into(),
            got: "one".into(),
        },
        other => OperationError::NotPossible {
            expected: "a request that CoAP can carry".into(),
            got: other.to_string(),
        },
    }
}

/// The CoAP request of an operation (LwM2M 1.0 TS §8.2.5, table of operations and methods).
fn coap_request(registration: &Registration, operation: &Operation, token: Option<Token>) -> Request {
    let options = |path: &Path| {
        // Every request goes below the alternate path, if there is one (LwM2M 1.0 TS §8.2.1).
        let root = registration.links.root.trim_end_matches('/');
        Options::default().with_path(&format!("{root}{path}"))
    };
    let accepting = |options: Options, accept: &Option<ContentFormat>| match accept {
        Some(format) => options.with_accept(format.0),
        None => options,
    };
    let (code, options, payload) = match operation {
        Operation::Read { path, accept } => (Code::GET, accepting(options(path), accept), Vec::new()),
        Operation::Discover { path } => {
            (Code::GET, options(path).with_accept(ContentFormat::CORE_LINK.0), Vec::new())
        }
        Operation::Write { path, mode, content_format, payload } => {
            let code = match mode {
                WriteMode::Replace => Code::PUT,
                WriteMode::PartialUpdate => Code::POST,
            };
            (code, options(path).with_content_format(content_format.0), payload.clone())
        }
        Operation::Execute { path, arguments: None } => (Code::POST, options(path), Vec::new()),
        Operation::Execute { path, arguments: Some(arguments) } => {
            let options = options(path).with_content_format(ContentFormat::TEXT.0);
            (Code::POST, options, arguments.clone().into_bytes())
        }
        Operation::Observe { path, accept } => {
            (Code::GET, accepting(options(path).with_observe(0), accept), Vec::new())
        }
        Operation::CancelObservation { path } => (Code::GET, options(path).with_observe(1), Vec::new()),
    };
    Request { code, options, payload, token }
}
