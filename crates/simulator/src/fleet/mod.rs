mod news;
#[cfg(test)]
mod tests;
mod timeline;

use std::{
    collections::{BTreeSet, VecDeque},
    net::SocketAddr,
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use coap::Instant;
use lwm2m_codec::Record;
use lwm2m_core::client::Event;
use lwm2m_model::Registry;
use tracing::info;

use crate::{
    device::{self, Blueprint, Device},
    network::{Arrival, Line},
    scenario::{Group, Scenario},
    tally::Tally,
};
use news::tell;
use timeline::Timeline;

/// All devices, driven by one order of deadlines. Nothing here knows of sockets or clocks.
pub(crate) struct Fleet {
    scenario: Scenario,
    registry: Arc<Registry>,
    server: SocketAddr,
    server_name: Option<String>,
    slots: Vec<Slot>,
    /// When which device wants to be called.
    agenda: BTreeSet<(Instant, u32)>,
    timeline: Timeline,
    outputs: VecDeque<Output>,
    tally: Tally,
}

/// What the fleet wants done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Transmit {
        device: u32,
        line: Line,
        to: SocketAddr,
        datagram: Vec<u8>,
    },
    /// A device has nothing to say there any more.
    LineClosed {
        device: u32,
        to: SocketAddr,
    },
    DownloadClosed {
        device: u32,
    },
}

/// The place of a device, which is built when it starts.
struct Slot {
    group: usize,
    /// Within its group.
    number: u32,
    device: Option<Box<Device>>,
    plan: Option<(Instant, Plan)>,
    due: Option<Instant>,
    /// The share of the device in the tally.
    registered: bool,
    observations: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Start,
    Stop,
}

/// Registrations per second at the start of a fleet.
const STARTS_PER_S: u32 = 400;
/// The De-registers of a fleet are spread over at most this long.
const STOP_SPREAD: Duration = Duration::from_millis(700);
/// A device more is stopped this much later.
const STOP_STEP: Duration = Duration::from_micros(350);
/// Devices that are called before the network has its turn again.
const TURN: usize = 64;

impl Fleet {
    /// Devices start one after the other from `now` on.
    pub(crate) fn new(
        scenario: Scenario,
        registry: Arc<Registry>,
        server: SocketAddr,
        server_name: Option<String>,
        now: Instant,
    ) -> Self {
        let counts: Vec<u32> = scenario.groups.iter().map(|group| group.count).collect();
        let timeline = Timeline::new(&scenario.events, now);
        let mut fleet = Self {
            scenario,
            registry,
            server,
            server_name,
            slots: Vec::new(),
            agenda: BTreeSet::new(),
            timeline,
            outputs: VecDeque::new(),
            tally: Tally::default(),
        };
        for (group, count) in counts.into_iter().enumerate() {
            let start = now + spread(fleet.devices());
            fleet.plan_starts(now, start, group, 0..count);
        }
        fleet
    }

    /// Further devices of a group of their own, which start one after the other from `now` on. They are designed by
    /// their numbers.
    pub(crate) fn add(&mut self, now: Instant, group: Group, numbers: Range<u32>) {
        self.scenario.groups.push(group);
        let group = self.scenario.groups.len() - 1;
        self.plan_starts(now, now, group, numbers);
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Something came for a device, from this address.
    pub(crate) fn handle(
        &mut self,
        now: Instant,
        device: u32,
        line: Line,
        from: SocketAddr,
        arrival: Arrival<'_>,
    ) {
        let Some(target) = self.device_mut(device) else { return };
        match arrival {
            Arrival::Datagram(datagram) => {
                target.handle_datagram(now, line, from, datagram);
                self.tally.received += 1;
            }
            Arrival::Unreachable if line == Line::Management => target.handle_unreachable(now),
            // A download ends by itself when nobody answers.
            Arrival::Unreachable => {}
        }
        self.settle(now, device);
    }

    pub(crate) fn has_slots(&self) -> bool {
        self.scenario.groups.iter().any(|group| group.smartcard.is_some())
    }

    /// The devices that have started and have a slot for a smartcard, and the image file of each.
    pub(crate) fn slots(&self) -> Vec<(u32, PathBuf)> {
        let slot = |(number, slot): (u32, &Slot)| {
            let endpoint = slot.device.as_ref()?.endpoint();
            Some((number, self.scenario.groups.get(slot.group)?.smartcard_of(endpoint)?))
        };
        (0..).zip(&self.slots).filter_map(slot).collect()
    }

    pub(crate) fn insert_smartcard(&mut self, now: Instant, device: u32, card: Option<Vec<Record>>) {
        if let Some(target) = self.device_mut(device) {
            target.insert_smartcard(now, card);
            self.settle(now, device);
        }
    }

    /// Calls the devices that are due, as many as have a turn.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> anyhow::Result<()> {
        while let Some(event) = self.timeline.take_due(&self.scenario.events, now) {
            self.happen(now, event);
        }
        for _ in 0..TURN {
            let Some(&(due, device)) = self.agenda.first() else { break };
            if now < due {
                break;
            }
            self.call(now, device)?;
        }
        Ok(())
    }

    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let device = self.agenda.first().map(|(due, _)| *due);
        device.into_iter().chain(self.timeline.next()).min()
    }

    /// All devices de-register, one after the other. Those that have not started never will.
    pub(crate) fn stop(&mut self, now: Instant) {
        self.timeline = Timeline::default();
        let step = STOP_STEP.min(STOP_SPREAD / self.devices().max(1));
        for device in 0..self.devices() {
            if self.device_mut(device).is_some() {
                self.plan(now, device, (now + step * device, Plan::Stop));
            } else if let Some(slot) = self.slots.get_mut(device as usize) {
                slot.plan = None;
                self.settle(now, device);
            }
        }
    }

    /// Devices that are not done with de-registering.
    pub(crate) fn remaining(&self) -> usize {
        let is_there = |slot: &&Slot| {
            slot.plan.is_some() || slot.device.as_ref().is_some_and(|device| !device.client().is_stopped())
        };
        self.slots.iter().filter(is_there).count()
    }

    fn call(&mut self, now: Instant, device: u32) -> anyhow::Result<()> {
        let Some(slot) = self.slots.get_mut(device as usize) else { return Ok(()) };
        match slot.plan.take_if(|(due, _)| *due <= now) {
            Some((_, Plan::Start)) => {
                let (group, number) = (slot.group, slot.number);
                let mut built = self.build(group, number)?;
                built.start(now);
                self.slots[device as usize].device = Some(Box::new(built));
            }
            Some((_, Plan::Stop)) => {
                if let Some(device) = &mut slot.device {
                    device.stop(now);
                }
            }
            None => {
                if let Some(device) = &mut slot.device {
                    device.handle_timeout(now);
                }
            }
        }
        self.settle(now, device);
        Ok(())
    }

    fn build(&self, group: usize, number: u32) -> anyhow::Result<Device> {
        let blueprint = Blueprint {
            group: &self.scenario.groups[group],
            registry: self.registry.clone(),
            server: self.server,
            server_name: self.server_name.as_deref(),
            seed: self.scenario.seed_of(group),
        };
        blueprint.build(number)
    }

    /// An event of the scenario. What makes devices register anew is spread like their start.
    fn happen(&mut self, now: Instant, event: usize) {
        let Some(event) = self.scenario.events.get(event) else { return };
        let incident = event.incident.clone();
        let concerns: Vec<bool> = self.scenario.groups.iter().map(|group| event.concerns(group)).collect();
        info!(group = event.group.as_deref().unwrap_or("all"), incident = ?incident, "it happens");
        let mut affected = 0;
        for device in 0..self.devices() {
            let Some(slot) = self.slots.get_mut(device as usize) else { continue };
            if let (Some(target), true) = (&mut slot.device, concerns[slot.group]) {
                target.suffer(now, &incident, spread(affected));
                affected += 1;
                self.settle(now, device);
            }
        }
    }

    /// Takes what a device wants done, and notes when it wants to be called next.
    fn settle(&mut self, now: Instant, number: u32) {
        let Some(slot) = self.slots.get_mut(number as usize) else { return };
        if let Some(device) = &mut slot.device {
            while let Some(output) = device.poll(now) {
                match output {
                    device::Output::Transmit { line, to, datagram } => {
                        self.tally.sent += 1;
                        self.outputs.push_back(Output::Transmit { device: number, line, to, datagram });
                    }
                    device::Output::LineClosed { to } => {
                        self.outputs.push_back(Output::LineClosed { device: number, to });
                    }
                    device::Output::DownloadClosed => {
                        self.outputs.push_back(Output::DownloadClosed { device: number });
                    }
                    device::Output::Event(event) => {
                        self.tally.bootstrapped += usize::from(event == Event::Bootstrapped);
                        tell(device.endpoint(), &event);
                    }
                }
            }
            let (registered, observations) =
                (device.client().is_registered(), device.client().observations());
            self.tally.registered -= usize::from(std::mem::replace(&mut slot.registered, registered));
            self.tally.registered += usize::from(registered);
            self.tally.observations -= std::mem::replace(&mut slot.observations, observations);
            self.tally.observations += observations;
        }
        let own = slot.device.as_ref().and_then(|device| device.poll_timeout());
        let due = own.into_iter().chain(slot.plan.map(|(due, _)| due)).min();
        if let Some(before) = std::mem::replace(&mut slot.due, due) {
            self.agenda.remove(&(before, number));
        }
        self.agenda.extend(due.map(|due| (due, number)));
    }

    fn plan_starts(&mut self, now: Instant, start: Instant, group: usize, numbers: Range<u32>) {
        for (position, number) in (0..).zip(numbers) {
            let device = self.devices();
            self.slots.push(Slot::planned(group, number));
            self.tally.devices += 1;
            self.plan(now, device, (start + spread(position), Plan::Start));
        }
    }

    fn plan(&mut self, now: Instant, device: u32, plan: (Instant, Plan)) {
        if let Some(slot) = self.slots.get_mut(device as usize) {
            slot.plan = Some(plan);
            self.settle(now, device);
        }
    }

    fn devices(&self) -> u32 {
        u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }

    fn device_mut(&mut self, device: u32) -> Option<&mut Device> {
        self.slots.get_mut(device as usize)?.device.as_deref_mut()
    }
}

impl Slot {
    fn planned(group: usize, number: u32) -> Self {
        Self { group, number, device: None, plan: None, due: None, registered: false, observations: 0 }
    }
}

/// When the device of this number registers, after the first does.
fn spread(number: u32) -> Duration {
    Duration::from_secs(1) * number / STARTS_PER_S
}
