//! Datagrams from strangers, and what becomes of those of a device on their way, against a server with real keys.

use crate::{
    messages::{Hello, fragment, record, refragmented},
    script::Script,
    world::{STRANGERS, World},
};

/// Steps of one input: more than handshakes take, and few enough for many inputs.
const STEPS: usize = 64;

/// Change of keys, alert, handshake, data, data with a Connection ID, and one that is none.
const CONTENT_TYPES: [u8; 6] = [20, 21, 22, 23, 25, 0];

/// A byte for the mode of the device, then one for each step and what it needs.
pub fn dtls_handshake(data: &[u8]) {
    play(data).end();
}

pub(crate) fn play(data: &[u8]) -> World {
    let mut script = Script::new(data);
    let mut world = World::new(script.byte());
    for _ in 0..STEPS {
        if script.is_over() {
            break;
        }
        step(&mut world, &mut script);
        world.settle();
    }
    world
}

fn step(world: &mut World, script: &mut Script<'_>) {
    let action = script.byte();
    let who = usize::from(action >> 4) % STRANGERS;
    match action % 16 {
        0 => {
            let datagram = bytes(script).to_vec();
            world.stranger_sends(who, datagram);
        }
        1 | 2 => say_hello(world, script, who, action % 16 == 2),
        3 | 4 => say_more(world, script, who),
        5 => {
            let content_type = script.one_of(&CONTENT_TYPES);
            let epoch = script.byte() % 3;
            let sequence = u16::from(script.byte());
            world.stranger_sends(who, record(content_type, epoch, sequence, bytes(script)));
        }
        6 => world.device_connects(),
        direction @ 7..=13 => {
            let how = script.byte();
            world.carry(direction <= 10, |datagram| on_its_way(script, how, datagram));
        }
        14 => world.pass(u64::from(script.byte()) * 50),
        _ => match script.byte() % 4 {
            0 | 1 => world.device_sends(script.byte()),
            2 => world.server_sends(script.byte()),
            _ => world.device_closes(),
        },
    }
}

/// A byte for their number, the upper half of which stands for longer ones.
fn bytes<'a>(script: &mut Script<'a>) -> &'a [u8] {
    let length = match script.byte() {
        length @ ..0x80 => length.into(),
        length => usize::from(length - 0x70) << 3,
    };
    script.bytes(length)
}

/// With the cookie that the server has asked for, or with another.
fn say_hello(world: &mut World, script: &mut Script<'_>, who: usize, with_cookie: bool) {
    let [random, ids, suites, extensions] = [script.byte(), script.byte(), script.byte(), script.byte()];
    let session_id = script.bytes(usize::from(ids) % 33);
    let suites = script.bytes(usize::from(suites) % 64);
    let extensions = script.bytes(extensions.into());
    let cookie =
        if with_cookie { world.cookie_of(who) } else { script.bytes(usize::from(ids >> 6)).to_vec() };
    let hello = Hello { random: [random; 32], session_id, cookie: &cookie, suites, extensions };
    world.stranger_says_hello(who, hello.record(u16::from(with_cookie)), with_cookie);
}

/// A handshake message, or a part of one that may not be true.
fn say_more(world: &mut World, script: &mut Script<'_>, who: usize) {
    let [kind, number, how] = [script.byte(), script.byte(), script.byte()];
    let body = bytes(script);
    let (whole, offset) = match how % 4 {
        0 | 1 => (body.len(), 0),
        2 => (body.len() + usize::from(how), usize::from(how / 4)),
        _ => (usize::from(how) << 16, usize::from(how) << 8),
    };
    let message = fragment(kind, number.into(), whole, offset, body);
    world.stranger_sends(who, record(crate::messages::HANDSHAKE, 0, u16::from(number) + 2, &message));
}

/// What arrives in place of a datagram.
fn on_its_way(script: &mut Script<'_>, how: u8, mut datagram: Vec<u8>) -> Arrives {
    match how % 8 {
        0 | 1 => Arrives::Whole(vec![datagram]),
        2 => Arrives::Whole(Vec::new()),
        3 => Arrives::Whole(vec![datagram.clone(), datagram]),
        4 => {
            let at = (usize::from(script.byte()) << 2 | usize::from(how >> 6)) % datagram.len().max(1);
            if let Some(byte) = datagram.get_mut(at) {
                *byte ^= 1 << (how >> 3 & 7);
            }
            Arrives::Changed(vec![datagram])
        }
        5 => {
            datagram.truncate(usize::from(script.byte()) << 1);
            Arrives::Changed(vec![datagram])
        }
        6 => Arrives::Later(datagram),
        _ => Arrives::Whole(refragmented(&datagram).unwrap_or_else(|| vec![datagram])),
    }
}

pub(crate) enum Arrives {
    /// What was sent, as often as this.
    Whole(Vec<Vec<u8>>),
    Changed(Vec<Vec<u8>>),
    /// Behind what was sent since.
    Later(Vec<u8>),
}
