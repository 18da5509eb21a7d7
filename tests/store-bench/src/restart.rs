//! How long a server that was killed takes until it answers again.

use std::{
    io::{Error, ErrorKind},
    net::UdpSocket,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use core_bench::{
    device::Device,
    load::{self, AT_ONCE},
    server::Server,
};

/// Each with a value that it has sent.
const REGISTRATIONS: usize = 50_000;

const AIM: Duration = Duration::from_secs(1);

/// The server has failed when it takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a device that hears nothing renews its registration.
const AGAIN: Duration = Duration::from_millis(1);

const REPEATS: usize = 3;

pub(crate) struct Restarted {
    /// From before the program is executed until an Update is acknowledged.
    answered: Vec<Duration>,
    /// Until REST has told how many clients there are.
    listed: Vec<Duration>,
    resident_bytes: u64,
}

pub(crate) fn measure(program: &Path, directory: &Path) -> Result<Restarted> {
    println!("\nRegistering {REGISTRATIONS} clients ...");
    let directory = directory.join("restarted");
    let mut server = Server::start(program, &directory)?;
    let coap = server.coap;
    let (mut device, socket) = fill(&server)?;
    socket.set_read_timeout(Some(AGAIN))?;
    let (mut answered, mut listed, mut resident_bytes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..REPEATS {
        // Killed, as all programs under measurement are.
        drop(server);
        let started = Instant::now();
        server = Server::start_on(program, &directory, coap)?;
        renew(&mut device, &socket)?;
        answered.push(started.elapsed());
        let clients = server.clients()?;
        listed.push(started.elapsed());
        ensure!(clients == REGISTRATIONS as u64, "{clients} of {REGISTRATIONS} clients are there");
        resident_bytes = server.program.resident_bytes()?;
    }
    Ok(Restarted { answered, listed, resident_bytes })
}

/// Everybody registers and sends a value; one of them, for later.
fn fill(server: &Server) -> Result<(Device, UdpSocket)> {
    let mut one = None;
    for first in (0..REGISTRATIONS).step_by(AT_ONCE) {
        let numbers = first..REGISTRATIONS.min(first + AT_ONCE);
        let (mut devices, sockets) = load::register(server.coap, numbers)?;
        let values = devices.iter_mut().map(Device::send_value).collect::<Result<Vec<_>>>()?;
        for answer in load::exchange(&sockets, &values)? {
            let code = coap::Message::decode(&answer)?.code;
            ensure!(code == coap::Code::CHANGED, "Send was answered {code}");
        }
        one = devices.into_iter().zip(sockets).next();
    }
    one.context("there is a device")
}

/// An Update that is sent until it is answered.
fn renew(device: &mut Device, socket: &UdpSocket) -> Result<()> {
    let (update, begin, mut buffer) = (device.update()?, Instant::now(), [0; 2048]);
    let nothing =
        |error: &Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionRefused);
    while begin.elapsed() < PATIENCE {
        match socket.send(&update).and_then(|_| socket.recv(&mut buffer)) {
            Ok(length) => {
                let answer = coap::Message::decode(&buffer[..length])?;
                // What an earlier server sent before it was killed.
                if answer.encode()?.get(2..4) == update.get(2..4) {
                    ensure!(answer.code == coap::Code::CHANGED, "Update was answered {}", answer.code);
                    return Ok(());
                }
            }
            Err(error) if nothing(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    bail!("the server does not answer")
}

pub(crate) fn print(restarted: &Restarted) {
    println!(
        "Restart after a kill with {REGISTRATIONS} registrations, each with a value in the history, from before the \
         program is executed ({REPEATS} times):"
    );
    for (what, taken) in [
        ("until an Update of a device is answered", &restarted.answered),
        ("until REST has counted all clients", &restarted.listed),
    ] {
        let each: Vec<_> = taken.iter().map(|taken| format!("{:.0} ms", taken.as_secs_f64() * 1e3)).collect();
        let worst = taken.iter().max().copied().unwrap_or_default();
        println!(
            "{what:<44} {:<28} {:>4.0} % of {} s",
            each.join(", "),
            100.0 * worst.as_secs_f64() / AIM.as_secs_f64(),
            AIM.as_secs()
        );
    }
    println!("Resident memory: {:.1} MB.", restarted.resident_bytes as f64 / 1e6);
}
