use std::{
    net::SocketAddr,
    ops::Range,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread::JoinHandle,
};

use anyhow::Context;
use lwm2m_model::Registry;
use mio::Waker;
use tracing::error;

use crate::{
    arguments::Enabler,
    dice::Dice,
    drive::Drive,
    network::Network,
    open_files,
    profile::{Profile, design},
    scenario::{Group, Scenario},
};

/// Decides what the devices are like. Another one than the program has, so that both can run beside each other.
const SEED: u64 = 0x636f_6e73_6f6c_6500;

/// What all devices speak.
const ENABLER: Enabler = Enabler::V1_1;

/// Files that a device may need besides its socket: a download of firmware.
const OPEN_FILES_PER_DEVICE: u32 = 2;

/// Devices that run within this process, on a thread of their own, until they are stopped.
pub struct SimulatedDevices {
    endpoints: Vec<String>,
    further: Sender<Further>,
    waker: Arc<Waker>,
    thread: JoinHandle<()>,
}

struct Further {
    profile: Profile,
    numbers: Range<u32>,
}

impl SimulatedDevices {
    /// None yet. Those to come have the objects of `registry`.
    pub fn start(server: SocketAddr, registry: Arc<Registry>) -> anyhow::Result<Self> {
        let network = Network::open(server)?;
        let empty = Scenario { seed: SEED, groups: Vec::new(), events: Vec::new() };
        let drive = Drive::start(network, empty, registry, server, None);
        let waker = drive.waker().context("cannot wake the devices")?;
        let (further, coming) = channel();
        let thread = std::thread::Builder::new().name("devices".into()).spawn(move || {
            if let Err(error) = run(drive, &coming) {
                error!("the simulated devices have stopped: {error:#}");
            }
        })?;
        Ok(Self { endpoints: Vec::new(), further, waker, thread })
    }

    /// Starts further devices. A mixed profile goes on where it stopped.
    pub fn add(&mut self, profile: Profile, count: u32) {
        let first = u32::try_from(self.endpoints.len()).unwrap_or(u32::MAX);
        let numbers = first..first.saturating_add(count);
        self.endpoints.extend(numbers.clone().map(|number| endpoint(profile, number)));
        open_files::allow(OPEN_FILES_PER_DEVICE * numbers.end);
        // A thread that has failed said so.
        drop(self.further.send(Further { profile, numbers }));
        drop(self.waker.wake());
    }

    /// Endpoint Client Names of all that were started; none when they could not go on.
    pub fn endpoints(&self) -> &[String] {
        if self.can_go_on() { &self.endpoints } else { &[] }
    }

    pub fn can_go_on(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Lets the devices de-register, as far as they do so in time.
    pub fn stop(self) {
        drop(self.further);
        drop(self.waker.wake());
        if self.thread.join().is_err() {
            error!("the thread of the simulated devices failed");
        }
    }
}

/// Until nobody can ask for further devices.
fn run(mut drive: Drive, coming: &Receiver<Further>) -> anyhow::Result<()> {
    loop {
        match coming.try_recv() {
            Ok(further) => {
                let now = drive.now();
                drive.fleet.add(now, group(&further), further.numbers);
                continue;
            }
            Err(TryRecvError::Disconnected) if !drive.is_leaving() => drive.leave(),
            Err(_) => {}
        }
        drive.send();
        if drive.has_left() {
            return Ok(());
        }
        drive.wait(None)?;
    }
}

fn group(further: &Further) -> Group {
    let Further { profile, numbers } = further;
    let count = numbers.end - numbers.start;
    Group { count, profile: *profile, lwm2m: ENABLER, seed: Some(SEED), ..Group::named("devices") }
}

fn endpoint(profile: Profile, number: u32) -> String {
    let mut dice = Dice::new(SEED, number.into());
    design(profile.kind(number), ENABLER.version(number), &mut dice).endpoint
}

#[cfg(test)]
mod tests {
    use std::{net::UdpSocket, time::Duration};

    use coap::{Code, Message};

    use super::*;
    use crate::profile::tests::registry;

    #[test]
    fn profiles_have_names() {
        assert_eq!(Profile::named("cold-chain"), Some(Profile::ColdChain));
        assert_eq!(Profile::named("toaster"), None);
        assert_eq!(Profile::names()[..2], ["demo", "sensor"]);
    }

    #[test]
    fn devices_register_under_the_names_told_and_go_on_where_they_stopped() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        server.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut devices = SimulatedDevices::start(server.local_addr().unwrap(), registry()).unwrap();
        devices.add(Profile::Demo, 2);
        devices.add(Profile::Meter, 1);
        let mut told: Vec<String> = devices.endpoints().to_vec();
        let mut registered = std::collections::BTreeSet::new();
        let mut buffer = [0; 2048];
        while registered.len() < 3 {
            let (length, _) = server.recv_from(&mut buffer).unwrap();
            let message = Message::decode(&buffer[..length]).unwrap();
            assert_eq!(message.code, Code::POST);
            let queries = message.options.uri_query().unwrap();
            let endpoint = queries.iter().find_map(|query| query.strip_prefix("ep=")).unwrap();
            registered.insert(endpoint.to_owned());
        }
        told.sort();
        assert_eq!(registered.into_iter().collect::<Vec<_>>(), told);
        devices.stop();
    }
}
