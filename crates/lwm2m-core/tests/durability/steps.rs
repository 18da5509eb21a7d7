//! What may happen at any time.

use std::time::Duration;

use lwm2m_codec::{ContentFormat, attributes::WriteAttributes};
use lwm2m_core::server::{Cancellation, Operation, WriteMode};

use crate::{
    device::{RESET_MIN_MAX, TEMPERATURE, TIME_ZONE},
    world::World,
};

/// Longer than any datagram is under way, so that none from a device's former life reaches it in the next.
const WITHOUT_POWER: Duration = Duration::from_secs(2);

pub(crate) fn step(world: &mut World) {
    let device = world.dice.index(world.devices.len());
    match world.dice.draw(0..100) {
        0..20 if !world.devices[device].started => world.start(device),
        0..2 => world.stop(device),
        2..5 => lose_power(world, device),
        5..24 => world.set_temperature(device),
        24..54 => command(world, device),
        54..59 => world.cancel_some_command(),
        59..63 => world.send(device),
        63..67 => {
            let cut = world.dice.one_in(2);
            world.cut(device, cut);
        }
        67..70 => world.rebind(device),
        70..78 => world.crash(),
        78..80 => {
            let full = world.dice.one_in(3);
            world.note(if full { "the disk is full" } else { "the disk has room" });
            world.store.full = full;
        }
        80..82 => {
            let awake_s = (!world.dice.one_in(3)).then_some(30);
            world.configure(device, awake_s);
        }
        _ => {
            let milliseconds = world.dice.draw(0..100_000);
            world.pass(Duration::from_millis(milliseconds));
        }
    }
    let milliseconds = world.dice.draw(0..2_000);
    world.pass(Duration::from_millis(milliseconds));
}

fn lose_power(world: &mut World, device: usize) {
    let endpoint = world.devices[device].endpoint.clone();
    world.note(&format!("{endpoint} loses power"));
    let World { devices, dice, .. } = world;
    devices[device].lose_power(dice);
    world.pass(WITHOUT_POWER);
    world.devices[device].powered = true;
    if world.devices[device].started {
        world.start(device);
    }
}

fn command(world: &mut World, device: usize) {
    // Unique, so that what was done can be told from what was asked.
    let number = world.operators.next();
    let operation = match world.dice.draw(0..12) {
        0..3 => Operation::Read { path: TEMPERATURE, accept: None },
        3..6 => Operation::Write {
            path: TIME_ZONE,
            mode: WriteMode::Replace,
            content_format: ContentFormat::TEXT,
            payload: number.to_string().into_bytes(),
        },
        6..9 => Operation::Execute { path: RESET_MIN_MAX, arguments: Some(format!("0='{number}'")) },
        9 => attributes(world),
        10 => Operation::Observe { path: TEMPERATURE, accept: None, parameters: None },
        _ if world.dice.one_in(2) => Operation::CancelObservation {
            path: TEMPERATURE,
            how: if world.dice.one_in(2) { Cancellation::Active } else { Cancellation::Passive },
        },
        _ => Operation::Observe { path: TEMPERATURE, accept: None, parameters: None },
    };
    let timeout = if world.dice.one_in(4) { world.dice.draw(1..20) } else { 93 };
    let deadline = if world.dice.one_in(4) { world.dice.draw(1..100) } else { world.dice.draw(100..900) };
    world.command(device, operation, Duration::from_secs(deadline), Duration::from_secs(timeout));
}

fn attributes(world: &mut World) -> Operation {
    let pmax = world.dice.draw(5..60);
    let queries = ["pmin=1".to_owned(), format!("pmax={pmax}")];
    let attributes = WriteAttributes::parse(queries.iter().map(String::as_str)).unwrap();
    Operation::WriteAttributes { path: TEMPERATURE, attributes }
}
