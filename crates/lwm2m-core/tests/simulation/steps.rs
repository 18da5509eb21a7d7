//! What may happen at any time.

use std::time::Duration;

use lwm2m_codec::{ContentFormat, Path, attributes::WriteAttributes};
use lwm2m_core::server::{Cancellation, Operation, WriteMode};

use crate::{
    device::{REBOOT, RESET_MIN_MAX, TEMPERATURE, TIME_ZONE},
    world::World,
};

/// Longer than any datagram is under way, so that none from a device's former life reaches it in the next.
const WITHOUT_POWER: Duration = Duration::from_secs(2);

pub(crate) fn step(world: &mut World) {
    let device = world.dice.index(world.devices.len());
    let endpoint = world.devices[device].endpoint.clone();
    match world.dice.draw(0..100) {
        0..12 if !world.devices[device].started => {
            world.note(&format!("{endpoint} starts"));
            world.start(device);
        }
        0..4 => {
            world.note(&format!("{endpoint} stops"));
            world.stop(device);
        }
        4..8 => lose_power(world, device),
        8..30 => world.set_temperature(device),
        30..66 => operate(world, device),
        66..72 => {
            let cut = world.dice.one_in(2);
            world.note(&format!("{endpoint}: network cut {cut}"));
            world.cut(device, cut);
        }
        72..78 => {
            world.note(&format!("{endpoint} has another address"));
            world.rebind(device);
        }
        78..80 => {
            world.note("the server starts anew");
            world.restart_server();
        }
        _ => {
            let milliseconds = world.dice.draw(0..60_000);
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

fn operate(world: &mut World, device: usize) {
    // Unique, so that what was done can be told from what was asked.
    let number = world.asked.len();
    let operation = match world.dice.draw(0..12) {
        0..3 => Operation::Read { path: TEMPERATURE, accept: None },
        3..5 => Operation::Write {
            path: TIME_ZONE,
            mode: WriteMode::Replace,
            content_format: ContentFormat::TEXT,
            payload: format!("zone {number}").into_bytes(),
        },
        5..7 => Operation::Execute { path: RESET_MIN_MAX, arguments: Some(format!("0='{number}'")) },
        7 => Operation::Discover { path: Path::object(3303), depth: None },
        8 if world.dice.one_in(3) => Operation::Execute { path: REBOOT, arguments: None },
        8 => attributes(world),
        9..11 => Operation::Observe { path: TEMPERATURE, accept: None, parameters: None },
        _ => {
            let how = if world.dice.one_in(2) { Cancellation::Active } else { Cancellation::Passive };
            Operation::CancelObservation { path: TEMPERATURE, how }
        }
    };
    let timeout = if world.dice.one_in(4) { world.dice.draw(1..20) } else { 93 };
    world.operate(device, operation, Duration::from_secs(timeout));
}

fn attributes(world: &mut World) -> Operation {
    let (pmin, pmax) = (world.dice.draw(0..5), world.dice.draw(5..60));
    let queries = [format!("pmin={pmin}"), format!("pmax={pmax}")];
    let attributes = WriteAttributes::parse(queries.iter().map(String::as_str)).unwrap();
    Operation::WriteAttributes { path: TEMPERATURE, attributes }
}
