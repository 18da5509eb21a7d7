//! Both roles with each other: what one writes the other has.

use std::{collections::VecDeque, time::Duration};

use coap::{Code, Message};
use lwm2m_codec::{ContentFormat, Path, Value, registration::LwM2mVersion};
use lwm2m_core::{
    Peer,
    bootstrap_server::{BootstrapInformation, BootstrapOperation},
    client::{self, Client, ClientConfig, ObjectTree},
};

use crate::world::{ENDPOINT, World, definitions, everything, example, peer};

const BOOTSTRAP_URI: &str = "coap://bs.example.org";

/// A device whose account with the Bootstrap-Server is where the first account would go.
fn device(config: ClientConfig) -> Client {
    let mut tree = ObjectTree::new(definitions());
    for (path, value) in [
        (Path::resource(0, 0, 0), Value::string(BOOTSTRAP_URI)),
        (Path::resource(0, 0, 1), Value::Boolean(true)),
        (Path::resource(0, 0, 2), Value::Integer(3)),
        (Path::resource(0, 0, 3), Value::opaque([])),
        (Path::resource(0, 0, 4), Value::opaque([])),
        (Path::resource(0, 0, 5), Value::opaque([])),
        (Path::resource(3, 0, 0), Value::string("ACME")),
        (Path::resource(3303, 0, 5700), Value::Float(20.0)),
    ] {
        tree.insert(path, value).unwrap();
    }
    Client::new(config, tree, [5; 32])
}

/// The device after it was bootstrapped, and the path of its first request to another server.
fn bootstrapped(config: ClientConfig, information: BootstrapInformation) -> (World, Client, String) {
    let mut world = World::giving(information);
    let mut client = device(config);
    let mut registers = VecDeque::new();
    client.boot(world.now);
    for _ in 0..1_000 {
        while let Some(output) = client.poll() {
            match output {
                client::Output::Transmit { peer: to, datagram } if to == peer(1) => {
                    world.datagram(peer(1), &datagram);
                }
                client::Output::Transmit { datagram, .. } => {
                    registers.push_back(Message::decode(&datagram).unwrap());
                }
                client::Output::Connect { security_instance, uri } => {
                    let to: Peer = if uri == BOOTSTRAP_URI { peer(1) } else { peer(2) };
                    client.connected(world.now, security_instance, Ok(to));
                }
                client::Output::Disconnect { .. } | client::Output::Event { .. } => {}
            }
        }
        while let Some((_, message)) = world.sent.pop_front() {
            client.handle_datagram(world.now, peer(1), &message.encode().unwrap());
        }
        if let Some(register) = registers.pop_front() {
            assert_eq!(register.code, Code::POST);
            let path = format!("/{}", register.options.uri_path().unwrap().join("/"));
            return (world, client, path);
        }
        world.wait(Duration::from_millis(100));
        client.handle_timeout(world.now);
    }
    panic!("never registered: {:?}", world.events);
}

fn discovering() -> BootstrapInformation {
    BootstrapInformation { discover: true, read: everything(), ..example() }
}

#[test]
fn b_001_our_client_is_bootstrapped_and_registers_in_every_version_and_format() {
    for version in [LwM2mVersion::V1_0, LwM2mVersion::V1_1, LwM2mVersion::V1_2] {
        for preferred in [
            None,
            Some(ContentFormat::TLV),
            Some(ContentFormat::SENML_JSON),
            Some(ContentFormat::SENML_CBOR),
            Some(ContentFormat::LWM2M_CBOR),
        ] {
            if version == LwM2mVersion::V1_0 && preferred.is_some()
                || version == LwM2mVersion::V1_1 && preferred == Some(ContentFormat::LWM2M_CBOR)
            {
                continue;
            }
            let config =
                ClientConfig { version, preferred_content_format: preferred, ..ClientConfig::new(ENDPOINT) };
            let (world, client, path) = bootstrapped(config, discovering());
            let case = format!("{version} {preferred:?}");
            assert_eq!((path.as_str(), world.ended()), ("/rd", vec![(7, Ok(()))]), "{case}");
            // Its own account is where it was, and the server's beside it.
            let tree = client.tree();
            assert_eq!(tree.value(&Path::resource(0, 0, 1)), Some(&Value::Boolean(true)), "{case}");
            assert_eq!(tree.value(&Path::resource(0, 1, 10)), Some(&Value::Integer(101)), "{case}");
            assert_eq!(tree.value(&Path::resource(1, 0, 1)), Some(&Value::Integer(86_400)), "{case}");
            let reads = world.steps().into_iter().filter(|step| {
                step.from_device
                    && matches!(step.operation, BootstrapOperation::Read | BootstrapOperation::Discover)
            });
            let remarks: Vec<_> = reads.skip(1).map(|step| (step.failed, step.remark.as_str())).collect();
            assert_eq!(remarks[0], (false, "everything is there that was written"), "{case}");
            assert!(
                remarks[1..].iter().all(|remark| *remark == (false, "it holds what was written")),
                "{case} {remarks:?}"
            );
        }
    }
}

#[test]
fn b_015_our_client_goes_on_with_a_request_where_there_is_no_pack() {
    let config =
        ClientConfig { version: LwM2mVersion::V1_2, bootstrap_pack: true, ..ClientConfig::new(ENDPOINT) };
    let (world, _, path) = bootstrapped(config, discovering());
    assert_eq!(path, "/rd");
    let ended = world.ended();
    assert!(matches!(ended.as_slice(), [(7, Err(_)), (7, Ok(()))]), "{ended:?}");
}

#[test]
fn b_015_our_client_takes_a_pack() {
    let config =
        ClientConfig { version: LwM2mVersion::V1_2, bootstrap_pack: true, ..ClientConfig::new(ENDPOINT) };
    let mut information = BootstrapInformation { pack: true, ..example() };
    // A pack is made without Discover: its instances must not be the one of the account with the Bootstrap-Server.
    information.accounts[0].security_instance = Some(1);
    let (world, client, path) = bootstrapped(config, information);
    assert_eq!((path.as_str(), world.ended()), ("/rd", vec![(7, Ok(()))]));
    assert_eq!(client.tree().value(&Path::resource(0, 0, 1)), Some(&Value::Boolean(true)));
    assert_eq!(client.tree().value(&Path::resource(0, 1, 10)), Some(&Value::Integer(101)));
}
