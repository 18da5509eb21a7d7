//! `lwm2m-simulator`: fleets of simulated LwM2M devices on the client role of `lwm2m-core`.
//!
//! A [`device::Device`] is a client and a little world that moves its values; [`drive::drive`] runs one of them on
//! its own UDP socket; the [`profile`]s say what kinds of devices there are.

mod arguments;
mod clock;
mod device;
mod dice;
mod drive;
mod open_files;
mod profile;
mod server_address;
mod signal;
mod tally;

use std::{io::IsTerminal, sync::Arc, time::Duration};

use anyhow::Context;
use arguments::Arguments;
use clap::Parser;
use clock::Clock;
use device::Device;
use drive::{Delay, Surroundings, drive, open_socket};
use lwm2m_core::Peer;
use lwm2m_model::Registry;
use tally::Tally;
use tokio::{sync::watch, task::JoinSet, time::timeout};
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

/// Definitions of all objects.
const REGISTRY: &[u8] = include_bytes!("../../../assets/registry/registry.bin");

/// Registrations per second at the start of a fleet.
const STARTS_PER_S: u32 = 400;
/// The De-registers of a fleet are spread over at most this long.
const STOP_SPREAD: Duration = Duration::from_millis(700);
/// A device more is stopped this much later.
const STOP_STEP: Duration = Duration::from_micros(350);
/// When a De-register is not answered by then, the fleet leaves without.
const STOP_PATIENCE: Duration = Duration::from_millis(1_700);

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let ansi = std::io::stdout().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_ansi(ansi).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    // Before anything else, so that a signal during the start is not lost.
    let end = end_signal()?;
    let server = arguments.server.resolve().await?;
    open_files::allow(arguments.clients);
    let registry = Arc::new(Registry::from_bytes(REGISTRY).context("the bundled registry is broken")?);
    let (stop_sender, stop) = watch::channel(false);
    let tally = Arc::new(Tally::default());
    let surroundings = Surroundings { clock: Clock::new(), period: arguments.period(), tally, stop };
    let mut fleet = JoinSet::new();
    for number in 0..arguments.clients {
        let device = Device::new(&arguments, registry.clone(), number, Peer::NoSec(server))?;
        let socket = open_socket(server).await.with_context(|| {
            format!("device {} of {}: is the limit of open files too low?", number + 1, arguments.clients)
        })?;
        fleet.spawn(drive(device, socket, surroundings.clone(), delay(number, arguments.clients)));
    }
    info!(clients = arguments.clients, server = %arguments.server, lwm2m = %arguments.lwm2m.version(), "fleet starts");
    tokio::select! {
        () = surroundings.tally.report(arguments.clients as usize) => {}
        () = end => {}
    }
    if arguments.no_deregister {
        info!("fleet ends without de-registering");
        return Ok(());
    }
    info!("fleet de-registers");
    stop_sender.send_replace(true);
    let all_ended = async { while fleet.join_next().await.is_some() {} };
    if timeout(STOP_PATIENCE, all_ended).await.is_err() {
        warn!(devices = fleet.len(), "not all devices could de-register in time");
    }
    Ok(())
}

fn delay(number: u32, clients: u32) -> Delay {
    let stop_step = STOP_STEP.min(STOP_SPREAD / clients);
    Delay { start: Duration::from_secs(1) * number / STARTS_PER_S, stop: stop_step * number }
}

/// Completes when the program is asked to end.
#[cfg(unix)]
fn end_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes when the program is asked to end.
#[cfg(not(unix))]
fn end_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a way to be asked, the fleet runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
