use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, bail};
use lwm2m_model::{Registry, read_definitions};
use tracing::info;

use crate::{
    REGISTRY,
    arguments::Arguments,
    drive::Drive,
    network::Network,
    open_files,
    provision::{factory, smartcard},
    scenario::Scenario,
    server_address::ServerAddress,
    tally::Report,
};

/// Runs a fleet until the program is asked to end.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let (Some(image), Some((endpoint, factory))) = (&arguments.write_smartcard, arguments.factory()) {
        let records = factory::read(factory, endpoint, &registry(&arguments.definitions)?)?;
        return fs::write(image, smartcard::image(&records)?)
            .with_context(|| format!("cannot write {}", image.display()));
    }
    let server = arguments.server.resolve()?;
    let scenario = arguments.scenario()?;
    let bootstrap = scenario.groups.iter().find_map(|group| group.bootstrap.clone());
    let network = Network::open(bootstrap.as_ref().map_or(Ok(server), ServerAddress::resolve)?)?;
    // Before the fleet, so that a signal during the start is not lost.
    let asked = end_signal(&network)?;
    check_security(&scenario, &arguments.server)?;
    let devices = scenario.devices();
    open_files::allow(if network.has_a_socket_for_each() { 2 * devices } else { devices });
    let registry = registry(&arguments.definitions)?;
    check_objects(&scenario, &registry)?;
    for group in &scenario.groups {
        if let Some(file) = &group.factory {
            // Better now than when the first device starts.
            factory::read(file, "endpoint", &registry)?;
        }
    }
    let server_name = arguments.server.name().map(str::to_owned);
    let mut drive = Drive::start(network, scenario, Arc::new(registry), server, server_name);
    let server = bootstrap.as_ref().unwrap_or(&arguments.server);
    info!(devices, %server, "fleet starts");

    let mut report = Report::default();
    loop {
        drive.send();
        report.tell(drive.now(), drive.fleet.tally());
        if drive.has_left() {
            return Ok(());
        }
        drive.wait(report.next())?;
        if !drive.is_leaving() && asked.load(Ordering::Relaxed) {
            if arguments.no_deregister {
                info!("fleet ends without de-registering");
                return Ok(());
            }
            info!("fleet de-registers");
            drive.leave();
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

/// A device with a credential needs a server with security, and the other way round.
fn check_security(scenario: &Scenario, server: &ServerAddress) -> anyhow::Result<()> {
    for group in &scenario.groups {
        let name = &group.name;
        if group.bootstrap.is_none() && group.follows_sequence() {
            continue;
        }
        let server = group.bootstrap.as_ref().unwrap_or(server);
        match (&group.security, server.is_secure()) {
            (Some(_), false) => {
                bail!("group {name:?} has a credential: expected a server with coaps://, got {server}")
            }
            (None, true) => {
                bail!("{server}: expected a credential for group {name:?} (--psk, --rpk or --x509)")
            }
            _ => {}
        }
    }
    Ok(())
}

/// Better now than when the first device that has it starts.
fn check_objects(scenario: &Scenario, registry: &Registry) -> anyhow::Result<()> {
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
