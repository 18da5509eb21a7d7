//! A server and some clients on a bad network, driven at random, and a model of what must hold in the end.
//!
//! `LWM2M_SEEDS=1000..9000` runs other histories than those of every day. A seed that fails says how to repeat it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod device;
mod dice;
#[path = "../common/histories.rs"]
#[allow(unreachable_pub, reason = "another test has it, too")]
mod histories;
mod model;
mod steps;
mod world;

use std::{ops::Range, time::Duration};

use lwm2m_core::server::Operation;
use world::World;

const SEEDS: Range<u64> = 0..8_000;
/// In so many histories at most one observation may be given up.
const RARE: u64 = 200;
/// Random steps of one history, before the network heals.
const STEPS: usize = 40;

#[test]
fn whatever_happens_the_server_and_its_clients_agree_in_the_end() {
    let all = histories::run("simulation", SEEDS, history);
    let (given_up, histories) = (all.iter().sum::<u64>(), all.len() as u64);
    println!("{histories} histories, {given_up} observations given up");
    assert!(given_up <= histories / RARE + 1, "{given_up} in {histories} histories");
}

#[test]
fn the_seed_decides_everything() {
    let run = || {
        let mut world = World::new(7);
        (0..STEPS).for_each(|_| steps::step(&mut world));
        (world.now, world.log, world.datagrams)
    };
    assert_eq!(run(), run());
}

#[test]
fn s_104_an_observation_survives_a_changed_address() {
    let mut world = World::new(1);
    world.heal();
    world.start(0);
    world.pass(Duration::from_secs(1));
    let observe = Operation::Observe { path: device::TEMPERATURE, accept: None, parameters: None };
    world.operate(0, observe, Duration::from_secs(93));
    world.pass(Duration::from_secs(1));
    world.rebind(0);
    world.set_temperature(0);
    world.pass(Duration::from_secs(1));
    assert_eq!(world.observed[&0].latest, Some(0.0), "nothing is believed of an unknown address");
    // The next Update tells the server where the device is.
    world.pass(Duration::from_secs(device::LONGEST_LIFETIME_S));
    world.set_temperature(0);
    world.pass(Duration::from_secs(1));
    assert_eq!(world.observed[&0].latest, Some(2.0));
    assert_eq!((world.server.observation_count(), world.devices[0].client.observations()), (1, 1));
    assert!(world.strangers.is_empty(), "no notification was rejected");
}

/// Runs a history, and gives how many observations were given up in it, or what was not well and had happened.
fn history(seed: u64) -> Result<u64, String> {
    let mut world = World::new(seed);
    let run = || {
        (0..STEPS).for_each(|_| steps::step(&mut world));
        model::check(&mut world)
    };
    let given_up = histories::caught(run);
    let given_up = given_up.map_err(|what| format!("{}\nseed {seed}: {what}", world.log.join("\n")))?;
    Ok(u64::try_from(given_up).unwrap())
}
