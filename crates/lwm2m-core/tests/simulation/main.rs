//! A server and some clients on a bad network, driven at random, and a model of what must hold in the end.
//!
//! `LWM2M_SEEDS=1000..9000` runs other histories than those of every day. A seed that fails says how to repeat it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod device;
mod dice;
mod model;
mod steps;
mod world;

use std::{
    any::Any,
    env,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use lwm2m_core::server::Operation;
use world::World;

const SEEDS: Range<u64> = 0..8_000;
const THREADS: usize = 2;
/// In so many histories at most one observation may be given up.
const RARE: u64 = 200;
/// Random steps of one history, before the network heals.
const STEPS: usize = 40;

#[test]
fn whatever_happens_the_server_and_its_clients_agree_in_the_end() {
    let seeds = seeds();
    let (next, given_up, failure) = (AtomicU64::new(seeds.start), AtomicU64::new(0), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let run = || {
                while failure.lock().unwrap().is_none() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds.contains(&seed) {
                        return;
                    }
                    match history(seed) {
                        Ok(count) => drop(given_up.fetch_add(count, Ordering::Relaxed)),
                        Err(what) => drop(failure.lock().unwrap().get_or_insert((seed, what))),
                    }
                }
            };
            // The name is that of captures.
            thread::Builder::new().name("simulation".into()).spawn_scoped(scope, run).unwrap();
        }
    });
    if let Some((seed, what)) = failure.into_inner().unwrap() {
        panic!("{what}\nagain: LWM2M_SEEDS={seed}..{} cargo test -p lwm2m-core --test simulation", seed + 1);
    }
    let (given_up, histories) = (given_up.into_inner(), seeds.end - seeds.start);
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
    let given_up = catch_unwind(AssertUnwindSafe(run));
    let given_up = given_up
        .map_err(|panic| format!("{}\nseed {seed}: {}", world.log.join("\n"), text(panic.as_ref())))?;
    Ok(u64::try_from(given_up).unwrap())
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text")
}

/// `LWM2M_SEEDS=from..to`
fn seeds() -> Range<u64> {
    let Ok(given) = env::var("LWM2M_SEEDS") else { return SEEDS };
    let range = given.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    range.unwrap_or_else(|| panic!("LWM2M_SEEDS: from..to expected, got {given}"))
}
