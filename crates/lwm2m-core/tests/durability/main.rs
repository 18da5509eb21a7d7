//! A server that is killed again and again, its store, its operators and some devices on a bad network, driven at
//! random; and a model of what must hold whatever happens: what was acknowledged is there, once.
//!
//! `LWM2M_SEEDS=1000..9000` runs other histories than those of every day. A seed that fails says how to repeat it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod device;
#[path = "../simulation/dice.rs"]
mod dice;
mod model;
mod operators;
mod steps;
mod store;
#[path = "../common/stored.rs"]
#[allow(unreachable_pub, reason = "another test has it, too")]
mod stored;
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
};

use model::Counts;
use world::World;

const SEEDS: Range<u64> = 0..3_000;
const THREADS: usize = 2;
/// In so many histories at most one observation may be given up: see the model.
const RARE: u64 = 100;
/// Random steps of one history, before the network heals.
const STEPS: usize = 60;

#[test]
fn what_was_acknowledged_survives_every_crash() {
    let seeds = seeds();
    let (next, failure, total) =
        (AtomicU64::new(seeds.start), Mutex::new(None), Mutex::new(Counts::default()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let run = || {
                while failure.lock().unwrap().is_none() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds.contains(&seed) {
                        return;
                    }
                    match history(seed) {
                        Ok(counts) => total.lock().unwrap().add(&counts),
                        Err(what) => drop(failure.lock().unwrap().get_or_insert((seed, what))),
                    }
                }
            };
            thread::Builder::new().name("durability".into()).spawn_scoped(scope, run).unwrap();
        }
    });
    if let Some((seed, what)) = failure.into_inner().unwrap() {
        panic!("{what}\nagain: LWM2M_SEEDS={seed}..{} cargo test -p lwm2m-core --test durability", seed + 1);
    }
    let (total, histories) = (total.into_inner().unwrap(), seeds.end - seeds.start);
    println!("{histories} histories: {total:?}");
    assert!(total.given_up <= histories / RARE + 1, "{} in {histories} histories", total.given_up);
    assert!(total.all_happened(), "everything that is checked comes up: {total:?}");
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

/// Runs a history, and gives what came up in it, or what was not well and had happened.
fn history(seed: u64) -> Result<Counts, String> {
    let mut world = World::new(seed);
    let run = || {
        (0..STEPS).for_each(|_| steps::step(&mut world));
        model::check(&mut world)
    };
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|panic| format!("{}\nseed {seed}: {}", world.log.join("\n"), text(panic.as_ref())))
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
