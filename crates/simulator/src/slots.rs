//! The smartcard slots of the devices: image files that come, change and go while the devices run.

use std::{collections::BTreeMap, fs, path::Path, time::Duration, time::SystemTime};

use coap::Instant;
use lwm2m_model::Registry;
use tracing::warn;

use crate::{fleet::Fleet, provision::smartcard};

/// How often the files are looked at. Devices look at their cards only when they Register or Update.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Which state of a file was read.
type Stamp = Option<(SystemTime, u64)>;

#[derive(Default)]
pub(crate) struct Slots {
    seen: BTreeMap<u32, Stamp>,
    next: Option<Instant>,
}

impl Slots {
    /// When to look again, if there are slots at all.
    pub(crate) fn poll_timeout(&self, fleet: &Fleet) -> Option<Instant> {
        fleet.has_slots().then_some(self.next).flatten()
    }

    /// Puts cards that are new, others or gone into the devices.
    pub(crate) fn look(&mut self, now: Instant, fleet: &mut Fleet, registry: &Registry) {
        if !fleet.has_slots() || self.next.is_some_and(|next| now < next) {
            return;
        }
        self.next = Some(now + LOOK_EVERY);
        for (device, file) in fleet.slots() {
            let stamp = stamp(&file);
            // What a device started with it has read by itself.
            let is_news = self.seen.insert(device, stamp).is_none_or(|before| before != stamp);
            if is_news {
                let card = smartcard::read(&file, registry).unwrap_or_else(|error| {
                    warn!("{error:#}");
                    Some(Vec::new())
                });
                fleet.insert_smartcard(now, device, card);
            }
        }
    }
}

fn stamp(file: &Path) -> Stamp {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
