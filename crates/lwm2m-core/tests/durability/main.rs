//! A server that is killed again and again, its store, its operators and some devices on a bad network, driven at
//! random; and a model of what must hold whatever happens: what was acknowledged is there, once.
//!
//! `LWM2M_SEEDS=1000..9000` runs other histories than those of every day. A seed that fails says how to repeat it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod device;
#[path = "../simulation/dice.rs"]
mod dice;
#[path = "../common/histories.rs"]
#[allow(unreachable_pub, reason = "another test has it, too")]
mod histories;
mod model;
mod operators;
mod steps;
mod store;
#[path = "../common/stored.rs"]
#[allow(unreachable_pub, reason = "another test has it, too")]
mod stored;
mod world;

use std::ops::Range;

use model::Counts;
use world::World;

const SEEDS: Range<u64> = 0..3_000;
/// In so many histories at most one observation may be given up: see the model.
const RARE: u64 = 100;
/// Random steps of one history, before the network heals.
const STEPS: usize = 60;

#[test]
fn what_was_acknowledged_survives_every_crash() {
    let all = histories::run("durability", SEEDS, history);
    let mut total = Counts::default();
    all.iter().for_each(|counts| total.add(counts));
    let histories = all.len() as u64;
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
    histories::caught(run).map_err(|what| format!("{}\nseed {seed}: {what}", world.log.join("\n")))
}
