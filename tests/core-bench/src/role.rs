//! The server role alone: no socket, no thread, a clock that is set by hand.

use std::{collections::VecDeque, time::Duration};

use anyhow::{Context as _, Result};
use coap::{Instant, TransmissionParameters};
use core_bench::{
    device::{Device, OBSERVED},
    program::own_cpu_time,
};
use lwm2m_core::{
    Peer,
    server::{Operation, OperationId, OperationRequest, Outcome, Output, Server},
};

use crate::{ALLOCATOR, whole::Costs};

const CLIENTS: usize = 20_000;
/// Updates and notifications of each client.
const ROUNDS: usize = 5;

/// What the role cost, per exchange in nanoseconds and per client in bytes.
#[derive(Debug)]
pub(crate) struct RoleCosts {
    register_ns: f64,
    update_ns: f64,
    notify_ns: f64,
    /// While the Register is remembered for deduplication, and after it is forgotten.
    fresh_bytes: usize,
    settled_bytes: usize,
}

/// The role with a store that keeps everything at once.
struct World {
    server: Server,
    now: Instant,
    sent: VecDeque<Vec<u8>>,
}

impl World {
    fn drain(&mut self) {
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit { datagram, .. } => self.sent.push_back(datagram),
                Output::Persist { ticket, .. } => self.server.persisted(self.now, ticket, Outcome::Stored),
                _ => {}
            }
        }
    }

    fn exchange(&mut self, peer: Peer, datagram: &[u8]) -> Result<Vec<u8>> {
        self.server.handle_datagram(self.now, peer, datagram);
        self.drain();
        self.sent.pop_front().context("the role does not answer")
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.server.handle_timeout(self.now);
        self.drain();
    }
}

pub(crate) fn measure() -> Result<RoleCosts> {
    println!("\nMeasuring the server role alone ...");
    let server = Server::new(TransmissionParameters::default(), [1; 32]);
    let mut world = World { server, now: Instant::from_millis(1_000_000), sent: VecDeque::new() };
    let mut devices: Vec<_> = (0..CLIENTS).map(Device::new).collect();
    let peers: Vec<_> = (0..CLIENTS as u32).map(peer).collect();

    let registers = devices.iter_mut().map(Device::register).collect::<Result<Vec<_>>>()?;
    let before = ALLOCATOR.current_usage();
    let mut answers = Vec::with_capacity(CLIENTS);
    let spare = ALLOCATOR.current_usage() - before;
    let register_ns = timed(CLIENTS, || {
        for (peer, datagram) in peers.iter().zip(&registers) {
            answers.push(world.exchange(*peer, datagram)?);
        }
        Ok(())
    })?;
    let answer_bytes: usize = answers.iter().map(Vec::capacity).sum();
    let fresh_bytes = (ALLOCATOR.current_usage() - before - spare - answer_bytes) / CLIENTS;
    for (device, answer) in devices.iter_mut().zip(&answers) {
        device.registered(answer)?;
    }
    drop(answers);
    world.pass(Duration::from_secs(300));
    let devices_bytes: usize = devices.iter().map(Device::location_bytes).sum();
    let settled_bytes = (ALLOCATOR.current_usage() - before - devices_bytes) / CLIENTS;

    let update_ns = rounds(&mut world, &mut devices, &peers, Device::update)?;
    observe(&mut world, &mut devices, &peers)?;
    let notify_ns = rounds(&mut world, &mut devices, &peers, Device::notification)?;
    Ok(RoleCosts { register_ns, update_ns, notify_ns, fresh_bytes, settled_bytes })
}

fn peer(number: u32) -> Peer {
    let [_, high, middle, low] = (number + 1).to_be_bytes();
    Peer::NoSec(([127, 1 + high, middle, low], 5683).into())
}

/// Every device says something, a second passes, and so on.
fn rounds(
    world: &mut World,
    devices: &mut [Device],
    peers: &[Peer],
    message: fn(&mut Device) -> Result<Vec<u8>>,
) -> Result<f64> {
    let mut total_ns = 0.0;
    for _ in 0..ROUNDS {
        let datagrams = devices.iter_mut().map(message).collect::<Result<Vec<_>>>()?;
        total_ns += timed(datagrams.len(), || {
            for (peer, datagram) in peers.iter().zip(&datagrams) {
                world.exchange(*peer, datagram)?;
            }
            Ok(())
        })?;
        world.pass(Duration::from_secs(1));
    }
    Ok(total_ns / ROUNDS as f64)
}

fn observe(world: &mut World, devices: &mut [Device], peers: &[Peer]) -> Result<()> {
    for (number, (device, peer)) in devices.iter_mut().zip(peers).enumerate() {
        let request = OperationRequest {
            id: OperationId(number as u64),
            endpoint: device.endpoint.clone(),
            operation: Operation::Observe { path: OBSERVED.parse()?, accept: None, parameters: None },
            timeout: Duration::from_secs(93),
            force: false,
        };
        world.server.operate(world.now, request);
        world.drain();
        let asked = world.sent.pop_front().context("no Observe came")?;
        let answer = device.observe(&asked)?;
        world.server.handle_datagram(world.now, *peer, &answer);
        world.drain();
    }
    Ok(())
}

/// CPU time of `act` for each of `exchanges`.
fn timed(exchanges: usize, act: impl FnOnce() -> Result<()>) -> Result<f64> {
    let before = own_cpu_time()?;
    act()?;
    Ok((own_cpu_time()? - before).as_nanos() as f64 / exchanges as f64)
}

pub(crate) fn print(role: &RoleCosts, echo: &Costs) {
    println!("The server role alone, {CLIENTS} clients, a store that answers at once:");
    println!("{:<14} {:>14} {:>24}", "", "CPU ns each", "of the echo's CPU time");
    let lines = [
        ("Register", role.register_ns, echo.register),
        ("Update", role.update_ns, echo.update),
        ("Notify (CON)", role.notify_ns, echo.notify),
    ];
    for (name, ns, echo) in lines {
        println!("{name:<14} {ns:>14.0} {:>22.2} ×", ns / echo.cpu_ns);
    }
    println!(
        "Memory per registered client: {} bytes, and {} while its Register is remembered for deduplication (247 s).",
        role.settled_bytes, role.fresh_bytes
    );
}
