//! Devices that come again: refusals are counted, and what can go on does.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use coap::{Code, Options};
use lwm2m_core::{
    bootstrap_server::{BootstrapInformation, Event, NotConfigured, limits},
    server::Admission,
};

use crate::world::{ENDPOINT, EP, World, example, peer};

/// Of every session that began: its id, the attempt, and the number of its first step.
fn begun(world: &World) -> Vec<(u64, u32, u32)> {
    let begun = |event: &Event| match event {
        Event::Begun { session, attempt, first_step, .. } => Some((session.0, *attempt, *first_step)),
        _ => None,
    };
    world.events.iter().filter_map(begun).collect()
}

#[test]
fn b_002_a_device_that_is_refused_again_is_counted_in_one_session() {
    let mut world = World::new();
    for minutes in [1, 60, 118, 121] {
        world.refused(peer(1), &[EP]);
        world.wait(Duration::from_secs(minutes * 60));
    }
    world.refused(peer(1), &["ep=another"]);
    world.refused(peer(1), &[EP]);
    assert_eq!(begun(&world), [(7, 1, 0), (7, 2, 0), (7, 3, 0), (7, 4, 0), (8, 1, 0), (9, 1, 0)]);
    assert!(world.ended().iter().all(|(_, result)| result.is_err()));
    // When it is admitted at last, that is where its session is.
    world.give(example());
    world.request(peer(1), &[EP]);
    assert_eq!(world.obey("").len(), 5);
    assert_eq!((begun(&world).last(), world.ended().last()), (Some(&(9, 2, 0)), Some(&(9, Ok(())))));
    world.request(peer(1), &[EP]);
    assert_eq!(begun(&world).last(), Some(&(10, 1, 0)));
}

#[test]
fn b_003_what_is_refused_before_a_session_is_counted_by_its_reason() {
    let secured = Arc::new(BTreeSet::from([ENDPOINT.to_owned()]));
    let mut world = World::admitting(Admission { secured, ..Admission::default() });
    world.give(example());
    world.refused(peer(1), &[EP]);
    world.refused(peer(2), &[EP]);
    let device = world.connect(1, ENDPOINT);
    world.refused(device, &["ep=other"]);
    world.refused(peer(1), &[EP]);
    assert_eq!(begun(&world), [(7, 1, 0), (7, 2, 0), (8, 1, 0), (7, 3, 0)]);
    // The device itself has a session of its own.
    world.request(device, &[EP]);
    world.obey("");
    assert_eq!((begun(&world).last(), world.ended().last()), (Some(&(9, 1, 0)), Some(&(9, Ok(())))));
}

#[test]
fn b_003_a_device_that_cannot_connect_is_counted_too() {
    let mut world = World::new();
    let refused = |world: &mut World, what| world.server.not_connected(world.now, "lamp", what);
    let seen: Vec<_> = ["key", "key", "expired"]
        .map(|what| refused(&mut world, what).map(|(id, count)| (id.0, count)))
        .into();
    assert_eq!(seen, [Some((7, 1)), Some((7, 2)), Some((8, 1))]);
    world.wait(limits::REFUSALS_COUNTED);
    assert_eq!(refused(&mut world, "key").map(|(id, count)| (id.0, count)), Some((9, 1)));
}

#[test]
fn refusals_under_ever_other_names_do_not_push_everything_else_out() {
    let mut world = World::new();
    let mut told = 0;
    for number in 0..limits::REFUSALS + 10 {
        told += usize::from(world.server.not_connected(world.now, &number.to_string(), "key").is_some());
    }
    let usage = world.server.usage().refusals;
    assert_eq!((told, usage.used, usage.reached), (limits::REFUSALS, limits::REFUSALS, 10));
    assert!(world.server.not_connected(world.now, "0", "key").is_some(), "one that is known");
    world.wait(limits::REFUSALS_COUNTED);
    assert!(world.server.not_connected(world.now, "new", "key").is_some());
}

/// LwM2M 1.2 Core §6.1.7.7
#[test]
fn b_015_a_device_that_is_refused_a_pack_goes_on_in_the_same_session() {
    let ask = |world: &mut World| {
        world.send(peer(1), Code::GET, Options::new().with_path("/bspack").with_query(EP));
        assert_eq!(world.sent.pop_front().unwrap().1.code, Code::NOT_FOUND);
    };
    let mut world = World::giving(BootstrapInformation { pack: false, ..example() });
    ask(&mut world);
    assert!(world.ended()[0].1.as_ref().is_err_and(|failure| failure.advice.contains("goes on")));
    world.request(peer(1), &[EP]);
    world.obey("");
    assert_eq!(begun(&world), [(7, 1, 0), (7, 1, 2)]);
    assert_eq!(world.ended()[1], (7, Ok(())));
    let steps: Vec<_> = world.steps().iter().take(4).map(|step| (step.path.clone(), step.failed)).collect();
    assert_eq!(
        steps,
        [("/bspack", false), ("/bspack", true), ("/bs", false), ("/bs", false)]
            .map(|(path, failed)| (path.to_owned(), failed))
    );

    // Another device, or much later.
    for (port, wait) in [(2, Duration::ZERO), (1, limits::AFTER_PACK)] {
        let mut world = World::giving(BootstrapInformation { pack: false, ..example() });
        ask(&mut world);
        world.wait(wait);
        world.request(peer(port), &[EP]);
        assert_eq!(begun(&world), [(7, 1, 0), (8, 1, 0)]);
    }
}

#[test]
fn b_015_a_pack_and_a_request_that_are_both_refused_are_one_attempt() {
    let mut world = World::new();
    let what = "no configuration".to_owned();
    world.configured.insert(ENDPOINT.into(), Err(NotConfigured { code: Code::BAD_REQUEST, what }));
    for _ in 0..2 {
        world.send(peer(1), Code::GET, Options::new().with_path("/bspack").with_query(EP));
        world.request(peer(1), &[EP]);
        world.sent.clear();
        world.wait(Duration::from_secs(600));
    }
    assert_eq!(begun(&world), [(7, 1, 0), (7, 1, 2), (7, 2, 0), (7, 2, 2)]);
}
