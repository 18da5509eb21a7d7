use std::time::Duration;

use coap::Instant;
use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{Event, ObjectTree, TreeError};

use super::Device;
use crate::{
    download::{Download, Progress},
    objects::{Action, DeviceObject, Moment, Values},
};

/// The world of the device.
impl Device {
    /// When values move by themselves: only while somebody watches.
    pub(super) fn next_step(&self) -> Option<Instant> {
        (self.client.observations() > 0).then_some(self.advanced_at? + self.period)
    }

    pub(super) fn show_what_is_read(&mut self, now: Instant) {
        if self.advanced_at.is_none_or(|then| then + self.period <= now) {
            self.advance(now);
        }
        self.show(now, self.statistics.values());
    }

    /// Lets the world go on until `now`.
    pub(super) fn advance(&mut self, now: Instant) {
        let elapsed = self.advanced_at.map_or(Duration::ZERO, |then| now.saturating_duration_since(then));
        self.advanced_at = Some(now);
        let unix_s = Duration::from_millis(now.as_millis()).as_secs_f64();
        let moment = Moment { unix_s, elapsed_s: elapsed.as_secs_f64() };
        let mut values = self.object.advance(moment);
        values.extend(self.others.iter_mut().flat_map(|object| object.advance(moment)));
        self.disturb(now, &mut values);
        self.show(now, values);
    }

    pub(super) fn take_effect(&mut self, now: Instant, event: &Event) {
        match event {
            Event::Written { path, value } => {
                self.object.written(*path, value);
                self.statistics.written(*path, value);
                for object in &mut self.others {
                    object.written(*path, value);
                }
                if path.object_id() == Some(5) {
                    let action = self.firmware.written(now, *path, value);
                    self.follow_firmware(now, action);
                }
            }
            Event::Executed { path, .. } => {
                let mut values = self.object.executed(*path);
                values.extend(self.statistics.executed(now, *path));
                values.extend(self.others.iter_mut().flat_map(|object| object.executed(*path)));
                self.show(now, values);
                if path.object_id() == Some(5) {
                    let action = self.firmware.executed(now, *path);
                    self.follow_firmware(now, action);
                }
                if DeviceObject::restarts_on(*path) {
                    match self.server {
                        Some(_) => self.begin(now),
                        None => self.client.factory_reset(now),
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn follow_firmware(&mut self, now: Instant, action: Option<Action>) {
        let values = match action {
            Some(Action::Download { uri }) => {
                match Download::begin(now, &uri, self.dice.bytes()) {
                    Ok(download) => self.download = Some(Box::new(download)),
                    Err(failure) => self.firmware.downloaded(now, Err(failure)),
                }
                Values::new()
            }
            Some(Action::AbandonDownload) => {
                self.end_download();
                Values::new()
            }
            Some(Action::Reboot { version }) => {
                self.begin(now);
                DeviceObject::firmware_values(&version).into()
            }
            None => Values::new(),
        };
        self.show(now, values);
        self.show(now, self.firmware.values());
    }

    pub(super) fn poll_download(&mut self) -> Option<Progress> {
        self.download.as_mut()?.poll()
    }

    pub(super) fn end_download(&mut self) {
        self.closes_download |= self.download.take().is_some();
    }

    pub(super) fn show(&mut self, now: Instant, values: Values) {
        let object = &self.object;
        self.client.change(now, |tree| {
            for (path, value) in values {
                set(tree, path, value);
            }
            if let Err(error) = object.show_errors(tree) {
                tracing::error!(%error, "the error codes cannot be shown");
            }
        });
    }
}

/// Sets one value. A resource that the server has removed by a Replace stays away.
fn set(tree: &mut ObjectTree, path: Path, value: Value) {
    match tree.set(path, value) {
        Ok(_) | Err(TreeError::NotFound(_)) => {}
        // Only an incident of a scenario leads there; an instrument would show the end of its range as well.
        Err(TreeError::OutOfRange { .. }) => tracing::debug!(%path, "a value left its range"),
        Err(error) => tracing::error!(%error, "a profile made a value that its definition does not allow"),
    }
}
