//! Whatever arrives, the server role neither panics nor believes it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use coap::{Code, Options};
use common::{LINKS, World, peer};
use lwm2m_core::server::Change;
use proptest::prelude::*;

fn register(world: &mut World) -> Vec<u8> {
    let options = Options::new()
        .with_path("/rd")
        .with_query("ep=urn:x")
        .with_query("lt=60")
        .with_query("lwm2m=1.1")
        .with_content_format(40);
    world.message(Code::POST, options, LINKS.as_bytes()).encode().unwrap()
}

proptest! {
    #[test]
    fn arbitrary_datagrams_change_nothing(datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..20)) {
        let mut world = World::new();
        for datagram in &datagrams {
            world.server.handle_datagram(world.now, peer(1), datagram);
        }
        world.pass(core::time::Duration::from_secs(300));
        prop_assert_eq!(world.server.registration_count(), 0);
        prop_assert!(world.changes.is_empty());
    }

    /// A Send with a few bytes changed is either stored, or answered with an error.
    #[test]
    fn a_mutated_send_is_refused_or_stored(
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut world = World::new();
        world.register(peer(1), "urn:x", &["lwm2m=1.1"]);
        let options = Options::new().with_path("/dp").with_content_format(110);
        let payload = br#"[{"bn":"/3303/0/","n":"5700","v":20.5,"t":-3}]"#;
        let mut datagram = world.message(Code::POST, options, payload).encode().unwrap();
        for (index, byte) in mutations {
            let index = index.index(datagram.len());
            datagram[index] = byte;
        }
        world.changes.clear();
        world.server.handle_datagram(world.now, peer(1), &datagram);
        world.pass(core::time::Duration::from_secs(5));
        let answers = world.sent.iter().filter(|(_, message)| message.code == Code::CHANGED).count();
        let stored = world.changes.iter().filter(|change| matches!(change, Change::Reported(_))).count();
        prop_assert_eq!(answers.min(1), stored, "a response of its own may have been sent again");
    }

    /// A Register with a few bytes changed is either refused, or a registration of what it then says.
    #[test]
    fn a_mutated_register_is_refused_or_well_formed(
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut world = World::new();
        let mut datagram = register(&mut world);
        for (index, byte) in mutations {
            let index = index.index(datagram.len());
            datagram[index] = byte;
        }
        if let Some(cut) = cut {
            datagram.truncate(cut.index(datagram.len()));
        }
        world.server.handle_datagram(world.now, peer(1), &datagram);
        world.pass(core::time::Duration::from_secs(5));
        let answers = world.sent.iter().filter(|(_, message)| message.code == Code::CREATED).count();
        prop_assert_eq!(answers.min(1), world.server.registration_count());
    }
}
