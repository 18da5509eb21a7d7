//! Information Reporting interface (LwM2M 1.0 TS §5.5, RFC 7641): Observe, Notify, Cancel Observation.

use std::sync::Arc;

use coap::{ExchangeError, Instant, Message, NotificationId, Token};
use lwm2m_codec::{ContentFormat, Path};

use super::{
    ActiveObservation, Answer, Change, Event, Flow, Key, Operation, OperationError, OperationId, Outcome,
    Output, Registration, RegistrationId, Reported, Server, Source, kept, limits,
};
use crate::Peer;

impl Server {
    #[expect(clippy::too_many_arguments, reason = "the parts of one answer, used once")]
    pub(super) fn observe_answered(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        id: Option<OperationId>,
        path: Path,
        accept: Option<ContentFormat>,
        token: Token,
        sequence: Option<u32>,
        answer: Answer,
    ) {
        let endpoint = registration.endpoint.clone();
        if !answer.code.is_success() {
            if id.is_none() {
                let why = format!("the client answered {} when it was asked again", answer.code);
                self.event(Event::ObservationEnded { endpoint, path, why });
            }
            return self.answer_if_asked(id, answer);
        }
        let Some(sequence) = sequence else {
            // RFC 7641 §3.1: without the option the client will not notify. The value is news all the same.
            self.report(reported(endpoint, path, Source::Read, &answer, now, None));
            return self.answer_if_asked(id, answer);
        };
        let observation = ActiveObservation { token, registration: registration.id, path, since: now };
        self.observations.activate(observation.clone(), Some(sequence), now);
        if id.is_some() {
            self.observations.want(&endpoint, path, accept);
            let endpoint = endpoint.clone();
            self.persist_unwaited(Change::ObservationWanted { endpoint, path, accept });
        }
        self.report(reported(endpoint.clone(), path, Source::Notify, &answer, now, Some(sequence)));
        let change = Change::ObservationActive(observation.clone());
        self.persist(Flow::Observe { operation: id, answer, endpoint, observation }, change);
    }

    pub(super) fn finish_observe(
        &mut self,
        id: Option<OperationId>,
        answer: Answer,
        endpoint: String,
        observation: ActiveObservation,
        outcome: Outcome,
    ) {
        self.event(Event::ObservationStarted { endpoint, observation });
        if let Some(id) = id {
            self.answer(id, kept(answer, outcome));
        }
    }

    pub(super) fn cancel_answered(
        &mut self,
        registration: &Arc<Registration>,
        id: Option<OperationId>,
        path: Path,
        token: Token,
        answer: Answer,
    ) {
        if !answer.code.is_success() {
            return self.answer_if_asked(id, answer);
        }
        let endpoint = registration.endpoint.clone();
        self.observations.unwant(&endpoint, path);
        self.observations.end(token);
        self.persist_unwaited(Change::ObservationEnded { token });
        let why = "cancelled".to_owned();
        self.event(Event::ObservationEnded { endpoint: endpoint.clone(), path, why });
        let change = Change::ObservationUnwanted { endpoint, path };
        if let Some(operation) = id {
            self.persist(Flow::CancelObservation { operation, answer }, change);
        } else {
            self.persist_unwaited(change);
        }
    }

    /// Ends an observation on our side only. Gives the error for the operator who wanted it cancelled when the
    /// client has no such observation.
    pub(super) fn forget_observation(&mut self, registration: &Registration, path: Path) -> OperationError {
        let endpoint = registration.endpoint.clone();
        let was_wanted = self.observations.unwant(&endpoint, path);
        if was_wanted {
            self.persist_unwaited(Change::ObservationUnwanted { endpoint: endpoint.clone(), path });
        }
        if let Some(token) = self.observations.token(registration.id, path) {
            self.observations.end(token);
            self.persist_unwaited(Change::ObservationEnded { token });
            self.event(Event::ObservationEnded { endpoint, path, why: "cancelled".to_owned() });
        }
        let got = if was_wanted {
            "one that the client has not accepted yet; it will not be asked again"
        } else {
            "none"
        };
        OperationError::NotPossible { expected: format!("an observation of {path}"), got: got.to_owned() }
    }

    /// LwM2M 1.0 TS §5.5.1: observations end with a registration, so they are set up again after a new one.
    pub(super) fn observe_again(&mut self, now: Instant, registration: &Arc<Registration>) {
        for (path, accept) in self.observations.wanted(&registration.endpoint) {
            let operation = Operation::Observe { path, accept };
            let timeout = limits::OPERATION_TIMEOUT;
            if let Err(error) = self.send(now, registration, None, operation, timeout) {
                let endpoint = registration.endpoint.clone();
                self.event(Event::ObservationEnded { endpoint, path, why: error.to_string() });
            }
        }
    }

    /// The observation stays wanted: the next Register tries again.
    pub(super) fn observe_again_failed(
        &mut self,
        registration: RegistrationId,
        path: Path,
        error: ExchangeError,
    ) {
        let Some(registration) = self.registrations.by_id(registration) else { return };
        let endpoint = registration.endpoint.clone();
        let why = format!("the client did not answer when it was asked again: {error}");
        self.event(Event::ObservationEnded { endpoint, path, why });
    }

    pub(super) fn handle_notification(
        &mut self,
        now: Instant,
        id: NotificationId,
        peer: Peer,
        message: Message,
        confirmable: bool,
    ) {
        if self.flows.is_full() {
            // Without an acknowledgement the client sends it again.
            return self.endpoint.ignore(id);
        }
        let known = self
            .observations
            .relation(message.token)
            .map(|relation| relation.observation.registration)
            .and_then(|registration| self.registrations.by_id(registration))
            .filter(|registration| registration.peer == peer)
            .cloned();
        match known {
            Some(registration) => self.notified(now, id, &registration, message, confirmable),
            None => {
                let key = Key::Observation(message.token);
                let flow = Flow::UnknownNotification { notification: id, peer, message, confirmable };
                let ticket = self.flows.open(flow);
                self.outputs.push_back(Output::Lookup { ticket, key });
            }
        }
    }

    /// The store has answered what it knows of an observation that memory did not know.
    pub(super) fn adopt_notification(
        &mut self,
        now: Instant,
        id: NotificationId,
        peer: Peer,
        message: Message,
        confirmable: bool,
        observation: Option<ActiveObservation>,
    ) {
        let adopted =
            observation.filter(|observation| observation.token == message.token).and_then(|observation| {
                let registration = self.registrations.by_id(observation.registration)?;
                (registration.peer == peer).then(|| (observation, Arc::clone(registration)))
            });
        match adopted {
            Some((observation, registration)) => {
                self.observations.activate(observation, None, now);
                self.notified(now, id, &registration, message, confirmable);
            }
            // RFC 7641 §3.5: who does not know the token answers with Reset, which ends the observation.
            None => {
                self.endpoint.reject(now, id);
                let what = format!("notification with unknown token {}", message.token);
                self.event(Event::Refused { peer, what });
            }
        }
    }

    fn notified(
        &mut self,
        now: Instant,
        id: NotificationId,
        registration: &Arc<Registration>,
        message: Message,
        confirmable: bool,
    ) {
        let Some(relation) = self.observations.relation(message.token) else { return };
        let path = relation.observation.path;
        let endpoint = registration.endpoint.clone();
        let sequence = message.options.observe();
        // RFC 7641 §4.2: a notification that is no success, or has no Observe option, is the last one.
        let (true, Some(sequence)) = (message.code.is_success(), sequence) else {
            self.observations.end(message.token);
            self.persist_unwaited(Change::ObservationEnded { token: message.token });
            self.endpoint.acknowledge(now, id);
            let why = format!("the client ended it with {}", message.code);
            return self.event(Event::ObservationEnded { endpoint, path, why });
        };
        let current = relation.advance(sequence, now);
        let reported = Arc::new(Reported {
            endpoint,
            path,
            source: Source::Notify,
            content_format: message.options.content_format().map(ContentFormat),
            payload: message.payload,
            at: now,
            sequence: Some(sequence),
            confirmable,
            current,
        });
        let change = Change::Reported(Arc::clone(&reported));
        self.persist(Flow::Notification { notification: id, reported }, change);
    }

    pub(super) fn finish_notification(
        &mut self,
        now: Instant,
        id: NotificationId,
        reported: Arc<Reported>,
        outcome: Outcome,
    ) {
        match outcome {
            Outcome::Stored => {
                self.endpoint.acknowledge(now, id);
                self.event(Event::Reported(reported));
            }
            // Not acknowledged, so the client sends it again when there may be room.
            Outcome::Failed(_) => self.endpoint.ignore(id),
        }
    }

    fn answer_if_asked(&mut self, id: Option<OperationId>, answer: Answer) {
        if let Some(id) = id {
            self.answer(id, Ok(answer));
        }
    }
}

fn reported(
    endpoint: String,
    path: Path,
    source: Source,
    answer: &Answer,
    at: Instant,
    sequence: Option<u32>,
) -> Reported {
    Reported {
        endpoint,
        path,
        source,
        content_format: answer.content_format,
        payload: answer.payload.clone(),
        at,
        sequence,
        confirmable: true,
        current: true,
    }
}
