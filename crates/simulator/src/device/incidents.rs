use std::time::Duration;

use coap::Instant;
use lwm2m_codec::{Path, Value};

use super::Device;
use crate::{
    objects::{Values, whole},
    scenario::Incident,
};

/// A value that is not what it would be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disturbance {
    path: Path,
    by: f64,
    /// None for good.
    until: Option<Instant>,
}

/// Steps add up; beyond so many the oldest is forgotten.
const DISTURBANCES: usize = 16;

impl Device {
    /// Something happens to the device. What makes it register anew does so `delay` later.
    pub(crate) fn suffer(&mut self, now: Instant, incident: &Incident, delay: Duration) {
        let seconds = |for_s: u32| Duration::from_secs(for_s.into());
        match incident {
            Incident::PowerOutage { for_s } => {
                self.end_download();
                self.condition.lose_power(now, seconds(*for_s) + delay);
            }
            Incident::Reboot => self.condition.lose_power(now, delay),
            Incident::NetworkLoss { for_s } => self.condition.lose_network(now, seconds(*for_s)),
            Incident::Spike { path, by, for_s } => {
                self.add_disturbance(*path, *by, Some(now + seconds(*for_s)));
            }
            Incident::Step { path, by } => self.add_disturbance(*path, *by, None),
            Incident::ErrorRaised { code } => self.object.raise_error(*code),
            Incident::ErrorCleared { code } => self.object.clear_error(*code),
            Incident::FirmwareFault(fault) => self.firmware.set_fault(*fault),
        }
        self.show(now, Values::new());
    }

    fn add_disturbance(&mut self, path: Path, by: f64, until: Option<Instant>) {
        if self.disturbances.len() >= DISTURBANCES {
            self.disturbances.remove(0);
        }
        self.disturbances.push(Disturbance { path, by, until });
    }

    pub(super) fn disturb(&mut self, now: Instant, values: &mut Values) {
        self.disturbances.retain(|disturbance| disturbance.until.is_none_or(|until| now < until));
        for Disturbance { path, by, .. } in &self.disturbances {
            let affected = values.iter_mut().filter(|(at, _)| at == path);
            for (_, value) in affected {
                match value {
                    Value::Float(number) => *number += by,
                    Value::Integer(number) => *number = number.saturating_add(whole(*by)),
                    Value::Unsigned(number) => *number = number.saturating_add_signed(whole(*by)),
                    _ => {}
                }
            }
        }
    }
}
