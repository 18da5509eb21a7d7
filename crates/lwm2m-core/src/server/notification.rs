//! Notify (LwM2M 1.0 TS §5.5.2, RFC 7641 §3, §4).

use std::sync::Arc;

use coap::{Code, ExchangeId, Instant, Message, NotificationId, Token};
use lwm2m_codec::ContentFormat;

use super::{
    ActiveObservation, Answer, Change, Delivery, Event, Flow, Key, ObservationTarget, Outcome, Output,
    Registration, Reported, Server, Source,
    coap_request::resource_request,
    device_management::not_sent,
    exchanges::{Pending, Purpose},
    limits,
};
use crate::Peer;

impl Server {
    pub(super) fn handle_notification(
        &mut self,
        now: Instant,
        id: NotificationId,
        peer: Peer,
        message: Message,
        confirmable: bool,
    ) {
        if !self.flows.has_room() {
            // Without an acknowledgement the client sends it again.
            return self.endpoint.ignore(id);
        }
        let known = self
            .observations
            .relation(message.token)
            .map(|relation| relation.observation.registration)
            .and_then(|registration| self.registrations.by_id(registration))
            .cloned();
        match known {
            Some(registration) if registration.peer == peer => {
                self.notified(now, id, &registration, message, confirmable);
            }
            Some(registration) if may_have_moved(&registration, peer) => self.endpoint.ignore(id),
            _ => {
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
                Some((observation, Arc::clone(registration)))
            });
        match adopted {
            Some((observation, registration)) if registration.peer == peer => {
                self.observations.activate(observation, None, now);
                self.notified(now, id, &registration, message, confirmable);
            }
            Some((_, registration)) if may_have_moved(&registration, peer) => self.endpoint.ignore(id),
            // RFC 7641 §3.5: who does not know the token answers with Reset, which ends the observation.
            _ => {
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
        let token = message.token;
        let Some(relation) = self.observations.relation(token) else { return };
        let sequence = message.options.observe();
        // RFC 7641 §4.2: a notification that is no success, or has no Observe option, is the last one.
        let (true, Some(sequence)) = (message.code.is_success(), sequence) else {
            self.endpoint.acknowledge(now, id);
            self.heard(now, registration);
            return self.ended_by_client(now, registration, token, message.code);
        };
        let current = relation.advance(sequence, now);
        let path = relation.observation.asked.target.path();
        let overtaken = if current { relation.fetch.take() } else { None };
        if let Some(overtaken) = overtaken {
            self.abandon_fetch(now, overtaken);
        }
        if message.options.block2().is_some_and(|block| block.more) {
            // What is acknowledged is the news that there is something new. Its value is only there with the blocks
            // that are fetched now.
            self.endpoint.acknowledge(now, id);
            self.heard(now, registration);
            if current {
                self.fetch_notification(now, registration, message, sequence, confirmable);
            }
            return;
        }
        let reported = Reported {
            endpoint: registration.endpoint.clone(),
            path,
            source: Source::Notify,
            content_format: message.options.content_format().map(ContentFormat),
            payload: message.payload,
            at: now,
            sequence: Some(sequence),
            confirmable,
            delivery: Some(Delivery { token, message_id: message.message_id.0 }),
            current,
        };
        self.keep_notification(id, reported);
    }

    /// Stores a notification, after which it is acknowledged and told.
    pub(super) fn keep_notification(&mut self, notification: NotificationId, reported: Reported) {
        let reported = Arc::new(reported);
        let change = Change::Reported(Arc::clone(&reported));
        self.persist(Flow::Notification { notification, reported }, change);
    }

    pub(super) fn ended_by_client(
        &mut self,
        now: Instant,
        registration: &Registration,
        token: Token,
        code: Code,
    ) {
        self.end_active(now, registration, token, format!("the client ended it with {code}"));
    }

    /// An observation that is still wanted has ended.
    pub(super) fn end_active(
        &mut self,
        now: Instant,
        registration: &Registration,
        token: Token,
        why: String,
    ) {
        let Some(relation) = self.observations.end(token) else { return };
        if let Some(fetch) = relation.fetch {
            self.abandon_fetch(now, fetch);
        }
        self.persist_unwaited(Change::ObservationEnded { token });
        let endpoint = registration.endpoint.clone();
        let target = relation.observation.asked.target;
        self.event(Event::ObservationEnded { endpoint, target, why });
    }

    pub(super) fn finish_notification(
        &mut self,
        now: Instant,
        id: NotificationId,
        reported: Arc<Reported>,
        outcome: Outcome,
    ) {
        match outcome {
            // Not acknowledged, so the client sends it again when there may be room.
            Outcome::Failed(_) => return self.endpoint.ignore(id),
            Outcome::Known => self.endpoint.acknowledge(now, id),
            Outcome::Stored => {
                self.endpoint.acknowledge(now, id);
                self.event(Event::Reported(Arc::clone(&reported)));
            }
        }
        if let Some(registration) = self.registrations.by_endpoint(&reported.endpoint).cloned() {
            self.heard(now, &registration);
        }
    }

    /// RFC 7959 §3.4: a notification has only the first block of a long value.
    fn fetch_notification(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        first: Message,
        sequence: u32,
        confirmable: bool,
    ) {
        let token = first.token;
        let Some(relation) = self.observations.relation(token) else { return };
        let asked = relation.observation.asked.clone();
        let (peer, timeout) = (registration.peer, limits::FETCH_TIMEOUT);
        let fetched = resource_request(&registration.links.root, &asked).and_then(|request| {
            match asked.target {
                ObservationTarget::Path(_) => {
                    self.endpoint.fetch_rest(now, peer, request.options, first, timeout)
                }
                // Blocks of a FETCH belong to its payload, so the whole is asked for once more (RFC 8132 §2).
                ObservationTarget::Paths(_) => self.endpoint.request(now, peer, request, timeout),
            }
            .map_err(not_sent)
        });
        match fetched {
            Ok((exchange, _)) => {
                let purpose = Purpose::FetchNotification { token, sequence, confirmable };
                self.exchanges
                    .insert(exchange, Pending { asker: None, registration: registration.id, purpose });
                if let Some(relation) = self.observations.relation(token) {
                    relation.fetch = Some(exchange);
                }
            }
            Err(error) => self.fetch_failed(registration, token, &error.to_string()),
        }
    }

    /// The whole of a notification has come.
    pub(super) fn notification_fetched(
        &mut self,
        now: Instant,
        registration: &Registration,
        exchange: ExchangeId,
        (token, sequence, confirmable): (Token, u32, bool),
        answer: Answer,
    ) {
        let relation = self.observations.relation(token);
        // Anything else has been cancelled or refreshed meanwhile.
        let Some(relation) = relation.filter(|relation| relation.fetch == Some(exchange)) else { return };
        relation.fetch = None;
        let path = relation.observation.asked.target.path();
        if !answer.code.is_success() {
            return self.fetch_failed(registration, token, &format!("the client answered {}", answer.code));
        }
        self.report(Reported {
            endpoint: registration.endpoint.clone(),
            path,
            source: Source::Notify,
            content_format: answer.content_format,
            payload: answer.payload,
            at: now,
            sequence: Some(sequence),
            confirmable,
            delivery: None,
            current: true,
        });
    }

    /// The observation goes on: the next notification brings the next value.
    pub(super) fn fetch_failed(&mut self, registration: &Registration, token: Token, why: &str) {
        let Some(relation) = self.observations.relation(token) else { return };
        relation.fetch = None;
        let what = format!(
            "notification of {}: its blocks are not complete: {why}",
            relation.observation.asked.target
        );
        self.event(Event::Refused { peer: registration.peer, what });
    }

    /// RFC 7959 §3.4: a newer value makes the rest of an older one worthless.
    pub(super) fn abandon_fetch(&mut self, now: Instant, exchange: ExchangeId) {
        self.exchanges.take(exchange);
        self.endpoint.cancel_exchange(now, exchange);
    }
}

/// Without security a client may have another address, and the Update that tells it be still to come. Reset would end
/// its observation; without an acknowledgement it sends the notification again.
fn may_have_moved(registration: &Registration, peer: Peer) -> bool {
    matches!((registration.peer, peer), (Peer::NoSec(before), Peer::NoSec(now)) if before != now)
}
