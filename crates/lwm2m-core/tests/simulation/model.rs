//! What must hold when the network is well again and some time has passed.

use std::time::Duration;

use coap::Code;
use lwm2m_codec::Value;
use lwm2m_core::server::{Answer, Cancellation, Operation, OperationError, OperationId};

use crate::{
    device::{LONGEST_LIFETIME_S, LONGEST_RETRY, TEMPERATURE, TIME_ZONE},
    world::{Asked, World, peer, temperature},
};

/// An operation waits no longer than that, a Register, an Update and a confirmable notification neither.
const EXCHANGE: Duration = Duration::from_secs(93);
/// Longer than any pmin, shorter than the next Update may be away.
const NOTIFIED: Duration = Duration::from_secs(10);

/// Gives how many observations the client had given up although the server had not.
pub(crate) fn check(world: &mut World) -> usize {
    world.note("the network heals");
    world.heal();
    let settled = Duration::from_secs(LONGEST_LIFETIME_S) + LONGEST_RETRY + 3 * EXCHANGE;
    world.pass(settled);
    registrations_are_those_of_the_clients(world);
    every_operation_has_ended_once(world);
    what_was_answered_was_done(world);
    let given_up = what_is_observed_is_known(world);
    what_is_asked_now_is_answered(world);
    nothing_is_left(world);
    given_up
}

fn registrations_are_those_of_the_clients(world: &World) {
    let started = world.devices.iter().filter(|device| device.started).count();
    for device in &world.devices {
        let registration = world.server.registration(&device.endpoint);
        assert_eq!(registration.is_some(), device.started, "{} at the server", device.endpoint);
        assert_eq!(device.client.is_registered(), device.started, "{} itself", device.endpoint);
        if let Some(registration) = registration {
            assert_eq!(registration.peer, peer(device.seen_at), "where {} is", device.endpoint);
        }
    }
    assert_eq!(world.server.registration_count(), started);
}

fn every_operation_has_ended_once(world: &World) {
    for (id, asked) in &world.asked {
        let ends = usize::from(!asked.lost);
        assert_eq!(asked.results.len(), ends, "operation {}: {:?}", id.0, asked.results);
    }
}

fn what_was_answered_was_done(world: &World) {
    for (id, asked) in &world.asked {
        match &asked.operation {
            Operation::Write { .. } => written(world, *id, asked),
            Operation::Execute { arguments: Some(_), .. } => executed(world, *id, asked),
            Operation::Read { path, .. } => {
                if let Some(answer) = succeeded(asked, Code::CONTENT) {
                    let device = &world.devices[asked.device];
                    let read = temperature(answer.content_format.unwrap(), path, &answer.payload);
                    let since = &device.temperatures[asked.temperatures - 1..];
                    assert!(since.contains(&read), "operation {}: read {read}, was {since:?}", id.0);
                }
            }
            _ => {}
        }
    }
    for device in &world.devices {
        let expected = Value::String(device.written.last().unwrap().as_str().into());
        assert_eq!(device.client.tree().value(&TIME_ZONE), Some(&expected), "{}", device.endpoint);
    }
}

fn written(world: &World, id: OperationId, asked: &Asked) {
    let text = format!("zone {}", id.0);
    let times = world.devices[asked.device].written.iter().filter(|written| **written == text).count();
    let answered = succeeded(asked, Code::CHANGED).is_some();
    // Without an answer it may have happened; writing the same twice makes no difference to a device that forgot.
    assert!(!answered || times == 1, "operation {}: {answered}, written {times} times", id.0);
}

fn executed(world: &World, id: OperationId, asked: &Asked) {
    let lives = world.devices[asked.device].executed.get(&id.0.to_string());
    let lives = lives.map(Vec::as_slice).unwrap_or_default();
    let answered = succeeded(asked, Code::CHANGED).is_some();
    assert!(!answered || lives.len() == 1, "operation {}: answered, executed in lives {lives:?}", id.0);
    // A device that has lost its power cannot know what it did before.
    let once_each = lives.iter().all(|life| lives.iter().filter(|other| *other == life).count() == 1);
    assert!(once_each, "operation {}: executed in lives {lives:?}", id.0);
}

/// What the server shows as observed, the client notifies, and the server knows the newest value.
///
/// One exception, and how often it came up: an Observe that is overtaken by the one after the next Register leaves the
/// client with a token that the server has forgotten. Its notification is answered with Reset, as it must be, and then
/// the client observes nothing.
fn what_is_observed_is_known(world: &mut World) -> usize {
    let mut given_up = 0;
    assert_eq!(world.server.observation_count(), world.observed.len());
    for device in 0..world.devices.len() {
        world.set_temperature(device);
    }
    world.pass(NOTIFIED);
    for (index, device) in world.devices.iter().enumerate() {
        let told = world.observed.get(&index);
        if told.is_some() && device.client.observations() == 0 && world.strangers.contains(&index) {
            given_up += 1;
            continue;
        }
        assert_eq!(device.client.observations(), usize::from(told.is_some()), "{}", device.endpoint);
        if let Some(told) = told {
            assert_eq!(told.latest, Some(device.temperature()), "the newest value of {}", device.endpoint);
        }
    }
    given_up
}

/// On a good network everything works at once, whatever came before.
fn what_is_asked_now_is_answered(world: &mut World) {
    for device in 0..world.devices.len() {
        let started = world.devices[device].started;
        let observe = Operation::Observe { path: TEMPERATURE, accept: None, parameters: None };
        let read = Operation::Read { path: TEMPERATURE, accept: None };
        let cancel = Operation::CancelObservation { path: TEMPERATURE, how: Cancellation::Active };
        for operation in [observe, read, cancel] {
            let id = world.operate(device, operation, EXCHANGE);
            world.pass(Duration::from_secs(5));
            let asked = &world.asked[&id];
            match asked.results.as_slice() {
                [Ok(answer)] if started && answer.code == Code::CONTENT => {}
                [Err(OperationError::UnknownClient { .. })] if !started => {}
                other => panic!("operation {}: {other:?}", id.0),
            }
        }
    }
    assert_eq!(world.server.observation_count(), 0);
    for device in &world.devices {
        assert_eq!(device.client.observations(), 0, "{}", device.endpoint);
    }
}

/// When all devices have left, nothing waits for anything any more.
fn nothing_is_left(world: &mut World) {
    for device in 0..world.devices.len() {
        world.stop(device);
    }
    // RFC 7252 §4.8.2: EXCHANGE_LIFETIME, after which no message is remembered.
    world.pass(Duration::from_secs(247) + 2 * EXCHANGE);
    assert_eq!(world.server.registration_count(), 0);
    assert_eq!(world.server.poll_timeout(), None);
    for device in &world.devices {
        assert!(device.client.is_stopped(), "{}", device.endpoint);
        assert_eq!(device.client.poll_timeout(), None, "{}", device.endpoint);
    }
    assert_eq!(world.network.next_delivery(), None);
}

fn succeeded(asked: &Asked, code: Code) -> Option<&Answer> {
    match asked.results.as_slice() {
        [Ok(answer)] if answer.code == code => Some(answer),
        _ => None,
    }
}
