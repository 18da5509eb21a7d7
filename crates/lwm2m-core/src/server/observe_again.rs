//! Observing again what operators want: after a new registration, or when a client is there that was not before.

use std::sync::Arc;

use coap::{Code, ExchangeError, Instant};
use lwm2m_codec::{
    NoDefinitions, Path,
    attributes::{AttributeTarget, WriteAttributes},
};

use super::{
    Change, Event, ObservationTarget, Operation, Registration, RegistrationId, Server, WantedObservation,
    coap_request::coap_request,
    exchanges::{Pending, Purpose},
    limits,
};

impl Server {
    /// LwM2M 1.0 TS §5.5.1: observations end with a registration, so they are set up again after a new one.
    pub(super) fn observe_again(&mut self, now: Instant, registration: &Arc<Registration>) {
        for wanted in self.observations.wanted(&registration.endpoint) {
            self.observe_once_more(now, registration, wanted);
        }
    }

    /// What could not be asked for before.
    pub(super) fn observe_unasked(&mut self, now: Instant, registration: RegistrationId) {
        let unasked = self.observations.take_unasked(registration);
        let registration = self.registrations.by_id(registration).filter(|_| !unasked.is_empty()).cloned();
        let Some(registration) = registration else { return };
        for wanted in self.observations.wanted(&registration.endpoint) {
            let active = self.observations.active(registration.id, &wanted.target).is_some();
            if unasked.contains(&wanted.target) && !active {
                self.observe_once_more(now, &registration, wanted);
            }
        }
    }

    /// A client in queue mode sleeps: what it was not asked for yet, it is asked for when it wakes.
    pub(super) fn stop_asking(&mut self, now: Instant, registration: RegistrationId) {
        for (exchange, target) in self.exchanges.take_observing_again(registration) {
            self.endpoint.cancel_exchange(now, exchange);
            self.observations.ask_later(registration, target);
        }
    }

    fn observe_once_more(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        mut wanted: WantedObservation,
    ) {
        wanted.accept = wanted.accept.filter(|accept| !self.format_refused(registration, *accept));
        if wanted.attributes.is_empty() || self.exchanges.observes(registration.id, &wanted.target) {
            return self.observe_wanted(now, registration, wanted);
        }
        let (path, attributes) = (wanted.target.path(), WriteAttributes::setting(&wanted.attributes));
        let operation = Operation::WriteAttributes { path, attributes };
        let target = wanted.target.clone();
        let purpose = Purpose::AttributesAgain(wanted);
        let pending = Pending { asker: None, registration: registration.id, purpose };
        let sent = coap_request(&registration.links.root, &operation).and_then(|request| {
            self.send(now, registration, request, pending, limits::OBSERVE_AGAIN_TIMEOUT)
        });
        if let Err(error) = sent {
            self.ask_later(registration, target, error.to_string());
        }
    }

    /// Whatever the client makes of the attributes, it is to be observed.
    pub(super) fn attributes_answered(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        wanted: WantedObservation,
        code: Code,
    ) {
        if code.is_success() {
            self.observations.write_attributes(registration.id, wanted.target.path(), wanted.attributes);
        }
        self.observe_wanted(now, registration, wanted);
    }

    /// An operator has written attributes. They belong to the observation of this path, if there is one.
    pub(super) fn attributes_written(
        &mut self,
        registration: &Registration,
        path: Path,
        written: &WriteAttributes,
    ) {
        let target = AttributeTarget::new(&path, &NoDefinitions, registration.version);
        let before = self.observations.attributes(registration.id, &path);
        // What goes beyond the standard was written to see what the client does, and not to stay.
        let Ok(attributes) = before.apply(written, &target) else { return };
        self.observations.write_attributes(registration.id, path, attributes);
        let endpoint = registration.endpoint.clone();
        if let Some(wanted) = self.observations.want_attributes(&endpoint, path, attributes) {
            self.persist_unwaited(Change::ObservationWanted { endpoint, wanted });
        }
    }

    fn observe_wanted(&mut self, now: Instant, registration: &Arc<Registration>, wanted: WantedObservation) {
        let target = wanted.target.clone();
        if let Err(error) = self.observe(now, registration, None, wanted, limits::OBSERVE_AGAIN_TIMEOUT) {
            self.ask_later(registration, target, error.to_string());
        }
    }

    /// What the client no longer gives in the format that was asked for is better had in another one.
    pub(super) fn observe_again_refused(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        wanted: WantedObservation,
        code: Code,
    ) {
        let endpoint = registration.endpoint.clone();
        let target = wanted.target.clone();
        let mut why = format!("the client answered {code} when it was asked again");
        if code == Code::NOT_ACCEPTABLE && wanted.accept.is_some() {
            let any_format = WantedObservation { accept: None, ..wanted };
            match self.observe(now, registration, None, any_format, limits::OBSERVE_AGAIN_TIMEOUT) {
                Ok(()) => return,
                Err(error) => why = error.to_string(),
            }
        }
        self.event(Event::ObservationEnded { endpoint, target, why });
    }

    /// The observation stays wanted: the next message of a client that did not hear the request tries again, and so does
    /// the next Register.
    pub(super) fn observe_again_failed(
        &mut self,
        registration: &Registration,
        wanted: WantedObservation,
        error: ExchangeError,
    ) {
        if error == ExchangeError::Timeout {
            let why = "the client did not answer when it was asked again".to_owned();
            return self.ask_later(registration, wanted.target, why);
        }
        let (endpoint, target) = (registration.endpoint.clone(), wanted.target);
        let why = format!("the client did not answer when it was asked again: {error}");
        self.event(Event::ObservationEnded { endpoint, target, why });
    }

    fn ask_later(&mut self, registration: &Registration, target: ObservationTarget, why: String) {
        self.observations.ask_later(registration.id, target.clone());
        let endpoint = registration.endpoint.clone();
        self.event(Event::ObservationPending { endpoint, target, why });
    }
}
