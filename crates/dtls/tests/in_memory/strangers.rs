use std::net::SocketAddr;

use dtls::{Client, ClientOutput, HandshakeFailure, Output, Rate, Server, ServerConfig, limits};

use crate::world::{KEY, World, psk, table};

fn hello(world: &mut World) -> Vec<u8> {
    world.client.connect(world.now);
    let Some(ClientOutput::Transmit(hello)) = world.client.poll() else { panic!() };
    hello
}

#[test]
fn s_138_a_hello_without_a_cookie_leaves_nothing_and_gets_less_than_it_brought() {
    let mut world = World::new();
    let hello = hello(&mut world);
    for last in 0..=255_u8 {
        let from = SocketAddr::from(([198, 51, 100, last], 1_024));
        world.server.handle_datagram(world.now, from, &mut hello.clone());
        let Some(Output::Transmit { to, datagram }) = world.server.poll() else { panic!() };
        assert_eq!(to, from);
        assert!(datagram.len() < hello.len());
        assert_eq!(world.server.poll(), None);
    }
    let usage = world.server.usage();
    assert_eq!((usage.handshakes.used, usage.sources.used, usage.resumable.used), (0, 0, 0));
    assert_eq!(world.server.poll_timeout(), None);
}

#[test]
fn s_138_a_cookie_is_good_for_its_address_and_hello_only() {
    let mut world = World::new();
    let mut first = hello(&mut world);
    world.server.handle_datagram(world.now, world.client_at, &mut first);
    let Some(Output::Transmit { mut datagram, .. }) = world.server.poll() else { panic!() };
    world.client.handle_datagram(world.now, &mut datagram);
    let Some(ClientOutput::Transmit(mut with_cookie)) = world.client.poll() else { panic!() };
    let elsewhere = "198.51.100.1:1".parse().unwrap();
    world.server.handle_datagram(world.now, elsewhere, &mut with_cookie.clone());
    let mut other = with_cookie.clone();
    // Within the random of the hello: record header 13, message header 12, version 2.
    other[30] ^= 1;
    world.server.handle_datagram(world.now, world.client_at, &mut other);
    assert_eq!(world.used(), (0, 0));
    // And not for ever.
    let later = world.now + limits::COOKIE_SECRET_LIFETIME * 3;
    world.server.handle_datagram(later, elsewhere, &mut first);
    let later = later + limits::COOKIE_SECRET_LIFETIME;
    world.server.handle_datagram(later, elsewhere, &mut first);
    world.server.handle_datagram(later, world.client_at, &mut with_cookie);
    assert_eq!(world.used(), (0, 0));
}

/// Lets a new client come as far as the server's first flight.
fn begin(server: &mut Server, now: dtls::Instant, from: SocketAddr) {
    let mut client = Client::new(psk(b"device", KEY)).unwrap();
    client.connect(now);
    for _ in 0..2 {
        let Some(ClientOutput::Transmit(mut datagram)) = client.poll() else { panic!() };
        server.handle_datagram(now, from, &mut datagram);
        if let Some(Output::Transmit { mut datagram, .. }) = server.poll() {
            client.handle_datagram(now, &mut datagram);
        }
        while server.poll().is_some() {}
    }
}

#[test]
fn s_138_handshakes_under_way_are_bounded_and_a_young_one_is_protected() {
    let many = Rate { at_once: 1_000_000, per_second: 1_000_000 };
    let table = table();
    let config = ServerConfig { handshakes_per_source: many, ..ServerConfig::new(table.clone()) };
    let mut world = World::with(config, psk(b"device", KEY), table);
    let from = |port: usize| SocketAddr::from(([198, 51, 100, 1], u16::try_from(1_024 + port).unwrap()));
    for port in 0..limits::HANDSHAKES + 10 {
        begin(&mut world.server, world.now, from(port));
    }
    let usage = world.server.usage().handshakes;
    assert_eq!((usage.used, usage.reached), (limits::HANDSHAKES, 10));
    // They are not young for ever, and then the oldest makes room.
    world.now = world.now + limits::HANDSHAKE_PROTECTED;
    world.server.handle_timeout(world.now);
    while world.server.poll().is_some() {}
    world.connect();
    world.echo();
    let displaced = world
        .of_server
        .iter()
        .any(|output| matches!(output, Output::Failed { failure: HandshakeFailure::TooManyHandshakes, .. }));
    assert!(displaced, "{:?}", world.of_server);
    // What never comes further is forgotten.
    world.now = world.now + limits::HANDSHAKE_LIFETIME;
    world.server.handle_timeout(world.now);
    world.settle();
    assert_eq!(world.used(), (0, 1));
}

#[test]
fn s_138_a_source_that_begins_too_often_is_slowed_and_others_are_not() {
    let table = table();
    let slow = Rate { at_once: 3, per_second: 1 };
    let config = ServerConfig { handshakes_per_source: slow, ..ServerConfig::new(table.clone()) };
    let mut world = World::with(config, psk(b"device", KEY), table);
    for port in 0..10 {
        begin(&mut world.server, world.now, SocketAddr::from(([198, 51, 100, 1], 1_024 + port)));
    }
    let usage = world.server.usage();
    assert_eq!((usage.handshakes.used, usage.sources.used, usage.sources.reached), (3, 1, 7));
    world.connect();
    world.echo();
}

#[test]
fn whatever_comes_is_dropped_without_a_word() {
    let mut world = World::new();
    world.connect();
    world.echo();
    let mut state = 7_u64;
    for length in 0..400 {
        let mut datagram: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state.to_be_bytes()[0]
            })
            .collect();
        for start in [&[][..], &[22, 254, 253, 0, 0], &[23, 254, 253, 0, 1], &[25, 254, 253, 0, 1]] {
            datagram.splice(..start.len().min(datagram.len()), start.iter().copied());
            for from in [world.client_at, "203.0.113.1:1".parse().unwrap()] {
                world.server.handle_datagram(world.now, from, &mut datagram.clone());
            }
            world.client.handle_datagram(world.now, &mut datagram.clone());
        }
    }
    world.settle();
    assert!(matches!(world.of_server[..], [Output::Connected { .. }]), "{:?}", world.of_server);
    assert_eq!(world.used(), (0, 1));
    world.echo();
}
