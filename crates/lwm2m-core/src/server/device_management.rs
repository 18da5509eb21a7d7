//! Device Management and Service Enablement interface (LwM2M 1.0 TS §5.4): operations become CoAP requests,
//! responses become answers.

use core::time::Duration;
use std::sync::Arc;

use coap::{
    Block, ExchangeError, ExchangeId, Instant, Message, NotificationId, Request, RequestRefused, Token,
};
use lwm2m_codec::ContentFormat;

use super::{
    Answer, Change, Event, Flow, Operation, OperationError, OperationRequest, Outcome, Registration,
    Reported, Server, Source, WantedObservation,
    coap_request::{coap_request, write_request},
    commands::Asker,
    exchanges::{Pending, Purpose},
    information_reporting::Begun,
    limits,
    refusals::Asked,
};
use crate::Peer;

impl Server {
    /// Sends an operation to a client. Its end is told by [`super::Output::Answered`].
    pub fn operate(&mut self, now: Instant, request: OperationRequest) {
        let OperationRequest { id, endpoint, operation, timeout, force } = request;
        let asker = Asker::Operation(id);
        let performed = match self.registrations.by_endpoint(&endpoint).cloned() {
            None => Err(OperationError::UnknownClient { endpoint }),
            Some(registration) => self
                .check(&registration, &operation, force)
                .and_then(|()| self.perform(now, &registration, asker, operation, timeout)),
        };
        if let Err(error) = performed {
            self.answer(asker, Err(error));
        }
        self.drain(now);
    }

    pub(super) fn perform(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        asker: Asker,
        operation: Operation,
        timeout: Duration,
    ) -> Result<(), OperationError> {
        if let Some((target, how)) = operation.cancelled() {
            return self.cancel(now, registration, asker, &target, how, timeout);
        }
        if let Some(wanted) = WantedObservation::of(&operation) {
            return self.observe(now, registration, Some(asker), wanted, timeout);
        }
        let root = &registration.links.root;
        let (request, purpose) = match operation {
            // A package is in memory once.
            Operation::Write { path, mode, content_format, payload }
                if payload.len() > limits::REPORTED_WRITE_BYTES =>
            {
                let request = write_request(root, path, mode, content_format, payload);
                (request, Purpose::LargeWrite(content_format))
            }
            operation => (coap_request(root, &operation)?, Purpose::Operation(operation)),
        };
        let pending = Pending { asker: Some(asker), registration: registration.id, purpose };
        self.send(now, registration, request, pending, timeout)
    }

    pub(super) fn send(
        &mut self,
        now: Instant,
        registration: &Registration,
        request: Request,
        pending: Pending,
        timeout: Duration,
    ) -> Result<(), OperationError> {
        // The caller's time is for the answer. What comes before it takes as long as it takes.
        let blocks = u32::try_from(request.payload.len() / Block::MAX_SIZE).unwrap_or(u32::MAX);
        let timeout = timeout.min(limits::OPERATION_TIMEOUT) + limits::BLOCK_TIME.saturating_mul(blocks);
        let (exchange, _) =
            self.endpoint.request(now, registration.peer, request, timeout).map_err(not_sent)?;
        self.exchanges.insert(exchange, pending);
        Ok(())
    }

    pub(super) fn handle_response(
        &mut self,
        now: Instant,
        exchange: ExchangeId,
        peer: Peer,
        token: Token,
        message: Message,
        notification: Option<NotificationId>,
    ) {
        let waiting = self.exchanges.take(exchange).and_then(|pending| {
            let registration = self.registrations.by_id(pending.registration)?;
            Some((Arc::clone(registration), pending))
        });
        let Some((registration, Pending { asker, purpose, .. })) = waiting else {
            if let Some(notification) = notification {
                self.handle_notification(now, notification, peer, message, true);
            }
            return;
        };
        let begun = Begun {
            token,
            sequence: message.options.observe(),
            notification: notification.map(|id| (id, message.message_id)),
        };
        let answer = answer(message);
        self.learn(&registration, &Asked::of(&purpose), answer.code);
        match purpose {
            Purpose::Observe(wanted) => {
                self.observe_answered(now, &registration, asker, wanted, begun, answer);
            }
            Purpose::AttributesAgain(wanted) => {
                self.attributes_answered(now, &registration, wanted, answer.code);
            }
            Purpose::CancelObservation(wanted) => {
                self.cancel_answered(&registration, asker, wanted, token, answer);
            }
            Purpose::FetchNotification { token, sequence, confirmable } => {
                let notification = (token, sequence, confirmable);
                self.notification_fetched(now, &registration, exchange, notification, answer);
            }
            Purpose::LargeWrite(_) => self.answer_if_asked(asker, answer),
            Purpose::Operation(operation) => {
                if let Operation::WriteAttributes { path, attributes } = &operation
                    && answer.code.is_success()
                {
                    self.attributes_written(&registration, *path, attributes);
                }
                self.report_answer(now, &registration, operation, &answer);
                self.answer_if_asked(asker, answer);
            }
        }
        self.heard(now, &registration);
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
        let path = operation.path();
        let given = || (answer.content_format, answer.payload.clone());
        let (source, (content_format, payload)) = match operation {
            Operation::Read { .. } => (Source::Read, given()),
            Operation::Discover { .. } => (Source::Discover, given()),
            Operation::ReadComposite { .. } => (Source::ReadComposite, given()),
            Operation::Write { content_format, payload, .. } => {
                (Source::Write, (Some(content_format), payload))
            }
            Operation::WriteComposite { content_format, payload } => {
                (Source::WriteComposite, (Some(content_format), payload))
            }
            _ => return,
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
            delivery: None,
            current: true,
        });
    }

    /// Stores a payload and then tells it.
    pub(super) fn report(&mut self, reported: Reported) {
        let reported = Arc::new(reported);
        let change = Change::Reported(Arc::clone(&reported));
        self.persist(Flow::Report { reported }, change);
    }

    pub(super) fn finish_report(&mut self, reported: Arc<Reported>, outcome: &Outcome) {
        if *outcome == Outcome::Stored {
            self.event(Event::Reported(reported));
        }
    }

    pub(super) fn handle_failure(&mut self, now: Instant, exchange: ExchangeId, error: ExchangeError) {
        let Some(Pending { asker, registration, purpose }) = self.exchanges.take(exchange) else { return };
        let registration = self.registrations.by_id(registration).cloned();
        if let (Some(registration), ExchangeError::NoResponse) = (&registration, error) {
            self.learn_silence(registration, &Asked::of(&purpose));
        }
        match (purpose, &registration, asker) {
            (Purpose::Observe(wanted) | Purpose::AttributesAgain(wanted), Some(registration), None) => {
                self.observe_again_failed(registration, wanted, error);
            }
            // Whatever became of the request: the next notification is answered with Reset (RFC 7641 §3.6).
            (Purpose::CancelObservation(wanted), Some(registration), _) => {
                self.forget_observation(registration, &wanted.target);
            }
            (Purpose::FetchNotification { token, .. }, Some(registration), _) => {
                self.fetch_failed(registration, token, &error.to_string());
            }
            _ => {}
        }
        match (&registration, error) {
            (Some(registration), ExchangeError::Timeout) => self.fall_asleep(now, registration),
            (Some(registration), ExchangeError::Reset) => self.heard(now, registration),
            (Some(registration), _) => self.commands.touch(&registration.endpoint),
            _ => {}
        }
        let error = match error {
            ExchangeError::Timeout => OperationError::Timeout,
            ExchangeError::NoResponse => OperationError::NoResponse,
            ExchangeError::Reset => OperationError::Reset,
            ExchangeError::Forgotten => OperationError::Departed,
            other => OperationError::BadAnswer { what: other.to_string() },
        };
        if let Some(asker) = asker {
            self.answer(asker, Err(error));
        }
    }

    pub(super) fn answer_if_asked(&mut self, asker: Option<Asker>, answer: Answer) {
        if let Some(asker) = asker {
            self.answer(asker, Ok(answer));
        }
    }
}

fn answer(message: Message) -> Answer {
    // What is not UTF-8 is no path that we could use.
    let location = message.options.location_path().unwrap_or_default();
    Answer {
        code: message.code,
        content_format: message.options.content_format().map(ContentFormat),
        location: location.into_iter().map(str::to_owned).collect(),
        block: refused_block(&message),
        payload: message.payload,
    }
}

/// A refusal in the middle of a large payload names the block that it is about (RFC 7959 §2.9).
fn refused_block(message: &Message) -> Option<u32> {
    let block = message.options.block1().filter(|_| !message.code.is_success())?;
    Some(block.num)
}

pub(super) fn not_sent(refused: RequestRefused) -> OperationError {
    match refused {
        RequestRefused::QueueFull { .. }
        | RequestRefused::TooManyPeers { .. }
        | RequestRefused::TooManyBodies { .. } => OperationError::TooManyRequests,
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
