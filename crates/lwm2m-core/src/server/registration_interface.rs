//! Client Registration interface (LwM2M 1.0 TS §5.3): Register, Update, De-register, and expiry.

use std::sync::Arc;

use coap::{Code, Instant, Message, Options, RequestId};
use lwm2m_codec::{
    ContentFormat,
    registration::{LwM2mVersion, ObjectLinks, ParameterError, RegisterParameters, UpdateParameters},
};
use rand_core::RngCore;

use super::{
    Change, Departure, Event, Flow, OperationError, Outcome, Registration, RegistrationId, Server, limits,
};
use crate::{Peer, PeerIdentity};

/// A request that is refused: code and reason.
pub(crate) type Refusal = (Code, String);

impl Server {
    pub(super) fn register(
        &mut self,
        now: Instant,
        request: RequestId,
        peer: Peer,
        identity: PeerIdentity,
        message: &Message,
    ) {
        if !self.flows.has_room() || !self.registrations.has_room() {
            return self.refuse_for_now(now, request, peer, "Register: no room");
        }
        match self.read_register(now, peer, identity, message) {
            Ok(mut registration) => {
                registration.links = self.object_lists.share(registration.links);
                if !message.payload.is_empty() {
                    self.profiles.learn(&registration);
                }
                let registration = Arc::new(registration);
                let change = Change::Registered(Arc::clone(&registration));
                self.persist(Flow::Register { request, registration }, change);
            }
            Err((code, what)) => self.refuse(now, request, peer, code, format!("Register: {what}")),
        }
    }

    fn read_register(
        &mut self,
        now: Instant,
        peer: Peer,
        identity: PeerIdentity,
        message: &Message,
    ) -> Result<Registration, Refusal> {
        let parameters = RegisterParameters::parse(queries(message)?.into_iter()).map_err(refusal)?;
        self.check_additional(&parameters.additional)?;
        let proven = self.proven(peer).flatten();
        let endpoint = self.config.admission.admit(proven, parameters.endpoint.clone())?;
        let links = self.read_objects(&endpoint, &parameters, message)?;
        // Who has proven nothing must not take over the endpoint of who has. A credential may follow another one.
        let known = self.registrations.by_endpoint(&endpoint);
        if proven.is_none() && known.is_some_and(|known| known.identity != identity) {
            return Err((Code::FORBIDDEN, "this endpoint is registered by another identity".into()));
        }
        let mut random = [0; 10];
        self.random.fill_bytes(&mut random);
        let id = RegistrationId::new(random);
        Ok(Registration::new(id, endpoint, peer, identity, parameters, links, now))
    }

    /// The Objects of a client: its list, its profiles, or both (Core 1.2 §6.2.1).
    fn read_objects(
        &self,
        endpoint: &str,
        parameters: &RegisterParameters,
        message: &Message,
    ) -> Result<ObjectLinks, Refusal> {
        let mut links = read_links(message)?;
        let profile_ids = match parameters.version {
            LwM2mVersion::V1_2 => parameters.profile_ids.as_slice(),
            _ => &[],
        };
        let known = self.profiles.complete(endpoint, profile_ids, &mut links);
        if !message.payload.is_empty() {
            return Ok(links);
        }
        match known {
            Ok(()) if !profile_ids.is_empty() => Ok(links),
            Ok(()) => {
                // Since 1.2 the list may be asked for with 4.09.
                let code = match parameters.version {
                    LwM2mVersion::V1_2 => Code::CONFLICT,
                    _ => Code::BAD_REQUEST,
                };
                Err((code, "a list of Objects expected, got an empty payload".into()))
            }
            Err(unknown) => {
                Err((Code::CONFLICT, format!("a known profile or a list expected, got pid {unknown:?}")))
            }
        }
    }

    /// Parameters that the standard does not know are kept, unless the operator wants them refused.
    fn check_additional(&self, additional: &[(String, Option<String>)]) -> Result<(), Refusal> {
        match additional.first().filter(|_| self.config.strict_parameters) {
            None => Ok(()),
            Some((name, _)) => {
                Err((Code::BAD_REQUEST, format!("only parameters of LwM2M expected, got {name:?}")))
            }
        }
    }

    pub(super) fn finish_register(
        &mut self,
        now: Instant,
        request: RequestId,
        registration: Arc<Registration>,
        outcome: Outcome,
    ) {
        if let Outcome::Failed(why) = outcome {
            return self.refuse_for_now(
                now,
                request,
                registration.peer,
                &format!("Register: not stored: {why}"),
            );
        }
        // LwM2M 1.0 TS §5.3.1: a new registration replaces the old one of the same client.
        if let Some(replaced) = self.registrations.insert(Arc::clone(&registration)) {
            self.end_registration(now, &replaced, Departure::Replaced);
        }
        let location = ["rd".to_owned(), registration.id.to_string()];
        let options = Options::default().with_location(&location);
        // Who reads the answer finds the registration.
        self.event(Event::Registered(Arc::clone(&registration)));
        self.respond(now, request, Code::CREATED, options);
        // Only after the answer: no request may reach the client before it (Core 1.1 §6.3).
        self.observe_again(now, &registration);
        self.heard(now, &registration);
    }

    pub(super) fn update(
        &mut self,
        now: Instant,
        request: RequestId,
        peer: Peer,
        identity: &PeerIdentity,
        location: &str,
        message: &Message,
    ) {
        if !self.flows.has_room() {
            return self.refuse_for_now(now, request, peer, "Update: no room");
        }
        match self.read_update(now, peer, identity, location, message) {
            Ok(mut registration) => {
                // Most Updates have no list, and keep the one that is shared already.
                if !message.payload.is_empty() {
                    registration.links = self.object_lists.share(registration.links);
                }
                let registration = Arc::new(registration);
                if self.registrations.renew(&registration) {
                    return self.updated(now, request, &registration);
                }
                self.registrations.accept(Arc::clone(&registration));
                let change = Change::Updated(Arc::clone(&registration));
                self.persist(Flow::Update { request, registration }, change);
            }
            Err((code, what)) => self.refuse(now, request, peer, code, format!("Update: {what}")),
        }
    }

    fn read_update(
        &self,
        now: Instant,
        peer: Peer,
        identity: &PeerIdentity,
        location: &str,
        message: &Message,
    ) -> Result<Registration, Refusal> {
        let known = self.locate(location, identity)?;
        let parameters =
            UpdateParameters::parse(queries(message)?.into_iter(), known.version).map_err(refusal)?;
        if parameters.endpoint.as_ref().is_some_and(|endpoint| *endpoint != known.endpoint) {
            return Err((
                Code::BAD_REQUEST,
                format!("ep {:?} or none expected, got another", known.endpoint),
            ));
        }
        if let Some(version) = parameters.version.filter(|version| *version != known.version) {
            return Err((
                Code::BAD_REQUEST,
                format!("lwm2m {} or none expected, got {version}", known.version),
            ));
        }
        self.check_additional(&parameters.additional)?;
        let links = self.read_changed_objects(known, &parameters, message)?;
        Ok(known.updated(peer, parameters, links, now))
    }

    /// The new Objects of a client, when it gives any.
    fn read_changed_objects(
        &self,
        known: &Registration,
        parameters: &UpdateParameters,
        message: &Message,
    ) -> Result<Option<ObjectLinks>, Refusal> {
        let profile_ids = match known.version {
            LwM2mVersion::V1_2 => parameters.profile_ids.as_slice(),
            _ => &[],
        };
        if message.payload.is_empty() && profile_ids.is_empty() {
            return Ok(None);
        }
        let mut links = read_links(message)?;
        if message.payload.is_empty() {
            links.root.clone_from(&known.links.root);
            links.content_formats.clone_from(&known.links.content_formats);
        }
        match self.profiles.complete(&known.endpoint, profile_ids, &mut links) {
            Err(unknown) if message.payload.is_empty() => {
                Err((Code::BAD_REQUEST, format!("a known profile or a list expected, got pid {unknown:?}")))
            }
            _ => Ok(Some(links)),
        }
    }

    pub(super) fn finish_update(
        &mut self,
        now: Instant,
        request: RequestId,
        registration: &Arc<Registration>,
        outcome: Outcome,
    ) {
        if let Outcome::Failed(why) = outcome {
            self.registrations.revert(registration);
            return self.refuse_for_now(
                now,
                request,
                registration.peer,
                &format!("Update: not stored: {why}"),
            );
        }
        let before = self.registrations.by_id(registration.id).cloned();
        if self.registrations.confirm(registration) {
            self.updated(now, request, registration);
            if let Some(before) = before {
                self.end_observations_of_deleted(now, &before, registration);
            }
        } else {
            let what = "Update: the registration ended meanwhile".to_owned();
            self.refuse(now, request, registration.peer, Code::NOT_FOUND, what);
        }
    }

    fn updated(&mut self, now: Instant, request: RequestId, registration: &Arc<Registration>) {
        self.event(Event::Updated(Arc::clone(registration)));
        self.respond(now, request, Code::CHANGED, Options::default());
        self.heard(now, registration);
    }

    pub(super) fn deregister(
        &mut self,
        now: Instant,
        request: RequestId,
        peer: Peer,
        identity: &PeerIdentity,
        location: &str,
    ) {
        if !self.flows.has_room() {
            return self.refuse_for_now(now, request, peer, "De-register: no room");
        }
        match self.locate(location, identity) {
            Ok(known) => {
                let (id, endpoint) = (known.id, known.endpoint.clone());
                self.persist(Flow::Deregister { request, id }, Change::Removed { endpoint, id });
            }
            Err((code, what)) => self.refuse(now, request, peer, code, format!("De-register: {what}")),
        }
    }

    pub(super) fn finish_deregister(
        &mut self,
        now: Instant,
        request: RequestId,
        id: RegistrationId,
        outcome: Outcome,
    ) {
        let Some(registration) = self.registrations.by_id(id).cloned() else {
            // Gone since the request came: what the client wanted is so (two De-registers, or expiry).
            return self.respond(now, request, Code::DELETED, Options::default());
        };
        if let Outcome::Failed(why) = outcome {
            let what = format!("De-register: not stored: {why}");
            return self.refuse_for_now(now, request, registration.peer, &what);
        }
        self.registrations.remove(id);
        self.end_registration(now, &registration, Departure::Deregistered);
        self.respond(now, request, Code::DELETED, Options::default());
    }

    /// LwM2M 1.0 TS §5.3: without an Update within its lifetime a registration is removed.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some(id) = self.registrations.expired(now) {
            let Some(registration) = self.registrations.remove(id) else { continue };
            let endpoint = registration.endpoint.clone();
            self.persist_unwaited(Change::Removed { endpoint, id });
            self.end_registration(now, &registration, Departure::Expired);
        }
        self.drain(now);
    }

    /// What belongs to a registration ends with it: its observations and the requests still open.
    pub(super) fn end_registration(
        &mut self,
        now: Instant,
        registration: &Arc<Registration>,
        why: Departure,
    ) {
        for token in self.observations.end_all(registration.id) {
            self.persist_unwaited(Change::ObservationEnded { token });
        }
        for (exchange, pending) in self.exchanges.take_all(registration.id) {
            self.endpoint.cancel_exchange(now, exchange);
            if let Some(asker) = pending.asker {
                self.answer(asker, Err(OperationError::Departed));
            }
        }
        self.refusals.remove(&registration.id);
        self.awake.remove(registration.id);
        if why != Departure::Replaced {
            self.expire_commands(now, &registration.endpoint);
        }
        self.event(Event::Departed { registration: Arc::clone(registration), why });
    }

    /// The registration at a location, for the identity that registered it. Anyone else is told that there is
    /// none.
    fn locate(&self, location: &str, identity: &PeerIdentity) -> Result<&Arc<Registration>, Refusal> {
        RegistrationId::parse(location)
            .and_then(|id| self.registrations.latest(id))
            .filter(|registration| registration.identity == *identity)
            .ok_or_else(|| (Code::NOT_FOUND, "no registration at this location".into()))
    }
}

fn queries(message: &Message) -> Result<Vec<&str>, Refusal> {
    message.options.uri_query().map_err(|_| (Code::BAD_REQUEST, "Uri-Query expected in UTF-8".into()))
}

fn refusal(error: ParameterError) -> Refusal {
    let code = if error.unsupported_version() { Code::PRECONDITION_FAILED } else { Code::BAD_REQUEST };
    (code, error.to_string())
}

/// The list of Objects and Object Instances (LwM2M 1.0 TS §5.3.1, RFC 6690).
fn read_links(message: &Message) -> Result<ObjectLinks, Refusal> {
    if let Some(format) = message.options.content_format()
        && ContentFormat(format) != ContentFormat::CORE_LINK
    {
        let what = format!("Content-Format 40 (link format) expected, got {format}");
        return Err((Code::UNSUPPORTED_CONTENT_FORMAT, what));
    }
    let links = ObjectLinks::parse(&message.payload).map_err(|e| (Code::BAD_REQUEST, e.to_string()))?;
    let instances: usize = links.objects.values().map(|object| object.instances.len()).sum();
    if links.objects.len() > limits::OBJECTS_PER_CLIENT || instances > limits::INSTANCES_PER_CLIENT {
        let what = format!(
            "at most {} Objects and {} Instances expected, got {} and {instances}",
            limits::OBJECTS_PER_CLIENT,
            limits::INSTANCES_PER_CLIENT,
            links.objects.len()
        );
        return Err((Code::REQUEST_ENTITY_TOO_LARGE, what));
    }
    Ok(links)
}
