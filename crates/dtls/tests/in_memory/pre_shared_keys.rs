use dtls::{
    ClientOutput, CloseReason, HandshakeFailure, Identity, NotAdmitted, Output, ServerConfig, SessionId,
};

use crate::world::{KEY, World, psk, table};

#[test]
fn s_128_every_suite_with_a_pre_shared_key_carries_data() {
    for suite in [0xc0a8, 0xc0a4, 0x00a8, 0x00ae] {
        let table = table();
        let server = ServerConfig { cbc: true, ..ServerConfig::new(table.clone()) };
        let mut client = psk(b"device", KEY);
        client.suites = vec![suite];
        let mut world = World::with(server, client, table);
        world.connect();
        world.echo();
        assert_eq!(world.suite(), suite);
        let connected = world.of_server.iter().find_map(|output| match output {
            Output::Connected { identity, connection_id, .. } => Some((identity, connection_id.is_some())),
            _ => None,
        });
        // Records that only OpenSSL has carry no Connection ID.
        assert_eq!(connected, Some((&Identity::Psk(b"device".to_vec()), suite != 0x00ae)));
        assert_eq!(world.server.usage().whole_sessions.used, usize::from(suite == 0x00ae));
    }
}

#[test]
fn s_128_ccm_8_is_preferred_and_cbc_only_where_it_is_allowed() {
    let table = table();
    let server = ServerConfig { cbc: true, ..ServerConfig::new(table.clone()) };
    let mut world = World::with(server, psk(b"device", KEY), table);
    world.connect();
    assert_eq!(world.suite(), 0xc0a8);

    let table = crate::world::table();
    let mut client = psk(b"device", KEY);
    client.suites = vec![0x00ae];
    let mut world = World::with(ServerConfig::new(table.clone()), client, table);
    world.connect();
    let [Output::Failed { failure: HandshakeFailure::NoCommonCipherSuite { offered }, .. }] =
        &world.of_server[..]
    else {
        panic!("{:?}", world.of_server);
    };
    assert!(offered.contains(&0x00ae), "{offered:?}");
    assert_eq!(world.used(), (0, 0));
}

#[test]
fn s_129_identities_of_128_bytes_and_keys_of_64() {
    for (identity, key) in [(1, 1), (128, 64)] {
        let (identity, key) = (vec![b'i'; identity], vec![0xa5; key]);
        let table = table();
        table.keys.lock().unwrap().insert(identity.clone(), key.clone());
        let mut world = World::with(ServerConfig::new(table.clone()), psk(&identity, &key), table);
        world.connect();
        world.echo();
    }
    let (identity, key) = (vec![b'i'; 129], vec![0xa5; 64]);
    let table = table();
    table.keys.lock().unwrap().insert(identity.clone(), key.clone());
    let mut world = World::with(ServerConfig::new(table.clone()), psk(&identity, &key), table);
    world.connect();
    world.pass(61);
    assert!(!world.of_server.iter().any(|output| matches!(output, Output::Connected { .. })));
}

#[test]
fn s_133_an_unknown_identity_is_refused_and_leaves_nothing() {
    let table = table();
    let mut world = World::with(ServerConfig::new(table.clone()), psk(b"stranger", KEY), table);
    world.connect();
    assert_eq!(world.of_client, [ClientOutput::Failed(HandshakeFailure::Alert { alert: 115 })]);
    assert!(matches!(
        &world.of_server[..],
        [Output::Failed { failure: HandshakeFailure::UnknownPskIdentity, identity: Some(Identity::Psk(who)), .. }]
            if who == b"stranger"
    ));
    assert_eq!(world.used(), (0, 0));
    assert_eq!(world.server.usage().resumable.used, 0);
}

#[test]
fn s_133_a_wrong_key_is_noticed_and_leaves_nothing() {
    for suite in [0xc0a8, 0x00ae] {
        let table = table();
        let server = ServerConfig { cbc: true, ..ServerConfig::new(table.clone()) };
        let mut client = psk(b"device", b"another key 0123");
        client.suites = vec![suite];
        let mut world = World::with(server, client, table);
        world.connect();
        world.pass(10);
        let [
            Output::Failed {
                failure: HandshakeFailure::WrongPsk, identity: Some(Identity::Psk(who)), ..
            },
        ] = &world.of_server[..]
        else {
            panic!("{suite:x}: {:?}", world.of_server);
        };
        assert_eq!(who, b"device");
        assert_eq!(world.of_client, [ClientOutput::Failed(HandshakeFailure::Alert { alert: 20 })]);
        assert_eq!(world.used(), (0, 0));
        assert_eq!(world.server.usage().resumable.used, 0);
    }
}

#[test]
fn s_133_a_device_that_begins_again_with_a_wrong_key_is_told_apart() {
    let table = table();
    let mut world = World::with(ServerConfig::new(table.clone()), psk(b"device", b"another key 0123"), table);
    world.connect();
    world.connect();
    let [Output::Failed { failure: HandshakeFailure::WrongPsk, .. }] = &world.of_server[..] else {
        panic!("{:?}", world.of_server);
    };
}

#[test]
fn s_137_a_session_is_resumed_and_takes_the_place_of_the_one_before() {
    for suite in [0xc0a8, 0x00a8, 0x00ae] {
        let table = table();
        let server = ServerConfig { cbc: true, ..ServerConfig::new(table.clone()) };
        let mut client = psk(b"device", KEY);
        client.suites = vec![suite];
        let mut world = World::with(server, client, table);
        world.connect();
        world.echo();
        assert!(!world.resumed());
        world.connect();
        world.echo();
        assert!(world.resumed());
        let replaced = Output::Closed { session: SessionId(1), why: CloseReason::Replaced };
        assert!(world.of_server.contains(&replaced), "{:?}", world.of_server);
        assert_eq!(world.used(), (0, 1));
    }
}

#[test]
fn s_137_the_identity_is_asked_for_again_when_a_session_is_resumed() {
    let mut world = World::new();
    world.connect();
    world.table.revoked.lock().unwrap().push(Identity::Psk(b"device".to_vec()));
    world.of_server.clear();
    world.connect();
    let [Output::Failed { failure: HandshakeFailure::NotAdmitted(NotAdmitted::Revoked), .. }] =
        &world.of_server[..]
    else {
        panic!("{:?}", world.of_server);
    };
}

#[test]
fn s_137_a_session_is_not_resumed_with_another_key() {
    let mut world = World::new();
    world.connect();
    world.table.keys.lock().unwrap().insert(b"device".to_vec(), b"the next key 012".to_vec());
    world.of_server.clear();
    world.connect();
    world.pass(10);
    let [Output::Failed { failure: HandshakeFailure::WrongPsk, .. }] = &world.of_server[..] else {
        panic!("{:?}", world.of_server);
    };
}

#[test]
fn s_137_what_is_closed_here_cannot_be_resumed() {
    let mut world = World::new();
    world.connect();
    world.server.close(SessionId(1));
    world.settle();
    assert!(world.of_client.contains(&ClientOutput::Closed(CloseReason::CloseNotify)));
    world.connect();
    assert!(!world.resumed());
    world.echo();
}
