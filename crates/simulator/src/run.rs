use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use coap::Instant;
use lwm2m_model::{Registry, read_definitions};
use tracing::{debug, info, warn};

use crate::{
    REGISTRY,
    arguments::Arguments,
    clock::Clock,
    fleet::{Fleet, Output},
    network::{Arrival, Line, Network, is_icmp},
    open_files,
    tally::Report,
};

/// When a De-register is not answered by then, the fleet leaves without.
const STOP_PATIENCE: Duration = Duration::from_millis(1_700);

/// Runs a fleet until the program is asked to end.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let server = arguments.server.resolve()?;
    let mut network = Network::open(server)?;
    // Before the fleet, so that a signal during the start is not lost.
    let asked = end_signal(&network)?;
    let scenario = arguments.scenario()?;
    let devices = scenario.devices();
    open_files::allow(if network.has_a_socket_for_each() { 2 * devices } else { devices });
    let registry = registry(&arguments.definitions)?;
    check_objects(&scenario, &registry)?;
    let clock = Clock::new();
    let mut fleet = Fleet::new(scenario, Arc::new(registry), server, clock.now());
    info!(devices, server = %arguments.server, "fleet starts");

    let mut report = Report::default();
    let mut leave_at: Option<Instant> = None;
    loop {
        send_all(&mut fleet, &mut network, clock);
        report.tell(clock.now(), fleet.tally());
        if let Some(leave_at) = leave_at {
            let remaining = fleet.remaining();
            if remaining == 0 {
                return Ok(());
            }
            if leave_at <= clock.now() {
                warn!(devices = remaining, "not all devices could de-register in time");
                return Ok(());
            }
        }
        let due = [fleet.poll_timeout(), report.next(), leave_at].into_iter().flatten().min();
        network.wait(due.map(|due| clock.until(due)))?;
        network.receive(|device, line, arrival| fleet.handle(clock.now(), device, line, arrival));
        fleet.handle_timeout(clock.now())?;
        if leave_at.is_none() && asked.load(Ordering::Relaxed) {
            if arguments.no_deregister {
                info!("fleet ends without de-registering");
                return Ok(());
            }
            info!("fleet de-registers");
            fleet.stop(clock.now());
            leave_at = Some(clock.now() + STOP_PATIENCE);
        }
    }
}

fn send_all(fleet: &mut Fleet, network: &mut Network, clock: Clock) {
    while let Some(output) = fleet.poll() {
        match output {
            Output::Transmit { device, line, to, datagram } => {
                match network.send(device, line, to, &datagram) {
                    Err(error) if is_icmp(&error) && line == Line::Management => {
                        fleet.handle(clock.now(), device, line, Arrival::Unreachable);
                    }
                    // UDP may lose a datagram anywhere; here is one place more.
                    Err(error) => debug!(device, %error, "not sent"),
                    Ok(()) => {}
                }
            }
            Output::DownloadClosed { device } => network.close_download(device),
        }
    }
}

/// Turns true, and ends the waiting, when the program is asked to end.
fn end_signal(network: &Network) -> anyhow::Result<Arc<AtomicBool>> {
    let asked = Arc::new(AtomicBool::new(false));
    let (waker, asking) = (network.waker()?, asked.clone());
    ctrlc::set_handler(move || {
        asking.store(true, Ordering::Relaxed);
        // Without being woken the loop finds out a little later.
        drop(waker.wake());
    })?;
    Ok(asked)
}

/// The bundled definitions, and those of the files.
fn registry(files: &[PathBuf]) -> anyhow::Result<Registry> {
    let mut registry = Registry::from_bytes(REGISTRY).context("the bundled registry is broken")?;
    for path in files {
        let shown = path.display();
        let file = fs::read(path).with_context(|| format!("cannot read {shown}"))?;
        registry.add(read_definitions(&file).with_context(|| format!("{shown} defines no object"))?);
    }
    Ok(registry)
}

/// Better now than when the first device that has it starts.
fn check_objects(scenario: &crate::scenario::Scenario, registry: &Registry) -> anyhow::Result<()> {
    for group in &scenario.groups {
        for id in &group.objects {
            let group = &group.name;
            registry
                .object(*id)
                .with_context(|| format!("group {group:?}: the registry has no object {id}"))?;
        }
    }
    Ok(())
}
