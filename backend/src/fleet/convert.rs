//! What the server role knows, in the words of REST and the WebSocket.

use console_api::{Client, ObjectEntry, Observation, Reported, SecurityMode, Source};
use lwm2m_core::{
    PeerIdentity,
    server::{self, ObservationTarget, Refusals},
};

use super::row::Row;

pub(crate) fn to_client(row: &Row) -> Client {
    let registration = &row.registration;
    let objects = registration.links.objects.iter().map(|(id, object)| ObjectEntry {
        id: *id,
        version: object.version.clone(),
        instances: object.instances.iter().copied().collect(),
    });
    Client {
        id: row.id,
        endpoint: registration.endpoint.clone(),
        name: row.label.as_ref().and_then(|label| label.name.clone()),
        tags: row.label.as_ref().map(|label| label.tags.clone()).unwrap_or_default(),
        status: row.status(),
        registration_id: registration.id.to_string(),
        address: row.address(),
        security: to_security(&registration.identity),
        lwm2m_version: registration.version.to_string(),
        lifetime_s: registration.lifetime_s,
        binding: registration.binding.to_string(),
        queue_mode: registration.queue_mode,
        queue: row.queue,
        sms_number: registration.sms_number.clone(),
        registered_at_ms: registration.registered_at.as_millis(),
        updated_at_ms: registration.updated_at.as_millis(),
        heard_at_ms: row.heard_at_ms,
        expires_at_ms: registration.expires_at().as_millis(),
        departed: row.departed,
        root: registration.links.root.clone(),
        content_formats: registration.links.content_formats.iter().map(|format| format.0).collect(),
        objects: objects.collect(),
        observation_count: row.observations,
        latest: row.latest.as_ref().map(|latest| to_reported(row.id, latest)),
        remarks: registration.links.remarks.clone(),
    }
}

pub(super) fn to_security(identity: &PeerIdentity) -> SecurityMode {
    match identity {
        PeerIdentity::NoSec => SecurityMode::NoSec,
        PeerIdentity::Psk(_) => SecurityMode::Psk,
        PeerIdentity::RawPublicKey(_) => SecurityMode::RawPublicKey,
        PeerIdentity::Certificate(_) => SecurityMode::Certificate,
    }
}

pub(super) fn to_reported(client: u32, reported: &server::Reported) -> Reported {
    Reported {
        client,
        path: reported.path.to_string(),
        source: to_source(reported.source),
        content_format: reported.content_format.map(|format| format.0),
        payload: reported.payload.clone(),
        at_ms: reported.at.as_millis(),
        sequence: reported.sequence,
        confirmable: reported.confirmable,
    }
}

pub(crate) const fn to_source(source: server::Source) -> Source {
    match source {
        server::Source::Read => Source::Read,
        server::Source::Discover => Source::Discover,
        server::Source::Notify => Source::Notify,
        server::Source::Write => Source::Write,
        server::Source::ReadComposite => Source::ReadComposite,
        server::Source::WriteComposite => Source::WriteComposite,
        server::Source::Send => Source::Send,
    }
}

pub(super) fn to_observation(client: u32, target: &ObservationTarget, since_ms: u64) -> Observation {
    let paths = match target {
        ObservationTarget::Path(_) => Vec::new(),
        ObservationTarget::Paths(paths) => paths.iter().map(ToString::to_string).collect(),
    };
    Observation { client, path: target.path().to_string(), paths, since_ms }
}

pub(super) fn in_words(refusals: &Refusals) -> Vec<String> {
    let formats = refusals.formats.iter().map(|format| format!("Content-Format {format}"));
    let read = refusals.composite_read.then(|| "Read-Composite and Observe-Composite".to_owned());
    let written = refusals.composite_write.then(|| "Write-Composite".to_owned());
    formats.chain(read).chain(written).collect()
}
