//! Credentials, the server's own secrets, and sessions.

use credentials::{Credential, CredentialId, Proof, Sealed, Server, Stored};

use super::{at, registration, store};
use crate::{Audit, Change, KeptSession, Outcome, SecurityChange, ServerSecret, Store};

pub(super) fn rules(make: &dyn Fn() -> Box<dyn Store>) {
    credentials_are_kept_with_their_versions(&mut *make());
    an_id_of_a_credential_is_not_given_again(&mut *make());
    the_last_use_is_the_latest(&mut *make());
    security_and_who_changed_it_are_stored_together(&mut *make());
    secrets_of_the_server_are_kept_by_name(&mut *make());
    sessions_go_on_and_their_numbers_do_not_come_again(&mut *make());
}

fn secure(engine: &mut dyn Store, changes: &[SecurityChange]) {
    assert_eq!(engine.secure(changes, &[]), Outcome::Stored);
}

fn put(stored: &Stored) -> SecurityChange {
    SecurityChange::Credential(Box::new(stored.clone()))
}

fn credentials_are_kept_with_their_versions(engine: &mut dyn Store) {
    let psk = Proof::Psk { identity: "identité".into(), key_bytes: 16 };
    let first = stored(1, "a", psk);
    let mut second = stored(2, "a", Proof::RawPublicKey(vec![0x30, 0x59]));
    (second.credential.version, second.sealed) = (2, None);
    (second.credential.server, second.credential.made_in) = (Server::Bootstrap, Some(9));
    let third = stored(3, "b", Proof::Certificate(Some(vec![0x30])));
    let fourth = stored(4, "c", Proof::Certificate(None));
    secure(engine, &[put(&first), put(&second), put(&third), put(&fourth)]);
    let all = [first.clone(), second.clone(), third, fourth.clone()];
    assert_eq!(engine.credentials().expect("readable"), all);
    let mut changed = first;
    changed.credential.retire_at_ms = Some(7);
    changed.credential.revoked_at_ms = Some(8);
    changed.credential.note = "n".into();
    changed.sealed = Some(Sealed(vec![9; 40]));
    secure(engine, &[put(&changed), SecurityChange::CredentialForgotten(CredentialId(3))]);
    store(engine, &[Change::Registered(registration("a", 1)), Change::Forgotten { endpoint: "a".into() }]);
    let all = [changed, second, fourth];
    assert_eq!(engine.credentials().expect("readable"), all, "they outlive a client that is forgotten");
}

fn an_id_of_a_credential_is_not_given_again(engine: &mut dyn Store) {
    assert_eq!(engine.last_credential().expect("readable"), None);
    secure(engine, &[put(&stored(5, "a", Proof::Certificate(None)))]);
    secure(engine, &[SecurityChange::CredentialForgotten(CredentialId(5))]);
    assert_eq!(engine.credentials().expect("readable"), []);
    assert_eq!(engine.last_credential().expect("readable"), Some(CredentialId(5)));
}

fn the_last_use_is_the_latest(engine: &mut dyn Store) {
    secure(engine, &[put(&stored(1, "a", Proof::Certificate(None)))]);
    for ms in [5, 9, 7] {
        secure(engine, &[SecurityChange::CredentialUsed(CredentialId(1), at(ms))]);
    }
    secure(engine, &[SecurityChange::CredentialUsed(CredentialId(2), at(1))]);
    let used: Vec<_> = engine.credentials().expect("readable").into_iter().collect();
    assert_eq!(used.len(), 1);
    assert_eq!(used[0].credential.last_used_at_ms, Some(9));
}

fn security_and_who_changed_it_are_stored_together(engine: &mut dyn Store) {
    let audit = Audit {
        at: at(1),
        author: "somebody".into(),
        what: "add_credential".into(),
        endpoint: Some("a".into()),
        details: "version 1".into(),
    };
    let change = put(&stored(1, "a", Proof::Certificate(None)));
    assert_eq!(engine.secure(&[change], std::slice::from_ref(&audit)), Outcome::Stored);
    assert_eq!(engine.audits().expect("readable"), [audit]);
}

fn secrets_of_the_server_are_kept_by_name(engine: &mut dyn Store) {
    let secret = |name: &str, byte| ServerSecret {
        name: name.into(),
        public: vec![byte],
        sealed: Sealed(vec![byte; 40]),
    };
    secure(
        engine,
        &[SecurityChange::Server(secret("raw", 1)), SecurityChange::Server(secret("authority", 2))],
    );
    secure(engine, &[SecurityChange::Server(secret("raw", 3))]);
    let kept = engine.server_secrets().expect("readable");
    assert_eq!(kept, [secret("authority", 2), secret("raw", 3)]);
    let forgotten = |name: &str| SecurityChange::ServerForgotten(name.into());
    secure(engine, &[forgotten("authority"), forgotten("nothing")]);
    assert_eq!(engine.server_secrets().expect("readable"), [secret("raw", 3)]);
}

fn sessions_go_on_and_their_numbers_do_not_come_again(engine: &mut dyn Store) {
    let session = |id, byte| KeptSession {
        id,
        credential: CredentialId(1),
        endpoint: "a".into(),
        sealed: Sealed(vec![byte; 40]),
    };
    assert_eq!(engine.last_session().expect("readable"), 0);
    secure(engine, &[SecurityChange::SessionsReserved(64), SecurityChange::SessionsReserved(32)]);
    assert_eq!(engine.last_session().expect("readable"), 64);
    secure(engine, &[SecurityChange::Session(session(2, 1)), SecurityChange::Session(session(1, 1))]);
    secure(engine, &[SecurityChange::Session(session(2, 2)), SecurityChange::Session(session(70, 1))]);
    let kept = engine.sessions().expect("readable");
    assert_eq!(kept, [session(1, 1), session(2, 2), session(70, 1)]);
    secure(engine, &[SecurityChange::SessionEnded(70), SecurityChange::SessionEnded(99)]);
    assert_eq!(engine.sessions().expect("readable"), [session(1, 1), session(2, 2)]);
    assert_eq!(engine.last_session().expect("readable"), 70);
}

pub(super) fn stored(id: u64, endpoint: &str, proof: Proof) -> Stored {
    let credential = Credential {
        id: CredentialId(id),
        endpoint: endpoint.into(),
        server: Server::DeviceManagement,
        version: 1,
        proof,
        note: String::new(),
        created_at_ms: 3,
        author: "somebody".into(),
        retire_at_ms: None,
        revoked_at_ms: None,
        last_used_at_ms: None,
        made_in: None,
    };
    Stored { credential, sealed: Some(Sealed(vec![1, 2, 3])) }
}
