//! Simulated devices within the server, so that there is something to see before the first device is at hand.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use lwm2m_model::Registry;
use lwm2m_simulator::{Profile, SimulatedDevices};

/// Simulated devices in all. Further ones are refused.
pub(crate) const DEVICES: u32 = 100;

pub(crate) struct Simulation {
    /// Nowhere when no device is managed here.
    server: Option<SocketAddr>,
    running: Mutex<Option<SimulatedDevices>>,
    refused: AtomicU64,
}

/// Why no further devices were started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SimulationError {
    #[error("there is room for {room} more simulated devices")]
    Full { room: u32 },
    #[error("this process manages no devices")]
    NoServer,
    #[error("the simulated devices cannot start: {0:#}")]
    Failed(anyhow::Error),
}

impl Simulation {
    /// Of devices that register at the address where the server takes datagrams.
    pub(crate) fn new(coap: Option<SocketAddr>) -> Self {
        let server = coap.map(|coap| match coap.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), coap.port()),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), coap.port()),
            _ => coap,
        });
        Self { server, running: Mutex::default(), refused: AtomicU64::new(0) }
    }

    /// Starts further devices and tells all that run.
    pub(crate) fn start(
        &self,
        profile: Profile,
        count: u32,
        registry: Arc<Registry>,
    ) -> Result<Vec<String>, SimulationError> {
        let server = self.server.ok_or(SimulationError::NoServer)?;
        let mut running = self.running();
        let devices = match running.take().filter(SimulatedDevices::can_go_on) {
            Some(devices) => devices,
            None => SimulatedDevices::start(server, registry).map_err(SimulationError::Failed)?,
        };
        let devices = running.insert(devices);
        let room = DEVICES - u32::try_from(devices.endpoints().len()).unwrap_or(DEVICES).min(DEVICES);
        if count > room {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(SimulationError::Full { room });
        }
        devices.add(profile, count);
        tracing::info!(count, %server, "simulated devices start");
        Ok(devices.endpoints().to_vec())
    }

    pub(crate) fn endpoints(&self) -> Vec<String> {
        self.running().as_ref().map(|devices| devices.endpoints().to_vec()).unwrap_or_default()
    }

    /// They de-register; this takes as long as that does.
    pub(crate) fn stop(&self) {
        // Not under the lock: who asks for a list meanwhile need not wait.
        let running = self.running().take();
        if let Some(devices) = running {
            devices.stop();
        }
    }

    /// How often there was no room for more.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn running(&self) -> MutexGuard<'_, Option<SimulatedDevices>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
