use std::time::Duration;

use dtls::{
    ClientOutput, CloseReason, ConnectionId, Output, Restart, Saved, Server, ServerConfig, SessionId,
};

use crate::world::{KEY, Network, World, psk, table};

#[test]
fn s_128_handshakes_come_through_loss_copies_and_disorder() {
    for seed in 1..60_u64 {
        for cbc in [false, true] {
            let table = table();
            let server = ServerConfig { cbc, ..ServerConfig::new(table.clone()) };
            let mut client = psk(b"device", KEY);
            client.suites = if cbc { vec![0x00ae] } else { Vec::new() };
            let mut world = World::with(server, client, table);
            world.network = Network::Bad(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            world.connect();
            world.pass(59);
            world.network = Network::Good;
            world.echo();
            assert_eq!(world.used(), (0, 1), "seed {seed}");
        }
    }
}

#[test]
fn s_128_no_datagram_is_longer_than_what_passes_everywhere() {
    let mut world = World::new();
    world.connect();
    assert!(world.longest <= usize::try_from(dtls::limits::HANDSHAKE_DATAGRAM_LENGTH).unwrap());
}

#[test]
fn s_136_a_peer_with_a_connection_id_is_followed() {
    for ours in [&[][..], &[1, 2, 3, 4]] {
        let table = table();
        let mut client = psk(b"device", KEY);
        client.connection_id = ConnectionId::new(ours);
        let mut world = World::with(ServerConfig::new(table.clone()), client, table);
        world.connect();
        world.echo();
        let before = world.client_at;
        world.client_at = "198.51.100.7:1024".parse().unwrap();
        world.echo();
        let session = world.session();
        let moved = Output::Moved { session, from: before, to: world.client_at };
        assert!(world.of_server.contains(&moved), "{:?}", world.of_server);
        assert_eq!(world.server.address(session), Some(world.client_at));
    }
}

#[test]
fn s_136_a_peer_without_one_is_known_by_its_address_only() {
    let table = table();
    let mut client = psk(b"device", KEY);
    client.connection_id = None;
    let mut world = World::with(ServerConfig::new(table.clone()), client, table);
    world.connect();
    world.echo();
    world.client_at = "198.51.100.7:1024".parse().unwrap();
    world.client.send(b"up").unwrap();
    world.settle();
    assert!(matches!(world.of_server[..], [Output::Connected { connection_id: None, .. }]));
}

#[test]
fn s_136_an_old_or_forged_record_moves_nobody() {
    let mut world = World::new();
    world.connect();
    world.echo();
    world.client.send(b"first").unwrap();
    let Some(ClientOutput::Transmit(mut first)) = world.client.poll() else { panic!() };
    let session = world.session();
    let home = world.client_at;
    world.echo();
    let elsewhere = "203.0.113.9:9".parse().unwrap();
    // It came late and is authentic, so that its content counts; but it is not the newest.
    world.server.handle_datagram(world.now, elsewhere, &mut first.clone());
    assert_eq!(world.server.address(session), Some(home));
    world.server.handle_datagram(world.now, elsewhere, &mut first);
    world.client.send(b"next").unwrap();
    let Some(ClientOutput::Transmit(mut forged)) = world.client.poll() else { panic!() };
    *forged.last_mut().unwrap() ^= 1;
    world.server.handle_datagram(world.now, elsewhere, &mut forged);
    assert_eq!(world.server.address(session), Some(home));
    world.settle();
    let data = world.of_server.iter().filter(|output| matches!(output, Output::Data { .. }));
    assert_eq!(data.count(), 1, "once, and the forged one not at all: {:?}", world.of_server);
}

#[test]
fn s_136_sessions_go_on_after_a_planned_restart() {
    let mut world = World::new();
    world.connect();
    world.echo();
    let config = ServerConfig { first_session: SessionId(2), ..ServerConfig::new(world.table.clone()) };
    let next = Server::new(config, [9; 32]).unwrap();
    for saved in std::mem::replace(&mut world.server, next).stop() {
        let saved = Saved::from_bytes(&saved.to_bytes()).unwrap();
        world.server.import(world.now, saved, Restart::Planned);
    }
    assert_eq!(world.server.poll(), Some(Output::Reserve { session: SessionId(1) }));
    assert!(world.server.send(SessionId(1), b"too early").is_err());
    world.server.reserved(SessionId(1));
    world.echo();
}

#[test]
fn s_136_after_a_crash_nothing_counts_until_the_peer_has_shown_that_it_is_there() {
    let mut world = World::new();
    world.connect();
    world.echo();
    let saved = world.server.export(SessionId(1)).unwrap();
    // What was sent since is not in the store.
    world.echo();
    world.server = Server::new(ServerConfig::new(world.table.clone()), [9; 32]).unwrap();
    world.server.import(world.now, saved, Restart::Crash);
    world.server.reserved(SessionId(1));
    world.settle();
    world.of_server.retain(|output| !matches!(output, Output::Reserve { .. }));
    world.client.send(b"up").unwrap();
    world.settle();
    let Some(Output::Data { session: SessionId(1), unproven: Some(sequence), .. }) = world.of_server.last()
    else {
        panic!("{:?}", world.of_server);
    };
    world.server.freshness_proven(SessionId(1), *sequence);
    world.echo();
}

#[test]
fn a_session_goes_on_while_another_handshake_is_under_way_at_its_address() {
    let mut client = psk(b"device", KEY);
    client.connection_id = None;
    let table = table();
    let mut world = World::with(ServerConfig::new(table.clone()), client.clone(), table);
    world.connect();
    world.echo();
    // Another program behind the same address begins, and goes no further.
    let mut other = dtls::Client::new(client).unwrap();
    other.connect(world.now);
    for _ in 0..2 {
        let Some(ClientOutput::Transmit(mut hello)) = other.poll() else { panic!() };
        world.server.handle_datagram(world.now, world.client_at, &mut hello);
        while let Some(Output::Transmit { mut datagram, .. }) = world.server.poll() {
            other.handle_datagram(world.now, &mut datagram);
        }
    }
    assert_eq!(world.used(), (1, 1));
    for _ in 0..5 {
        world.echo();
    }
    world.now = world.now + Duration::from_secs(61);
    world.server.handle_timeout(world.now);
    world.settle();
    assert_eq!(world.used(), (0, 1));
    world.echo();
}

#[test]
fn goodbye_is_answered_and_ends_the_session() {
    for cbc in [false, true] {
        let table = table();
        let server = ServerConfig { cbc, ..ServerConfig::new(table.clone()) };
        let mut client = psk(b"device", KEY);
        client.suites = if cbc { vec![0x00ae] } else { Vec::new() };
        let mut world = World::with(server, client, table);
        world.connect();
        world.echo();
        world.client.close();
        let Some(ClientOutput::Transmit(mut goodbye)) = world.client.poll() else { panic!() };
        world.server.handle_datagram(world.now, world.client_at, &mut goodbye);
        assert!(matches!(world.server.poll(), Some(Output::Transmit { .. })), "RFC 5246 §7.2.1");
        let closed = Output::Closed { session: SessionId(1), why: CloseReason::CloseNotify };
        assert_eq!(world.server.poll(), Some(closed));
        assert_eq!(world.used(), (0, 0));
    }
}
