//! Information Reporting interface (LwM2M 1.0 TS §5.5, RFC 7641): Observe, Notify, Cancel Observation.

use core::time::Duration;
use std::sync::Arc;

use coap::{Instant, MessageId, NotificationId, Token};
use lwm2m_codec::Path;

use super::{
    ActiveObservation, Answer, Cancellation, Change, Delivery, Event, Flow, ObservationTarget,
    OperationError, Outcome, Registration, Reported, Server, Source, WantedObservation,
    coap_request::{END, START, observation_request},
    commands::Asker,
    exchanges::{Pending, Purpose},
    forget::nothing_sent,
    kept,
};

/// Why an observation ended that its operator no longer wants. After any other end it stays wanted.
pub const CANCELLED: &str = "cancelled";

/// How the answer to an Observe came.
pub(super) struct Begun {
    pub(super) token: Token,
    /// The Observe option; without it nothing has begun.
    pub(super) sequence: Option<u32>,
    /// It waits for its acknowledgement, and may be a notification that has overtaken the answer.
    pub(super) notification: Option<(NotificationId, MessageId)>,
}

impl Server {
    /// Sends an Observe or Observe-Composite.
    pub(super) fn observe(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        asker: Option<Asker>,
        wanted: WantedObservation,
        timeout: Duration,
    ) -> Result<(), OperationError> {
        if self.exchanges.observes(registration.id, &wanted.target) {
            // Of two tokens the client keeps the one that it saw last, and nobody would know which that is.
            let expected = format!("no other Observe of {} under way", wanted.target);
            return Err(OperationError::NotPossible { expected, got: "one".to_owned() });
        }
        let mut request = observation_request(&registration.links.root, &wanted, START)?;
        // The same token refreshes an observation (RFC 7641 §4.1).
        request.token = self.observations.active(registration.id, &wanted.target).map(|active| active.token);
        let pending = Pending { asker, registration: registration.id, purpose: Purpose::Observe(wanted) };
        self.send(now, registration, request, pending, timeout)
    }

    pub(super) fn observe_answered(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        asker: Option<Asker>,
        wanted: WantedObservation,
        Begun { token, sequence, notification }: Begun,
        answer: Answer,
    ) {
        let endpoint = registration.endpoint.clone();
        let path = wanted.target.path();
        if let (Some((id, _)), false) = (notification, answer.code.is_success()) {
            self.endpoint.acknowledge(now, id);
        }
        if !answer.code.is_success() || sequence.is_none() {
            // RFC 7641 §4.1: an observation that was to be refreshed has ended too.
            self.ended_by_client(now, registration, token, answer.code);
        }
        if !answer.code.is_success() {
            return match asker {
                Some(asker) => self.answer(asker, Ok(answer)),
                None => self.observe_again_refused(now, registration, wanted, answer.code),
            };
        }
        let Some(sequence) = sequence else {
            // RFC 7641 §3.1: without the option the client will not notify. The value is news all the same.
            let source = match wanted.target {
                ObservationTarget::Path(_) => Source::Read,
                ObservationTarget::Paths(_) => Source::ReadComposite,
            };
            self.report(reported(endpoint, path, source, &answer, now, None));
            return self.answer_if_asked(asker, answer);
        };
        if asker.is_some() {
            let attributes = self.observations.attributes(registration.id, &path);
            let wanted = WantedObservation { attributes, ..wanted.clone() };
            self.observations.want(&endpoint, wanted.clone());
            let endpoint = endpoint.clone();
            self.persist_unwaited(Change::ObservationWanted { endpoint, wanted });
        }
        let observation =
            ActiveObservation { token, registration: registration.id, asked: wanted, since: now };
        self.observations.activate(observation.clone(), Some(sequence), now);
        let reported = reported(endpoint.clone(), path, Source::Notify, &answer, now, Some(sequence));
        match notification {
            Some((notification, message_id)) => {
                let delivery = Some(Delivery { token, message_id: message_id.0 });
                self.keep_notification(notification, Reported { delivery, ..reported });
            }
            None => self.report(reported),
        }
        let change = Change::ObservationActive(observation.clone());
        self.persist(Flow::Observe { asker, answer, endpoint, observation }, change);
    }

    pub(super) fn finish_observe(
        &mut self,
        asker: Option<Asker>,
        answer: Answer,
        endpoint: String,
        observation: ActiveObservation,
        outcome: Outcome,
    ) {
        self.event(Event::ObservationStarted { endpoint, observation });
        if let Some(asker) = asker {
            self.answer(asker, kept(answer, outcome));
        }
    }

    /// Ends an observation that a client has accepted. One that it has not accepted yet is only no longer wanted.
    pub(super) fn cancel(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        asker: Asker,
        target: &ObservationTarget,
        how: Cancellation,
        timeout: Duration,
    ) -> Result<(), OperationError> {
        let Some(active) = self.observations.active(registration.id, target).cloned() else {
            let was_wanted = self.forget_observation(registration, target);
            let got = if was_wanted {
                "one that the client has not accepted yet; it will not be asked again"
            } else {
                "none"
            };
            let expected = format!("an observation of {target}");
            return Err(OperationError::NotPossible { expected, got: got.to_owned() });
        };
        match how {
            Cancellation::Active => {
                // The same token and options (RFC 7641 §3.6).
                let mut request = observation_request(&registration.links.root, &active.asked, END)?;
                request.token = Some(active.token);
                let purpose = Purpose::CancelObservation(active.asked);
                let pending = Pending { asker: Some(asker), registration: registration.id, purpose };
                self.send(now, registration, request, pending, timeout)
            }
            Cancellation::Passive => {
                self.end_cancelled(registration, active.token, target.clone(), Some((asker, nothing_sent())));
                Ok(())
            }
        }
    }

    /// Also a client that answers with an error is rid of the observation: its next notification gets Reset.
    pub(super) fn cancel_answered(
        &mut self,
        registration: &Arc<Registration>,
        asker: Option<Asker>,
        cancelled: WantedObservation,
        token: Token,
        answer: Answer,
    ) {
        self.end_cancelled(registration, token, cancelled.target, asker.map(|asker| (asker, answer)));
    }

    /// The operator is told when it is stored that the observation is over.
    fn end_cancelled(
        &mut self,
        registration: &Registration,
        token: Token,
        target: ObservationTarget,
        asked: Option<(Asker, Answer)>,
    ) {
        let endpoint = registration.endpoint.clone();
        self.observations.unwant(&endpoint, &target);
        self.observations.end(token);
        self.persist_unwaited(Change::ObservationEnded { token });
        self.event(Event::ObservationEnded {
            endpoint: endpoint.clone(),
            target: target.clone(),
            why: CANCELLED.to_owned(),
        });
        let change = Change::ObservationUnwanted { endpoint, target };
        match asked {
            Some((asker, answer)) => self.persist(Flow::CancelObservation { asker, answer }, change),
            None => self.persist_unwaited(change),
        }
    }

    /// An observation goes with its Object Instance, and not every client says so. One of several paths goes on with
    /// those that are left (Core 1.1 §6.4.4).
    pub(super) fn end_observations_of_deleted(
        &mut self,
        now: Instant,
        before: &Registration,
        after: &Registration,
    ) {
        let lists = |registration: &Registration, path: Path| {
            path.object_id().zip(path.instance_id()).is_some_and(|(object, instance)| {
                registration
                    .links
                    .objects
                    .get(&object)
                    .is_some_and(|object| object.instances.contains(&instance))
            })
        };
        for (target, token) in self.observations.targets(after.id) {
            if lists(before, target.path()) && !lists(after, target.path()) {
                self.end_active(now, after, token, format!("the client no longer has {target}"));
            }
        }
    }

    /// Ends an observation on our side only. Whether it was wanted.
    pub(super) fn forget_observation(
        &mut self,
        registration: &Registration,
        target: &ObservationTarget,
    ) -> bool {
        let endpoint = registration.endpoint.clone();
        let was_wanted = self.observations.unwant(&endpoint, target);
        let target = target.clone();
        if was_wanted {
            let (endpoint, target) = (endpoint.clone(), target.clone());
            self.persist_unwaited(Change::ObservationUnwanted { endpoint, target });
        }
        if let Some(token) = self.observations.active(registration.id, &target).map(|active| active.token) {
            self.observations.end(token);
            self.persist_unwaited(Change::ObservationEnded { token });
            self.event(Event::ObservationEnded { endpoint, target, why: CANCELLED.to_owned() });
        }
        was_wanted
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
        delivery: None,
        current: true,
    }
}
