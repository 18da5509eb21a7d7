//! Send (Core 1.1 §6.4.6): a client reports values that nobody observes.

use std::sync::Arc;

use coap::{Code, Instant, Message, Options, RequestId};
use lwm2m_codec::{ContentFormat, Decoder, NoDefinitions, Path};

use super::{
    Change, Delivery, Event, Flow, Outcome, Registration, Reported, Server, Source, limits,
    registration_interface::Refusal,
};
use crate::{Peer, PeerIdentity};

/// Formats in which every value has its path (Core 1.2 §7.4).
const FORMATS: [ContentFormat; 3] =
    [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR, ContentFormat::LWM2M_CBOR];

impl Server {
    pub(super) fn receive_send(
        &mut self,
        now: Instant,
        request: RequestId,
        peer: Peer,
        identity: &PeerIdentity,
        message: &Message,
    ) {
        if !self.flows.has_room() {
            return self.refuse_for_now(now, request, peer, "Send: no room");
        }
        match self.read_send(peer, identity, message) {
            Ok((registration, content_format)) => {
                let reported = Arc::new(Reported {
                    endpoint: registration.endpoint.clone(),
                    path: Path::ROOT,
                    source: Source::Send,
                    content_format: Some(content_format),
                    payload: message.payload.clone(),
                    at: now,
                    sequence: None,
                    confirmable: true,
                    delivery: Some(Delivery { token: message.token, message_id: message.message_id.0 }),
                    current: true,
                });
                let change = Change::Reported(Arc::clone(&reported));
                self.persist(Flow::Send { request, peer, reported }, change);
            }
            Err((code, what)) => self.refuse(now, request, peer, code, format!("Send: {what}")),
        }
    }

    pub(super) fn finish_send(
        &mut self,
        now: Instant,
        request: RequestId,
        peer: Peer,
        reported: Arc<Reported>,
        outcome: Outcome,
    ) {
        if let Outcome::Failed(why) = outcome {
            return self.refuse_for_now(now, request, peer, &format!("Send: not stored: {why}"));
        }
        self.respond(now, request, Code::CHANGED, Options::default());
        let registration = self.registrations.by_endpoint(&reported.endpoint).cloned();
        if outcome == Outcome::Stored {
            self.event(Event::Reported(reported));
        }
        if let Some(registration) = registration {
            self.heard(now, &registration);
        }
    }

    /// Whose payload it is: the one registration of the peer that it fits.
    fn read_send(
        &self,
        peer: Peer,
        identity: &PeerIdentity,
        message: &Message,
    ) -> Result<(Arc<Registration>, ContentFormat), Refusal> {
        let senders = self.senders(peer, identity);
        if senders.is_empty() {
            return Err((Code::BAD_REQUEST, "a registered client expected, got an unknown peer".into()));
        }
        let format = send_format(message)?;
        let mut fitting = Vec::new();
        let mut refusal = None;
        for sender in senders {
            match check_payload(sender, format, &message.payload) {
                Ok(()) => fitting.push(sender),
                Err(refused) => {
                    refusal.get_or_insert(refused);
                }
            }
        }
        match (fitting.as_slice(), refusal) {
            ([sender], _) => Ok((Arc::clone(sender), format)),
            ([], Some(refusal)) => Err(refusal),
            _ => {
                let what = format!(
                    "values that fit one registration of this address expected, they fit {}",
                    fitting.len()
                );
                Err((Code::BAD_REQUEST, what))
            }
        }
    }

    /// The registrations that a peer may speak for. Without security an address may be that of several clients.
    fn senders(&self, peer: Peer, identity: &PeerIdentity) -> Vec<&Arc<Registration>> {
        let here = self.registrations.by_peer(peer).take(limits::REGISTRATIONS_PER_SENDER);
        let here: Vec<_> = here.filter(|registration| registration.identity == *identity).collect();
        if !here.is_empty() {
            return here;
        }
        // A new session of a client that is registered: its identity tells who it is.
        let proven = self.proven(peer).flatten();
        let known = proven.and_then(|proven| self.registrations.by_endpoint(&proven.endpoint));
        known.filter(|registration| registration.identity == *identity).into_iter().collect()
    }
}

fn send_format(message: &Message) -> Result<ContentFormat, Refusal> {
    let names = FORMATS.map(|format| format.to_string()).join(", ");
    let Some(format) = message.options.content_format().map(ContentFormat) else {
        return Err((Code::BAD_REQUEST, format!("Content-Format {names} expected, got none")));
    };
    if !FORMATS.contains(&format) {
        let what = format!("Content-Format {names} expected, got {format}");
        return Err((Code::UNSUPPORTED_CONTENT_FORMAT, what));
    }
    Ok(format)
}

/// Resources that nobody knows are no mistake, Objects that the client has not registered are.
fn check_payload(registration: &Registration, format: ContentFormat, payload: &[u8]) -> Result<(), Refusal> {
    let decoder = Decoder::new(format, &Path::ROOT, &NoDefinitions).root(&registration.links.root);
    let records = decoder.decode(payload).map_err(|error| (Code::BAD_REQUEST, error.to_string()))?;
    let objects = &registration.links.objects;
    let unknown = records
        .iter()
        .find(|record| record.path.object_id().is_none_or(|object| !objects.contains_key(&object)));
    match unknown {
        None => Ok(()),
        Some(record) => Err((Code::NOT_FOUND, format!("a registered Object expected, got {}", record.path))),
    }
}
