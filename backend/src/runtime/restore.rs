use std::collections::{BTreeMap, BTreeSet};

use coap::Instant;
use lwm2m_core::server::{Event, Registration, Restored, Server};
use store::{Store, StoreError};

use super::Told;
use crate::credentials::Credentials;

/// Goes on where an earlier server stopped, however it did: everyone is told what was stored, then the role.
pub(super) fn restore(
    store: &dyn Store,
    server: &mut Server,
    told: &Told,
    credentials: &Credentials,
    now: Instant,
) -> Result<(), StoreError> {
    let restored = Restored {
        registrations: store.registrations()?,
        wanted: store.all_wanted_observations()?,
        active: store.active_observations()?,
        configs: store.configs()?,
        commands: store.commands()?,
    };
    for (endpoint, label) in store.labels()? {
        let store::Label { name, tags, notes } = label;
        told.fleet.label(&endpoint, console_api::Label { name, tags, notes });
    }
    for (endpoint, config) in restored.configs.clone() {
        told.fleet.apply(&Event::Configured { endpoint, config });
    }
    for command in &restored.commands {
        told.fleet.apply(&Event::Command(command.clone()));
    }
    for registration in &restored.registrations {
        told.fleet.apply(&Event::Registered(registration.clone()));
        note_bootstrapped(registration, credentials, told, now);
    }
    // Those of clients that are not registered are not told.
    store.each_latest(&mut |reported| told.fleet.apply(&Event::Reported(reported)))?;
    tell_observations(&restored, told, now);
    if !restored.registrations.is_empty() {
        tracing::info!(clients = restored.registrations.len(), "going on with what is stored");
    }
    server.restore(now, restored);
    Ok(())
}

/// A crash may have come before it was stored that the device had come to the end of its bootstrap.
fn note_bootstrapped(registration: &Registration, credentials: &Credentials, told: &Told, now: Instant) {
    let Registration { identity, endpoint, registered_at, .. } = registration;
    let made_in = credentials.made_in(identity, endpoint, now.as_millis());
    told.bootstraps.registered(endpoint, made_in, registered_at.as_millis());
}

fn tell_observations(restored: &Restored, told: &Told, now: Instant) {
    let registered: BTreeSet<_> =
        restored.registrations.iter().map(|registration| registration.endpoint.as_str()).collect();
    for (endpoint, wanted) in &restored.wanted {
        let is_registered = registered.contains(endpoint.as_str());
        told.observations.expect(endpoint, wanted, is_registered, now.as_millis());
        told.fleet.wanted(endpoint, wanted);
    }
    let endpoints: BTreeMap<_, _> =
        restored.registrations.iter().map(|registration| (registration.id, &registration.endpoint)).collect();
    for observation in &restored.active {
        let Some(endpoint) = endpoints.get(&observation.registration) else { continue };
        let (endpoint, observation) = (String::clone(endpoint), observation.clone());
        let started = Event::ObservationStarted { endpoint, observation };
        told.observations.apply(&started, now.as_millis());
        told.fleet.apply(&started);
    }
}
