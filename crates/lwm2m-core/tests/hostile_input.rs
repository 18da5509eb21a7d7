//! Whatever arrives, the server role neither panics nor believes it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use coap::{Code, Options};
use common::{LINKS, World, peer};
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
