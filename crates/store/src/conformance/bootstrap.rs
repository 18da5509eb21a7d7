//! Configurations for the Bootstrap-Server, and its sessions.

use core::time::Duration;

use credentials::{CredentialId, Proof, Sealed};

use super::{at, security::stored};
use crate::{Audit, KeptBootstrap, KeptConfiguration, KeptStep, Outcome, SecurityChange, Store, limits};

pub(super) fn rules(make: &dyn Fn() -> Box<dyn Store>) {
    configurations_are_kept_with_their_versions(&mut *make());
    versions_of_a_configuration_are_bounded(&mut *make());
    an_id_of_a_configuration_is_not_given_again(&mut *make());
    a_session_its_steps_and_its_credentials_are_stored_together(&mut *make());
    sessions_that_are_over_are_bounded(&mut *make());
    sessions_that_are_old_go(&mut *make());
}

fn secure(engine: &mut dyn Store, changes: &[SecurityChange]) {
    assert_eq!(engine.secure(changes, &[]), Outcome::Stored);
}

fn version(id: u64, version: u32) -> KeptConfiguration {
    KeptConfiguration {
        id,
        version,
        saved_at: at(u64::from(version)),
        author: "somebody".into(),
        content: format!("{{\"name\":\"{id}.{version}\"}}").into_bytes(),
        sealed: version.is_multiple_of(2).then(|| Sealed(vec![1; 40])),
    }
}

fn put(kept: &KeptConfiguration) -> SecurityChange {
    SecurityChange::Configuration(Box::new(kept.clone()))
}

fn session(id: u64, is_over: bool) -> KeptBootstrap {
    let content = format!("{{\"over\":{is_over}}}").into_bytes();
    KeptBootstrap { id, endpoint: format!("e{id}"), begun_at: at(id), is_over, content }
}

fn begin(kept: &KeptBootstrap) -> SecurityChange {
    SecurityChange::Bootstrap(Box::new(kept.clone()))
}

fn step(session: u64, number: u32) -> KeptStep {
    KeptStep { session, number, content: format!("{session}.{number}").into_bytes() }
}

fn configurations_are_kept_with_their_versions(engine: &mut dyn Store) {
    assert_eq!(engine.configurations().expect("readable"), []);
    secure(engine, &[put(&version(2, 1)), put(&version(1, 1)), put(&version(2, 2))]);
    let kept = [version(1, 1), version(2, 1), version(2, 2)];
    assert_eq!(engine.configurations().expect("readable"), kept);
    secure(engine, &[SecurityChange::ConfigurationForgotten(2)]);
    assert_eq!(engine.configurations().expect("readable"), [version(1, 1)]);
}

fn versions_of_a_configuration_are_bounded(engine: &mut dyn Store) {
    let last = limits::CONFIGURATION_VERSIONS + 2;
    let all: Vec<_> = (1..=last).map(|number| put(&version(1, number))).collect();
    secure(engine, &all);
    secure(engine, &[put(&version(2, 1))]);
    let kept = engine.configurations().expect("readable");
    let numbers: Vec<_> = kept.iter().map(|kept| (kept.id, kept.version)).collect();
    let expected: Vec<_> = (3..=last).map(|number| (1, number)).chain([(2, 1)]).collect();
    assert_eq!(numbers, expected, "the oldest go, of the configuration that grew");
}

fn an_id_of_a_configuration_is_not_given_again(engine: &mut dyn Store) {
    assert_eq!(engine.last_configuration().expect("readable"), 0);
    secure(engine, &[put(&version(7, 1)), SecurityChange::ConfigurationForgotten(7)]);
    assert_eq!(engine.configurations().expect("readable"), []);
    assert_eq!(engine.last_configuration().expect("readable"), 7);
}

fn a_session_its_steps_and_its_credentials_are_stored_together(engine: &mut dyn Store) {
    assert_eq!(engine.last_bootstrap().expect("readable"), 0);
    let mut credential = stored(1, "e5", Proof::Certificate(None));
    credential.credential.made_in = Some(5);
    let audit = Audit {
        at: at(5),
        author: "bootstrap".into(),
        what: "add_credential".into(),
        endpoint: Some("e5".into()),
        details: "session 5".into(),
    };
    let changes = [
        begin(&session(5, false)),
        SecurityChange::Credential(Box::new(credential.clone())),
        SecurityChange::BootstrapStep(step(5, 1)),
        SecurityChange::BootstrapStep(step(5, 0)),
    ];
    assert_eq!(engine.secure(&changes, std::slice::from_ref(&audit)), Outcome::Stored);
    assert_eq!(engine.bootstraps().expect("readable"), [session(5, false)]);
    assert_eq!(engine.bootstrap_steps(5).expect("readable"), [step(5, 0), step(5, 1)]);
    assert_eq!(engine.bootstrap_steps(6).expect("readable"), []);
    assert_eq!(engine.credentials().expect("readable"), [credential]);
    assert_eq!(engine.audits().expect("readable"), [audit]);
    let withdrawn = SecurityChange::CredentialForgotten(CredentialId(1));
    secure(engine, &[begin(&session(5, true)), SecurityChange::BootstrapStep(step(5, 2)), withdrawn]);
    assert_eq!(engine.bootstraps().expect("readable"), [session(5, true)]);
    assert_eq!(engine.bootstrap_steps(5).expect("readable").len(), 3);
    assert_eq!(engine.last_bootstrap().expect("readable"), 5);
}

fn sessions_that_are_over_are_bounded(engine: &mut dyn Store) {
    let running = session(1, false);
    let over: Vec<_> = (2..=4).map(|id| session(id, true)).collect();
    let mut changes: Vec<_> = over.iter().chain([&running]).map(begin).collect();
    changes.extend((1..=4).map(|id| SecurityChange::BootstrapStep(step(id, 0))));
    secure(engine, &changes);
    let newest = session(limits::BOOTSTRAPS + 3, true);
    secure(engine, &[begin(&newest)]);
    assert_eq!(engine.bootstraps().expect("readable"), [running, session(4, true), newest]);
    let steps: Vec<_> = (1..=4).map(|id| engine.bootstrap_steps(id).expect("readable").len()).collect();
    assert_eq!(steps, [1, 0, 0, 1], "steps go with their session");
    assert_eq!(engine.last_bootstrap().expect("readable"), limits::BOOTSTRAPS + 3);
}

fn sessions_that_are_old_go(engine: &mut dyn Store) {
    secure(engine, &[begin(&session(1, true)), begin(&session(2, true))]);
    let later = KeptBootstrap { begun_at: at(2) + limits::BOOTSTRAP_KEPT, ..session(3, false) };
    secure(engine, &[begin(&later)]);
    assert_eq!(engine.bootstraps().expect("readable"), [session(2, true), later]);
    let much_later = KeptBootstrap {
        begun_at: at(3) + limits::BOOTSTRAP_KEPT + Duration::from_secs(1),
        ..session(4, true)
    };
    secure(engine, &[begin(&much_later)]);
    let kept: Vec<_> = engine.bootstraps().expect("readable").iter().map(|kept| kept.id).collect();
    assert_eq!(kept, [3, 4]);
}
